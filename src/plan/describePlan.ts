import { formatBytes } from "../image/bytes";
import type { JsonPath } from "../json";
import { printableLine, shortened } from "../printable";
import { worthTelling, type ChangedImage, type PlanChanges } from "./planChanges";
import type { ChartPatch } from "./relocationPlan";
import type { ResolvedPlan } from "./resolvedPlan";

/** Patched lines of which a preview shows the text, and characters of each. */
const PATCHES = { lines: 20, characters: 200, linesForOne: 8 };

/** A place in values as people write it: `redis.image.registry`, `hosts[0].image`, `annotations["a.b/c"]`. */
export function formatPath(path: JsonPath): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

/**
 * What an update will change, in words, for previews: images with their targets, values, lines of the chart, and all
 * warnings. Undefined where it changes nothing and there is no new warning.
 *
 * @param untried what the update alone can find out
 */
export function describePlan(
  plan: ResolvedPlan,
  changes: PlanChanges,
  untried: readonly string[] = [],
): string | undefined {
  const { images, gone, values, valuesGone, patches, findings } = changes;
  if (![images, gone, values, valuesGone, patches, findings, untried].some(({ length }) => length > 0))
    return undefined;
  const { chart } = plan;
  const copied = images.filter(({ way }) => way === "copy");
  const changed = values.length + valuesGone.length;
  const lines = [
    `${chart.name} ${chart.version}: ${copied.length} of ${count(plan.images.length, "image")} to copy${sizeOf(copied)}; ` +
      `${count(changed, "value")} ${changed === 1 ? "changes" : "change"}`,
  ];
  for (const change of images) lines.push(`  ${change.image.source}`, `    → ${change.image.target}${details(change)}`);
  for (const { source, target } of gone)
    lines.push(`  ${source} is not needed any more`, `    ${target} stays in the mirror`);
  for (const { path, previous, value } of values)
    lines.push(
      `  ${formatPath(path)} = ${JSON.stringify(value)}${previous === undefined ? "" : ` (was ${JSON.stringify(previous)})`}`,
    );
  for (const path of valuesGone) lines.push(`  ${formatPath(path)} is not set any more`);
  if (patches.length > 0) lines.push(...patchedLines(patches));
  if (untried.length > 0) lines.push(`not tried in this preview: ${untried.join("; ")}`);
  for (const { severity, message } of worthTelling(plan)) lines.push(`${severity}: ${message}`);
  return lines.join("\n");
}

function sizeOf(copied: readonly ChangedImage[]): string {
  const sizes = copied.flatMap(({ image: { size } }) => (size === undefined ? [] : [size]));
  if (sizes.length === 0) return "";
  const bytes = formatBytes(sizes.reduce((sum, size) => sum + size, 0));
  return sizes.length < copied.length ? `, ${bytes} and ${copied.length - sizes.length} of unknown size` : `, ${bytes}`;
}

function details({ image: { digest, targetDigest = digest, size }, way, previous }: ChangedImage): string {
  const parts = [
    targetDigest?.slice(0, 19),
    size === undefined ? undefined : formatBytes(size),
    way === "copy" ? undefined : WAYS[way],
    previous === undefined || previous === targetDigest ? undefined : `was ${previous.slice(0, 19)}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` (${parts.join(", ")})` : "";
}

const WAYS = { there: "is there already", served: "served by the mirror" };

/** Lines of a chart are a stranger's. In place of one there may be several. */
function patchedLines(patches: readonly ChartPatch[]): string[] {
  const cut = (text: string): string => shortened(text, PATCHES.characters);
  const lines = [`${count(patches.length, "line")} of the chart ${patches.length === 1 ? "is" : "are"} patched`];
  for (const { file, line, before, after } of patches.slice(0, PATCHES.lines)) {
    const indent = /^ */.exec(before)?.[0] ?? "";
    const put = cut(after)
      .split("\n")
      .map((text) => (text.startsWith(indent) ? text.slice(indent.length) : text.trimStart()).trimEnd())
      .filter((text) => text !== "")
      .slice(0, PATCHES.linesForOne);
    lines.push(`  ${printableLine(file)}:${line}`, `    - ${printableLine(cut(before.trim()))}`);
    lines.push(...put.map((text) => `    + ${printableLine(text)}`));
  }
  if (patches.length > PATCHES.lines) lines.push(`  and ${patches.length - PATCHES.lines} more`);
  return lines;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
