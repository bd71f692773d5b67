import { formatBytes } from "../../image/bytes";
import { shortDigest, type PlanReport, type ReportedImage, type ReportedOverride } from "./planReport";

/** `1 image`, `2 images`. */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** The chart and, where it is another one than before, what it was: `shop 1.2.3`, `shop 1.2.3 → 2.0.0`. */
export function chartTitle({ chart }: PlanReport): string {
  const { name, version, previousVersion } = chart;
  return previousVersion === undefined ? `${name} ${version}` : `${name} ${previousVersion} → ${version}`;
}

/**
 * What changes, in one line: `6 images: 2 new, 1 moved; 4.2 MiB to copy of 12 MiB`. Where a registry could not be asked it says so, and
 * how much it may be at most: whoever reads nothing else must not take it for nothing to do.
 */
export function summaryLine({ summary, against, images: reported }: PlanReport): string {
  const { images, bytes, bytesToCopy, sizesUnknown } = summary;
  const unknown = reported.filter(({ change }) => change === "unknown");
  const most = unknown.reduce((sum, { size = 0 }) => sum + size, bytesToCopy);
  const isMirror = against === "registry" && unknown.every(({ digest }) => digest !== undefined);
  const silent = isMirror ? "the mirror" : "a registry";
  const changes = (["new", "changed", "moved", "gone", "unknown"] as const)
    .filter((change) => summary[change] > 0)
    .map(
      (change) => `${summary[change]} ${change}${change === "unknown" ? `, since ${silent} could not be asked` : ""}`,
    );
  const sizes =
    sizesUnknown === images && images > 0
      ? "sizes unknown"
      : `${unknown.length > 0 ? "up to " : ""}${formatBytes(most)} to copy of ${formatBytes(bytes)}${sizesUnknown > 0 ? `, ${count(sizesUnknown, "size")} unknown` : ""}`;
  return `${count(images, "image")}: ${changes.length > 0 ? changes.join(", ") : "nothing new"}; ${sizes}`;
}

/** What an image was before, in words; empty where that is not another one. */
export function previousWords({ previous, digest }: ReportedImage): string {
  if (!previous) return "";
  const before = [previous.source, previous.digest && shortDigest(previous.digest)].filter(Boolean).join(" ");
  return previous.source === undefined
    ? `was ${before}, is ${digest ? shortDigest(digest) : "unknown"}`
    : `was ${before}`;
}

/** Where an image was found: the first place, and how many more there are. */
export function foundWords({ found, change }: ReportedImage): string {
  const [first, ...more] = found;
  if (!first) return change === "gone" ? "" : "named by you";
  const where = `${first.evidence} of ${first.object}${first.hook === undefined ? "" : ` (${first.hook} hook)`}`;
  return more.length > 0 ? `${where} and ${more.length} more` : where;
}

/** A value before and after: `"quay.io" → "mirror.test"`. */
export function valueWords({ previous, value }: Pick<ReportedOverride, "previous" | "value">): string {
  return `${previous === undefined ? "not set" : JSON.stringify(previous)} → ${JSON.stringify(value)}`;
}

/** How a pod gets its pull secret, in words. */
export const SECRET_WORDS = {
  pod: "on the pod",
  serviceAccount: "by its service account",
  none: "none",
} as const;
