import { formatBytes } from "../../image/bytes";
import type { Decision, JudgedManifest } from "../../prune/decision";
import type { Inventory } from "../../prune/inventory";
import type { Report } from "../output/output";
import { compareTexts } from "../../textOrder";

/**
 * What goes and what stays, for people and for programs.
 *
 * @param listKept whether people are shown what stays, too; programs always are
 */
export function pruneReport(host: string, decision: Decision, inventory: Inventory, listKept: boolean): Report {
  const sizeOf = ({ repository, digest }: JudgedManifest): number => {
    const held = inventory.get(repository)?.manifests.get(digest);
    return held ? held.blobs.reduce((sum, { size }) => sum + size, held.size) : 0;
  };
  const removed = decision.removed.map((one) => ({ ...one, size: sizeOf(one) }));
  const kept = [...decision.kept].sort(
    (a, b) => compareTexts(a.repository, b.repository) || compareTexts(nameOf(a), nameOf(b)),
  );
  return {
    headings: ["image", "tags", "size", ...(listKept ? ["why it stays"] : [])],
    rows: [
      ...removed.map((one) => [
        nameOf(one),
        one.tags.join(", "),
        formatBytes(one.size),
        ...(listKept ? ["it goes"] : []),
      ]),
      ...(listKept
        ? kept.map((one) => [nameOf(one), one.tags.join(", "), formatBytes(sizeOf(one)), reasons(one.why)])
        : []),
    ],
    data: { registry: host, removed, kept, freedBytes: decision.freedBytes },
  };
}

/** One line of what goes, and what that frees. */
export function pruneSummary({ removed, kept, freedBytes }: Decision, verb: "would go" | "deleted"): string {
  const tags = removed.reduce((sum, one) => sum + one.tags.length, 0);
  const bytes = verb === "deleted" ? "" : ` (at most ${formatBytes(freedBytes)})`;
  return `${removed.length} manifests with ${tags} tags ${verb}${bytes}, ${kept.length} stay`;
}

const nameOf = ({ repository, digest }: JudgedManifest): string => `${repository}@${digest}`;

/** Pods of one workload are many. */
function reasons(why: readonly string[]): string {
  return why.length > 3 ? `${why.slice(0, 3).join("; ")}; and ${why.length - 3} more` : why.join("; ");
}
