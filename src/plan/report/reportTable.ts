import { formatBytes } from "../../image/bytes";
import { shortDigest, type PlanReport } from "./planReport";
import { chartTitle, foundWords, previousWords, SECRET_WORDS, summaryLine, valueWords } from "./reportWords";

/** A report as tables for a terminal. @param formatTable lays headings and rows out in columns */
export function reportTable(
  report: PlanReport,
  formatTable: (headings: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const { images, overrides, overridesGone, patches, pods, warnings, mirror } = report;
  const parts = [`${chartTitle(report)} → ${mirror}\n${summaryLine(report)}\n`];
  const add = (headings: readonly string[], rows: readonly (readonly string[])[]): void => {
    if (rows.length > 0) parts.push(formatTable(headings, rows));
  };
  add(
    ["", "image", "target", "digest", "size", "found", "before"],
    images.map((image) => [
      image.change,
      image.source,
      image.target,
      image.digest === undefined ? "" : shortDigest(image.digest),
      image.size === undefined ? "" : formatBytes(image.size),
      foundWords(image),
      previousWords(image),
    ]),
  );
  add(
    ["value", "before → after", "why"],
    [
      ...overrides.map((override) => [override.path, valueWords(override), override.reason]),
      ...overridesGone.map((path) => [path, "not set any more", ""]),
    ],
  );
  add(
    ["patched line", "before", "after"],
    patches.map(({ file, line, before, after }) => [`${file}:${line}`, before.trim(), after.trim()]),
  );
  add(
    ["pod", "pull secret"],
    pods.map(({ kind, namespace, name, via }) => [
      `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
      SECRET_WORDS[via],
    ]),
  );
  if (warnings.length > 0) parts.push(warnings.map(({ severity, message }) => `${severity}: ${message}\n`).join(""));
  return parts.join("\n");
}
