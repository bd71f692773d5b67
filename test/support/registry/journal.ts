import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import type { Digest } from "../../../src/image/digest";

/** One change of what repositories hold. */
export type Change =
  | { op: "repository"; repository: string }
  | { op: "deleteRepository"; repository: string }
  | { op: "link"; repository: string; digest: Digest }
  | { op: "unlink"; repository: string; digest: Digest }
  | { op: "manifest"; repository: string; digest: Digest; mediaType: string; base64: string }
  | { op: "deleteManifest"; repository: string; digest: Digest }
  | { op: "tag"; repository: string; tag: string; digest: Digest }
  | { op: "deleteTag"; repository: string; tag: string };

/** Keeps changes, so that a registry finds them again when it starts. */
export interface Journal {
  append(change: Change): void;
  changes(): Iterable<Change>;
}

/** Forgets with the process. */
export const NO_JOURNAL: Journal = { append: () => undefined, changes: () => [] };

/** A journal of one JSON line per change. */
export function fileJournal(file: string): Journal {
  // Text after the last line feed is a line that a killed process did not finish.
  if (existsSync(file)) truncateSync(file, readFileSync(file).lastIndexOf("\n") + 1);
  return {
    append: (change) => appendFileSync(file, `${JSON.stringify(change)}\n`),
    *changes() {
      const text = existsSync(file) ? readFileSync(file, "utf8") : "";
      for (const line of text.split("\n").slice(0, -1)) yield JSON.parse(line) as Change;
    },
  };
}
