import { formatBytes } from "../../image/bytes";
import type { CopyEvent } from "../../oci/copy/progress";
import type { RegistryEvent } from "../../oci/transport/registryEvent";
import { RegistryWaits } from "../../oci/registry/registryWaits";
import { adviceIn } from "../../settingWords";
import { COMMAND_LINE_WORDS } from "../options/commandLineWords";
import type { Streams } from "../output/streams";

/** Milliseconds between two drawings of the bar. */
const REDRAW_INTERVAL = 100;
const BAR_WIDTH = 24;
/** Where the speed leaves less to the bar, the bar is worth more. */
const SHORTEST_BAR = 8;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = "\r\u001b[K";

/** Of one image, in bytes. */
interface ImageProgress {
  done: number;
  total: number;
  /** The part of `done` that did not travel: the target had it, in this repository or in another one. */
  spared: number;
}

/**
 * What a person sees while images are copied: lines that stay, and on a terminal, below them, a bar.
 *
 * The speed is that of the bytes which moved since the first one did.
 */
export class CopyDisplay {
  private readonly images = new Map<string, ImageProgress>();
  private readonly waits: RegistryWaits;
  private finished = 0;
  private drawnAt = -Infinity;
  private startedAt: number | undefined;

  /** @param count how many images are copied @param now milliseconds, of any beginning */
  constructor(
    private readonly streams: Streams,
    private readonly count: number,
    private readonly now: () => number,
  ) {
    this.waits = new RegistryWaits(now);
  }

  /** Takes an event of a copy. */
  event(event: CopyEvent): void {
    if (event.type === "warning") {
      const advice = event.advice === undefined ? "" : `. ${adviceIn(event.advice, COMMAND_LINE_WORDS)}`;
      return this.note(`warning: ${event.image}: ${event.message}${advice}`);
    }
    const image = this.images.get(event.image) ?? { done: 0, total: 0, spared: 0 };
    this.images.set(event.image, image);
    if (event.type === "planned" || event.type === "progress") image.total = event.bytesTotal;
    if (event.type === "progress") image.done = event.bytesDone;
    if (event.type === "blob" && event.outcome !== "uploaded") image.spared += event.size;
    if (event.type === "copied") image.done = image.total;
    this.startedAt ??= this.now();
    if (this.now() - this.drawnAt >= REDRAW_INTERVAL) this.draw();
  }

  /** Takes an event of a registry. */
  wait(event: RegistryEvent): void {
    const { host, reason, delayMs } = event;
    if (this.waits.isNews(event)) this.note(`${host}: ${reason}; trying again in ${Math.ceil(delayMs / 1000)} s`);
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

  /** The process ends before its work. @param copying whether something may be half done */
  interrupted(copying: boolean): void {
    this.close();
    if (!copying) return;
    const rest = this.finished < this.count ? "; the same command copies the others" : "";
    this.streams.err(`interrupted: ${this.finished} of ${this.count} images are done${rest}\n`);
  }

  /** Takes the bar away. */
  close(): void {
    if (this.streams.columns) this.draws(CLEAR_LINE);
  }

  private draws(text: string): void {
    (this.streams.draw ?? this.streams.err)(text);
  }

  private above(write: () => void): void {
    this.close();
    write();
    this.draw();
  }

  private draw(): void {
    if (!this.streams.columns) return;
    this.drawnAt = this.now();
    // Some terminals, such as those of build machines, have no width. What fills the last column wraps on others.
    this.draws(CLEAR_LINE + this.bar((this.streams.columns() || DEFAULT_COLUMNS) - 1));
  }

  /** The bar and its numbers; where the line is short, the speed gives way first, then the bar. */
  private bar(columns: number): string {
    const images = [...this.images.values()];
    const [done, total, spared] = (["done", "total", "spared"] as const).map((part) =>
      images.reduce((sum, image) => sum + image[part], 0),
    ) as [number, number, number];
    const share = total > 0 ? Math.min(done / total, 1) : this.finished / this.count;
    const seconds = (this.now() - (this.startedAt ?? this.now())) / 1000;
    const parts = [`${this.finished}/${this.count} images`];
    if (total > 0) parts.push(`${formatBytes(done)} of ${formatBytes(total)}`);
    const bytes = parts.join("  ");
    const speed = total > 0 && seconds >= 1 ? `  ${formatBytes(Math.max(done - spared, 0) / seconds)}/s` : "";
    const room = columns - "[] ".length;
    const numbers = room - bytes.length - speed.length >= SHORTEST_BAR ? bytes + speed : bytes;
    const width = Math.min(BAR_WIDTH, room - numbers.length);
    if (width < 1) return numbers.slice(0, columns);
    const filled = Math.round(share * width);
    return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${numbers}`;
  }
}
