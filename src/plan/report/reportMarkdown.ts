import { formatBytes } from "../../image/bytes";
import { code, folded, plainText, table } from "./markdown";
import { mermaidGraph } from "./mermaid";
import { shortDigest, type PlanReport, type ReportedImage } from "./planReport";
import { chartTitle, count, foundWords, previousWords, SECRET_WORDS, summaryLine, valueWords } from "./reportWords";

/** GitHub refuses comments of more than 65536 characters, and others write a few lines around this. */
const LONGEST = 60_000;

/** With which a comment begins, hidden from its readers. */
export const COMMENT_MARK = "<!-- chart-mirror";

/** What fits on one screen of findings, and of images that are not what they were. */
const FIRST_FINDINGS = 6;
const FIRST_IMAGES = 10;

/**
 * A report as a comment for a pull request: on one screen what a reviewer must know, everything else folded.
 *
 * It begins with a hidden mark, by which the next run finds and replaces it. What would make it too long for a comment is
 * left out, and it says so.
 */
export function reportMarkdown(report: PlanReport): string {
  const { mirror, chart } = report;
  const head = [
    `${COMMENT_MARK}: ${chart.name.replace(/[^\w.-]/g, "")} -->\n### ${plainText(chartTitle(report))} → ${code(mirror)}\n`,
    `**${plainText(summaryLine(report))}**${besides(report)}\n`,
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

/** What changes besides images, in numbers. */
function besides({ summary, overridesGone, pods }: PlanReport): string {
  const { values, patches, warnings, escapes } = summary;
  const without = pods.filter(({ via }) => via === "none").length;
  const parts = [
    escapes > 0 && `${count(escapes, "image")} outside the mirror`,
    warnings > 0 && count(warnings, "warning"),
    without > 0 && `${count(without, "pod")} without pull secret`,
    values + overridesGone.length > 0 && count(values + overridesGone.length, "value"),
    patches > 0 && count(patches, "patched line"),
  ].filter((part) => part !== false);
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

/** What escapes the mirror stands first: it is why a check fails. */
const bySeverity = ({ warnings: all }: PlanReport): PlanReport["warnings"] =>
  [...all].sort((a, b) => Number(b.severity === "escape") - Number(a.severity === "escape"));

function warnings(report: PlanReport): string[] {
  if (report.warnings.length === 0) return [];
  const rest = report.warnings.length - FIRST_FINDINGS;
  return [findingList(bySeverity(report).slice(0, FIRST_FINDINGS)) + (rest > 0 ? `- and ${rest} more, below\n` : "")];
}

function findingList(findings: PlanReport["warnings"]): string {
  return findings
    .map(({ severity, message }) => {
      const [icon, words] =
        severity === "escape" ? [":x:", "Pulled from outside the mirror"] : [":warning:", "Warning"];
      return `- ${icon} **${words}**: ${plainText(message)}\n`;
    })
    .join("");
}

/** The images that are not what they were: the heart of a review. */
function changes({ images }: PlanReport): string[] {
  const changed = images.filter(({ change }) => change !== "same");
  if (changed.length === 0 || (changed.length === images.length && images.length > FIRST_IMAGES)) return [];
  const rest = changed.length - FIRST_IMAGES;
  return [imageTable(changed.slice(0, FIRST_IMAGES)) + (rest > 0 ? `\nand ${rest} more, below\n` : "")];
}

function details(report: PlanReport): [title: string, content: string][] {
  const { images, overrides, overridesGone, patches, pods } = report;
  const sections: [string, string][] = [];
  if (report.warnings.length > FIRST_FINDINGS)
    sections.push([`All ${report.warnings.length} findings`, findingList(bySeverity(report))]);
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
  if (images.length > 0) sections.push(["The release as a graph", `\`\`\`mermaid\n${mermaidGraph(report)}\`\`\`\n`]);
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
