import { tryParseReference } from "../../image/reference";
import type { Finding } from "../../plan/relocationPlan";
import type { WrittenNumber } from "../content/writtenNumbers";
import { formatValuePath } from "../content/valuePaths";
import type { FoundImage } from "../find/foundImage";

/** The tags of images that were written without quotes, and became another text as numbers. */
export function numericTags(found: readonly FoundImage[], numbers: readonly WrittenNumber[]): Finding[] {
  const named = numbers.filter(({ path }) =>
    /tag|version/i.test(String(path.findLast((key) => typeof key === "string"))),
  );
  return found.flatMap(({ reference, location }) => {
    const tag = tryParseReference(reference)?.tag;
    const number = named.find(({ value }) => String(value) === tag);
    if (!number || tag === undefined) return [];
    const { path, written } = number;
    const place = formatValuePath(path);
    const lost =
      written === undefined
        ? `${place} is a number, of which ${tag} is left. Where it was written with more zeros, as ${tag}0, they are lost: give it as text ("${tag}0")`
        : `${place} is written as ${written} without quotes, a number to YAML, of which ${tag} is left. Quote it: ${String(path.at(-1))}: "${written}"`;
    return [
      {
        severity: written === undefined ? "info" : "warning",
        code: "TAG_IS_A_NUMBER",
        message: `${reference} is what the chart pulls, since ${lost}`,
        image: reference,
        location,
      },
    ];
  });
}
