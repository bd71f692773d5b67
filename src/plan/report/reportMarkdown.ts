import { formatBytes } from "../../image/bytes";
import { code, folded, plainText, table } from "./markdown";
import { shortDigest, type PlanReport, type ReportedImage } from "./planReport";
import { chartTitle, count, foundWords, previousWords, SECRET_WORDS, summaryLine, valueWords } from "./reportWords";

/** GitHub refuses comments of more than 65536 characters, and others write a few lines around this. */
const LONGEST = 60_000;

/**
 * A report as a comment for a pull request: what a reviewer must know first, everything else folded.
 *
 * It begins with a hidden mark, by which the next run finds and replaces it. What would make it too long for a comment is
 * left out, and it says so.
 */
export function reportMarkdown(report: PlanReport): string {
  const { mirror, chart } = report;
  const head = [
    `<!-- chart-mirror: ${chart.name.replace(/[^\w.-]/g, "")} -->\n### ${plainText(chartTitle(report))} → ${code(mirror)}\n`,
    `**${plainText(summaryLine(report))}**\n`,
    ...warnings(report),
    ...changes(report),
  ];
  let text = head.join("\n").slice(0, LONGEST);
  const left: string[] = [];
  for (const [title, content] of details(report)) {
    const section = `\n${folded(title, content)}`;
    if (text.length + section.length <= LONGEST) text += section;
    else left.push(title);
  }
  if (left.length > 0) text += `\nToo long for a comment: ${left.join(", ")}. See the report as JSON.\n`;
  return text;
}

function warnings(report: PlanReport): string[] {
  if (report.warnings.length === 0) return [];
  const lines = report.warnings.map(({ severity, message }) => {
    const [icon, words] = severity === "escape" ? [":x:", "Pulled from outside the mirror"] : [":warning:", "Warning"];
    return `- ${icon} **${words}**: ${plainText(message)}\n`;
  });
  return [lines.join("")];
}

/** The images that are not what they were: the heart of a review. */
function changes({ images }: PlanReport): string[] {
  const changed = images.filter(({ change }) => change !== "same");
  if (changed.length === 0 || changed.length === images.length) return [];
  return [imageTable(changed)];
}

function details(report: PlanReport): [title: string, content: string][] {
  const { images, overrides, overridesGone, patches, pods } = report;
  const sections: [string, string][] = [];
  if (images.length > 0) sections.push([`${count(images.length, "image")}`, imageTable(images)]);
  if (overrides.length + overridesGone.length > 0)
    sections.push([
      `${count(overrides.length, "value")} to set`,
      table(
        ["Value", "Before → after", "Why"],
        [
          ...overrides.map((override) => [
            code(override.path),
            code(valueWords(override)),
            plainText(override.reason + (override.change && override.change !== "same" ? ` (${override.change})` : "")),
          ]),
          ...overridesGone.map((path) => [code(path), "not set any more", ""]),
        ],
      ),
    ]);
  if (patches.length > 0)
    sections.push([
      `${count(patches.length, "line")} of the chart patched, since no value reaches them`,
      table(
        ["Line", "Before", "After"],
        patches.map(({ file, line, before, after }) => [
          code(`${file}:${line}`),
          code(before.trim()),
          code(after.trim()),
        ]),
      ),
    ]);
  if (pods.length > 0)
    sections.push([
      `Pull secrets of ${count(pods.length, "pod")}`,
      table(
        ["Pod", "Pull secret"],
        pods.map(({ kind, namespace, name, via }) => [
          code(`${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`),
          SECRET_WORDS[via],
        ]),
      ),
    ]);
  return sections;
}

function imageTable(images: readonly ReportedImage[]): string {
  return table(
    ["", "Image", "Digest", "Size", "Found"],
    images.map((image) => {
      const { change, source, target, digest, size } = image;
      const was = previousWords(image);
      return [
        change,
        `${code(source)}<br>→ ${code(target)}${was === "" ? "" : `<br>${plainText(was)}`}`,
        digest === undefined ? "unknown" : code(shortDigest(digest)),
        size === undefined ? "" : formatBytes(size),
        plainText(foundWords(image)),
      ];
    }),
  );
}
