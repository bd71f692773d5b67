import type { ChartPatch } from "../../plan/relocationPlan";
import { digestOf, type Digest } from "../../image/digest";
import { MirrorError } from "../../error";
import type { Chart, ChartFile } from "./chart";
import { byKey } from "../../textOrder";

/** A patch that does not fit the chart: its line is another one. `code` is `PATCH_DOES_NOT_FIT`. */
export class PatchError extends MirrorError {
  override readonly name = "PatchError";
  constructor(patch: ChartPatch, found: string | undefined) {
    super(
      "PATCH_DOES_NOT_FIT",
      `patching line ${patch.line} of ${patch.file} failed: it is ${JSON.stringify(found)}, not ${JSON.stringify(patch.before)}`,
      "Analyse the chart again: the plan was made for another version of it",
    );
  }
}

/** The patches, line by line, that turn one text of a file into another of as many lines or with lines put in. */
export function linePatches(file: string, before: string, after: readonly string[]): ChartPatch[] {
  const patches: ChartPatch[] = [];
  for (const [i, line] of before.split("\n").entries()) {
    const now = after[i];
    if (now !== undefined && now !== line) patches.push({ file, line: i + 1, before: line, after: now });
  }
  return patches;
}

/**
 * The files of a chart that patches change, by their location in the chart, with their new text.
 *
 * @throws {PatchError} when the chart is not the one that the patches were made for
 */
export function patchedFiles(chart: Chart, patches: readonly ChartPatch[]): Map<string, string> {
  const texts = new Map(chartFilesOf(chart).map((file) => [file.location, file.text]));
  const changed = new Map<string, string[]>();
  for (const patch of patches) {
    const lines = changed.get(patch.file) ?? texts.get(patch.file)?.split("\n") ?? [];
    if (lines[patch.line - 1] !== patch.before) throw new PatchError(patch, lines[patch.line - 1]);
    lines[patch.line - 1] = patch.after;
    changed.set(patch.file, lines);
  }
  return new Map([...changed].map(([file, lines]) => [file, lines.join("\n")]));
}

/** Every text file of a chart and of its sub-charts. */
export function chartFilesOf(chart: Chart): ChartFile[] {
  return [...chart.files, ...chart.subcharts.flatMap(chartFilesOf)];
}

/**
 * The digest of a chart's content: of every text file's name and text, those of sub-charts included.
 *
 * It does not depend on how files were packed: a folder and every archive of the same files have the same digest.
 *
 * @param changed files, by their location, whose text is another one
 */
export function chartDigest(chart: Chart, changed: ReadonlyMap<string, string> = new Map()): Digest {
  const files = chartFilesOf(chart).map(({ location, text }) => [location, changed.get(location) ?? text] as const);
  const unique = new Map([...files].sort(byKey));
  return digestOf(JSON.stringify([...unique]));
}
