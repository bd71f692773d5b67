import { printable } from "../../printable";
import { parseReference } from "../../image/reference";
import type { PlanReport, ReportedImage } from "./planReport";
import { count } from "./reportWords";

/** Mermaid draws no more than 500 edges and 50,000 characters unless told; long before that nobody reads it. */
const MOST_OBJECTS = 24;
const MOST_HOSTS = 12;
const MOST_NAMES = 3;
const LONGEST_NAME = 60;

/**
 * A picture of a release as GitHub and GitLab draw it ({@link https://mermaid.js.org/syntax/flowchart.html}): the registries that
 * its images come from, the mirror, and the objects that pull from there. It has no fence around it.
 */
export function mermaidGraph(report: PlanReport): string {
  const images = report.images.filter(({ change }) => change !== "gone");
  const lines = ["flowchart LR", `  mirror["${label(report.mirror)}"]`];
  const hosts = grouped(images, ({ source }) => [hostOf(source)]);
  limited([...hosts], MOST_HOSTS).forEach(([host, some], i) => {
    const fresh = some.filter(({ change }) => change !== "same").length;
    const words = `${count(some.length, "image")}${fresh > 0 ? `, ${fresh} to copy` : ""}`;
    lines.push(`  source${i}["${label(host)}<br>${label(words)}"]`, `  source${i} ${fresh > 0 ? "==>" : "-->"} mirror`);
  });
  const objects = grouped(images, ({ found }) => [...new Set(found.map(({ object }) => object))]);
  limited([...objects], MOST_OBJECTS).forEach(([object, some], i) => {
    lines.push(`  object${i}["${label(object)}<br>${names(some)}"]`, `  mirror --> object${i}`);
  });
  return `${lines.join("\n")}\n`;
}

function grouped(
  images: readonly ReportedImage[],
  keysOf: (image: ReportedImage) => readonly string[],
): Map<string, ReportedImage[]> {
  const groups = new Map<string, ReportedImage[]>();
  for (const image of images)
    for (const key of keysOf(image)) {
      const group = groups.get(key);
      if (group) group.push(image);
      else groups.set(key, [image]);
    }
  return groups;
}

/** The first groups, and all others as one that says how many they are. */
function limited(groups: readonly [string, ReportedImage[]][], most: number): readonly [string, ReportedImage[]][] {
  if (groups.length <= most) return groups;
  const rest = groups.slice(most - 1);
  const images = [...new Set(rest.flatMap(([, some]) => some))];
  return [...groups.slice(0, most - 1), [`and ${rest.length} more`, images]];
}

function names(images: readonly ReportedImage[]): string {
  const shown = images.slice(0, MOST_NAMES).map(({ source }) => label(source.slice(source.lastIndexOf("/") + 1)));
  if (images.length > MOST_NAMES) shown.push(label(`and ${images.length - MOST_NAMES} more`));
  return shown.join("<br>");
}

function hostOf(source: string): string {
  try {
    return parseReference(source).registry;
  } catch {
    return source;
  }
}

/**
 * A text between the quotes of a label: what is not a letter, a digit or harmless is written by its number, as Mermaid has it
 * ({@link https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters}), so that no name is markup there.
 */
function label(text: string): string {
  const [...characters] = printable(text.replace(/\s+/g, " "));
  const shown = characters.length > LONGEST_NAME ? [...characters.slice(0, LONGEST_NAME - 1), "…"] : characters;
  return shown.map((one) => (/[\p{L}\p{N} ./:@_…-]/u.test(one) ? one : `#${one.codePointAt(0)};`)).join("");
}
