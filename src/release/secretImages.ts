import type { Chart } from "../chart/content/chart";
import { formatValuePath, setAt, valueAt } from "../chart/content/valuePaths";
import { imagesThatFollow } from "../chart/compare/imagesThatFollow";
import { RenderError, type Render } from "../chart/render/render";
import { MirrorError, MirrorErrors } from "../error";
import type { JsonObject, JsonPath } from "../json";
import type { Finding, ImageLocation } from "../plan/relocationPlan";

/** A chart makes the name of an image of a secret value. `code` is `SECRET_NAMES_IMAGE`. */
export function secretNamesImage(chart: string, { kind, name, path }: ImageLocation): MirrorError {
  return new MirrorError(
    "SECRET_NAMES_IMAGE",
    `looking for the image at ${formatValuePath(path)} of ${kind} ${name} was refused: chart ${chart} makes its name of a ` +
      "value that is a secret, which the registry that is asked would learn",
    "Do not use a chart that you do not trust; where the value is no secret, give it as pulumi.unsecret(…)",
  );
}

/** What is rendered to find out whether secret values name images. */
export interface SecretTrial {
  readonly chart: Chart;
  readonly render: Render;
  readonly values: JsonObject;
  /** Where secrets stand in the values. */
  readonly secrets: readonly JsonPath[];
  readonly random?: () => number;
}

/**
 * Refuses charts that make the name of an image of a secret value, before any registry is asked for one: rendered with
 * other texts of the same shape in place of the secrets, all images must be the same.
 *
 * @returns a warning where that cannot be told, since the chart does not render so
 * @throws {MirrorError} `SECRET_NAMES_IMAGE`
 */
export async function refuseSecretImages({
  chart,
  render,
  values,
  secrets,
  random = Math.random,
}: SecretTrial): Promise<Finding[]> {
  const others = structuredClone(values);
  let standing = 0;
  for (const path of secrets) {
    const text = valueAt(values, path);
    if (typeof text !== "string") continue;
    setAt(others, path, alike(text, random));
    standing += 1;
  }
  if (standing === 0) return [];
  const { name } = chart.metadata;
  try {
    const images = await imagesThatFollow(chart, render, values, others);
    const errors = images.map(({ location }) => secretNamesImage(name, location));
    MirrorErrors.throwIfAny(`planning chart ${name}`, errors);
    return [];
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    return [
      {
        severity: "warning",
        code: "SECRETS_NOT_TRIED",
        message:
          `whether chart ${name} makes the name of an image of a secret value, which a registry would learn, is not known: ` +
          "it does not render with other texts in place of the secrets",
      },
    ];
  }
}

/** Another text with the same kinds of characters in the same places, which most checks of a chart take as well. */
function alike(text: string, random: () => number): string {
  const one = (from: string): string => from.charAt(Math.floor(random() * from.length));
  return text
    .replace(/[a-z]/g, () => one("abcdefghijklmnopqrstuvwxyz"))
    .replace(/[A-Z]/g, () => one("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    .replace(/[0-9]/g, () => one("123456789"));
}
