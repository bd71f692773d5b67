import { formatBytes } from "../image/bytes";
import type { CopyEvent } from "../oci/progress";
import type { Streams } from "./main";

/** Milliseconds between two drawings of the bar. */
const REDRAW_INTERVAL = 100;
const BAR_WIDTH = 24;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = "\r\u001b[K";

/**
 * What a person sees while images are copied: lines that stay, and on a terminal, below them, a bar.
 *
 * The speed is that of the bytes which moved since the first one did.
 */
export class CopyDisplay {
  private readonly images = new Map<string, { done: number; total: number }>();
  private finished = 0;
  private drawnAt = -Infinity;
  private startedAt: number | undefined;

  /** @param count how many images are copied @param now milliseconds, of any beginning */
  constructor(
    private readonly streams: Streams,
    private readonly count: number,
    private readonly now: () => number,
  ) {}

  /** Takes an event of a copy. */
  event(event: CopyEvent): void {
    if (event.type === "warning") return this.note(`warning: ${event.image}: ${event.message}`);
    const image = this.images.get(event.image) ?? { done: 0, total: 0 };
    this.images.set(event.image, image);
    if (event.type === "planned" || event.type === "progress") image.total = event.bytesTotal;
    if (event.type === "progress") image.done = event.bytesDone;
    if (event.type === "copied") image.done = image.total;
    this.startedAt ??= this.now();
    if (this.now() - this.drawnAt >= REDRAW_INTERVAL) this.draw();
  }

  /** A result, for standard output. */
  line(text: string): void {
    this.above(() => this.streams.out(`${text}\n`));
  }

  /** Words for people, on standard error. */
  note(text: string): void {
    this.above(() => this.streams.err(`${text}\n`));
  }

  /** One image is done, well or not. */
  imageDone(): void {
    this.finished++;
    this.draw();
  }

  /** Takes the bar away. */
  close(): void {
    if (this.streams.columns) this.streams.err(CLEAR_LINE);
  }

  private above(write: () => void): void {
    this.close();
    write();
    this.draw();
  }

  private draw(): void {
    if (!this.streams.columns) return;
    // Some terminals, such as those of build machines, have no width.
    const columns = this.streams.columns() || DEFAULT_COLUMNS;
    this.drawnAt = this.now();
    this.streams.err(CLEAR_LINE + this.bar().slice(0, columns - 1));
  }

  private bar(): string {
    const images = [...this.images.values()];
    const done = images.reduce((sum, image) => sum + image.done, 0);
    const total = images.reduce((sum, image) => sum + image.total, 0);
    const share = total > 0 ? Math.min(done / total, 1) : this.finished / this.count;
    const filled = Math.round(share * BAR_WIDTH);
    const seconds = (this.now() - (this.startedAt ?? this.now())) / 1000;
    const parts = [
      `[${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${this.finished}/${this.count} images`,
      `${formatBytes(done)} of ${formatBytes(total)}`,
    ];
    if (seconds >= 1) parts.push(`${formatBytes(done / seconds)}/s`);
    return parts.join("  ");
  }
}
