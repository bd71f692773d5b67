import type { Digest } from "../image/digest";
import type { Clock } from "./clock";
import type { Descriptor } from "./descriptor";
import type { BlobOutcome, CopyEvent, CopyResult } from "./progress";

/** Events of the same copy are this far apart. */
const EVENT_INTERVAL_MS = 250;

/** Counts what a copy does, and tells. */
export class CopyProgress {
  readonly warnings: string[] = [];
  private bytesTotal = 0;
  private bytesDone = 0;
  private lastEvent = -Infinity;
  private readonly bytes: Record<BlobOutcome, number> = { uploaded: 0, mounted: 0, present: 0 };

  constructor(
    private readonly image: string,
    private readonly clock: Clock,
    private readonly onProgress: ((event: CopyEvent) => void) | undefined,
  ) {}

  planned(blobs: readonly Descriptor[]): void {
    const bytesTotal = blobs.reduce((sum, { size }) => sum + size, 0);
    this.bytesTotal += bytesTotal;
    this.onProgress?.({ type: "planned", image: this.image, bytesTotal: this.bytesTotal, blobs: blobs.length });
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
    this.bytes[outcome] += size;
    if (outcome !== "uploaded") this.moved(size);
    this.onProgress?.({ type: "blob", image: this.image, digest, size, outcome });
  }

  warn(message: string): void {
    this.warnings.push(message);
    this.onProgress?.({ type: "warning", image: this.image, message });
  }

  copied(digest: Digest, mediaType: string, unchanged: boolean): CopyResult {
    const result: CopyResult = {
      digest,
      mediaType,
      unchanged,
      bytesCopied: this.bytes.uploaded,
      bytesMounted: this.bytes.mounted,
      bytesSkipped: this.bytes.present,
      warnings: this.warnings,
    };
    this.onProgress?.({ type: "copied", image: this.image, result });
    return result;
  }
}
