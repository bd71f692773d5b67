import type { Digest } from "../../image/digest";
import { adviceIn, PROGRAM_WORDS, type Advice } from "../../settingWords";
import type { Clock } from "../transport/clock";
import type { Descriptor } from "../manifest/descriptor";
import type { BlobOutcome, CopyEvent, CopyResult } from "./progress";

/** Events of the same copy are this far apart. */
const EVENT_INTERVAL_MS = 250;

/** Counts what a copy does, and tells. */
export class CopyProgress {
  readonly warnings: string[] = [];
  private bytesTotal = 0;
  private bytesDone = 0;
  private lastEvent = -Infinity;
  private readonly known = new Set<Digest>();
  private readonly done = new Set<Digest>();
  private readonly outcomes = new Map<Digest, { readonly size: number; readonly outcome: BlobOutcome }>();

  constructor(
    private readonly image: string,
    private readonly clock: Clock,
    private readonly onProgress: ((event: CopyEvent) => void) | undefined,
  ) {}

  /** Each blob counts once, however many manifests name it. */
  planned(blobs: readonly Descriptor[]): void {
    for (const { digest, size } of blobs)
      if (!this.known.has(digest)) {
        this.known.add(digest);
        this.bytesTotal += size;
      }
    this.onProgress?.({ type: "planned", image: this.image, bytesTotal: this.bytesTotal, blobs: blobs.length });
  }

  /** Blobs are looked for again that were done. */
  again(blobs: readonly Descriptor[]): void {
    for (const { digest, size } of blobs) if (this.done.delete(digest)) this.moved(-size);
  }

  /** @param count negative when an upload starts anew. */
  moved(count: number): void {
    this.bytesDone += count;
    if (!this.onProgress) return;
    const now = this.clock.now();
    if (now - this.lastEvent < EVENT_INTERVAL_MS) return;
    this.lastEvent = now;
    const { image, bytesDone, bytesTotal } = this;
    this.onProgress({ type: "progress", image, bytesDone, bytesTotal });
  }

  blob({ digest, size }: Descriptor, outcome: BlobOutcome): void {
    const before = this.outcomes.get(digest)?.outcome;
    // Found again is what this copy brought before.
    this.outcomes.set(digest, { size, outcome: outcome === "present" ? (before ?? outcome) : outcome });
    if (this.done.has(digest)) this.moved(-size);
    this.done.add(digest);
    if (outcome !== "uploaded") this.moved(size);
    this.onProgress?.({ type: "blob", image: this.image, digest, size, outcome });
  }

  warn(message: string, advice?: Advice): void {
    this.warnings.push(advice === undefined ? message : `${message}. ${adviceIn(advice, PROGRAM_WORDS)}`);
    this.onProgress?.({ type: "warning", image: this.image, message, ...(advice !== undefined && { advice }) });
  }

  /** Whether anything was written. */
  get hasWritten(): boolean {
    return this.bytes("uploaded") + this.bytes("mounted") > 0;
  }

  copied(digest: Digest, mediaType: string, unchanged: boolean): CopyResult {
    const result: CopyResult = {
      digest,
      mediaType,
      unchanged,
      bytesCopied: this.bytes("uploaded"),
      bytesMounted: this.bytes("mounted"),
      bytesSkipped: this.bytes("present"),
      warnings: this.warnings,
    };
    this.onProgress?.({ type: "copied", image: this.image, result });
    return result;
  }

  private bytes(wanted: BlobOutcome): number {
    return [...this.outcomes.values()].reduce((sum, { size, outcome }) => sum + (outcome === wanted ? size : 0), 0);
  }
}
