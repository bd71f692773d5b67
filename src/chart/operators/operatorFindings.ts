import { tryParseReference } from "../../image/reference";
import { matchesWildcard } from "../../image/wildcard";
import type { Json, JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import type { Finding } from "../../plan/relocationPlan";
import { PROGRAM_WORDS, type SettingWords } from "../../settingWords";
import { isMap, valueMaps } from "../content/valuePaths";
import { identityOf, type Manifest } from "../render/kubernetesManifest";
import { OPERATORS, type OperatorDefaults, type OperatorImage } from "./operatorDefaults";
import { podImages } from "../find/podImages";
import { repositoryName } from "../find/valueImages";

/** Which images the user has named already, so that no finding is needed for them. */
export interface OperatorFindingOptions {
  /** References that the user named. */
  readonly extraImages?: readonly string[];
  /** References that may stay outside: exact texts, `*` for any characters. */
  readonly ignoreImages?: readonly string[];
  readonly words?: SettingWords;
}

/**
 * Tells of images that operators of the render have compiled into them, where nothing of the chart names them or sets others.
 * They are no facts: only the operator knows whether it will pull them, and mostly with which tag.
 *
 * @param found what was found in the render
 */
export function operatorFindings(
  manifests: readonly Manifest[],
  found: readonly { readonly reference: string }[],
  { extraImages = [], ignoreImages = [], words = PROGRAM_WORDS }: OperatorFindingOptions,
): Finding[] {
  const named = new Set([...found.map(({ reference }) => reference), ...extraImages].map(repositoryName));
  const isSpokenFor = ({ repository }: OperatorImage): boolean =>
    named.has(repository) ||
    ignoreImages.some((pattern) => [repository, `${repository}:any`].some((text) => matchesWildcard(pattern, text)));
  const seen = new Set<string>();
  return manifests.flatMap(({ object, hook }) =>
    podImages(object).flatMap(({ path, text }): Finding[] => {
      const operator = operatorOf(text);
      if (!operator || seen.has(operator.repository)) return [];
      const images = operator.images.filter((image) => !isSpokenFor(image) && !isSet(image, object, manifests));
      if (images.length === 0) return [];
      seen.add(operator.repository);
      const identity = identityOf(object);
      return [
        {
          severity: "warning",
          code: "OPERATOR_DEFAULT_IMAGE",
          message:
            `${identity.kind} ${identity.name} runs ${text}, which may pull images that no object of this chart names: ` +
            `${images.map((image) => told(image, operator, text)).join("; ")}. ` +
            `Name what your objects need in ${words.extraImages}, with the tag, and set it there; or allow it with ${words.ignoreImages}`,
          image: text,
          location: { ...identity, path, evidence: "container", ...(hook !== undefined && { hook }) },
        },
      ];
    }),
  );
}

/** Names that say nothing of whose operator it is: then the rest has to be right as well. */
const COMMON_NAMES: readonly string[] = ["operator", "cluster-operator"];

function operatorOf(image: string): OperatorDefaults | undefined {
  const named = OPERATORS.filter(({ name }) => image.includes(name));
  // Most images are no operator's, and a reference takes longer to read than a text to search.
  if (named.length === 0) return undefined;
  const repository = repositoryName(image) ?? "";
  const organization = (operator: OperatorDefaults): string => operator.repository.split("/").at(-2) ?? "";
  const alike = named.filter(
    (operator) =>
      repository.endsWith(`/${operator.name}`) &&
      (!COMMON_NAMES.includes(operator.name) || repository.includes(organization(operator).replace(/operator$/, ""))),
  );
  return alike.find((operator) => repository.includes(`/${organization(operator)}/`)) ?? alike[0];
}

function told({ repository, tag, settings }: OperatorImage, operator: OperatorDefaults, image: string): string {
  const own = tryParseReference(image);
  const isOwn = repositoryName(image) === operator.repository;
  const exact = tag === "operator" && isOwn && own?.tag !== undefined ? `${repository}:${own.tag}` : undefined;
  const field =
    typeof tag === "object"
      ? `, whose tag is ${tag.of} of the objects that you make`
      : ", with a tag that it knows itself";
  return `${exact ?? repository + field} (set by ${settings.join(" or ")})`;
}

/** Whether the render sets an image: in the operator's own object, or in a ConfigMap. */
function isSet(
  { settings, settingsDefault }: OperatorImage,
  operator: JsonObject,
  manifests: readonly Manifest[],
): boolean {
  const configMaps = manifests.flatMap(({ object }) =>
    object.kind === "ConfigMap" || object.kind === "Secret" ? [object.data ?? null, object.stringData ?? null] : [],
  );
  return settings.some((setting) =>
    [...inContainers(operator, setting), ...configMaps.flatMap((data) => [...inData(data, setting)])].some(
      (value) => value === undefined || (value !== "" && value !== settingsDefault),
    ),
  );
}

/** What arguments and variables give a setting; undefined for what stands elsewhere. */
function* inContainers(operator: JsonObject, setting: string): Generator<string | undefined> {
  for (const { map } of valueMaps(operator))
    for (const list of [map.args, map.command, map.env])
      if (Array.isArray(list))
        for (const [i, item] of list.entries()) {
          if (isMap(item)) {
            if (item.name === setting) yield item.valueFrom === undefined ? textOf(item.value ?? "") : undefined;
          } else if (typeof item === "string" && setting.startsWith("--")) {
            // Go's flags have one dash or two, and their value behind a sign or as the next argument.
            const [flag = "", ...value] = item.split("=");
            if (flag === setting || flag === setting.slice(1))
              yield value.length > 0 ? value.join("=") : textOf(list[i + 1] ?? "");
          }
        }
}

/** What the keys of a ConfigMap give a setting, and lines of the files that it holds. */
function* inData(data: Json, setting: string): Generator<string | undefined> {
  if (!isMap(data)) return;
  const own = ownValue(data, setting);
  if (own !== undefined) yield textOf(own);
  for (const text of Object.values(data)) {
    if (typeof text !== "string") continue;
    for (const line of text.split("\n")) {
      const at = line.indexOf(`${setting}:`);
      // It may end the name of another key.
      if (at >= 0 && !/[\w-]$/.test(line.slice(0, at)))
        yield line
          .slice(at + setting.length + 1)
          .replace(/\s#.*$/, "")
          .replace(/["',}]/g, "")
          .trim();
    }
  }
}

/** What is no text is no value that can be told. */
const textOf = (value: Json): string | undefined => (typeof value === "string" ? value : undefined);
