import { formatBytes } from "../../image/bytes";
import type { CopyEvent } from "../../oci/copy/progress";
import type { RegistryEvent } from "../../oci/transport/registryEvent";
import type { RegistryWaits } from "../../oci/registry/registryWaits";
import { adviceIn } from "../../settingWords";
import { COMMAND_LINE_WORDS } from "../options/commandLineWords";
import type { Streams } from "../output/streams";
import { roughTime, TransferRate } from "./transferRate";

/** Loaded with the first wait. */
const load = {
  registryWaits: () => require("../../oci/registry/registryWaits") as typeof import("../../oci/registry/registryWaits"),
};

/** Milliseconds between two drawings of the bar, and without a terminal between two lines in its place. */
const REDRAW_INTERVAL = 100;
const LINE_INTERVAL = 30_000;
/** Milliseconds after which it is worth a word that nothing moves. */
const STILL = 10_000;
const BAR_WIDTH = 24;
/** Where the speed leaves less to the bar, the bar is worth more. */
const SHORTEST_BAR = 8;
const DEFAULT_COLUMNS = 80;
/** What a terminal writes behind the bar at ^C; in the next line it would keep the bar from being taken away. */
const ROOM_FOR_INTERRUPT = "^C".length;
const CLEAR_LINE = "\r\u001b[K";

/** Of one image, in bytes. */
interface ImageProgress {
  done: number;
  total: number;
  /** The part of `done` that did not travel: the target had it, in this repository or in another one. */
  spared: number;
}

/**
 * What a person sees while images are copied: lines that stay, and on a terminal, below them, a bar. Without a terminal a
 * line comes now and then in its place.
 */
export class CopyDisplay {
  private readonly images = new Map<string, ImageProgress>();
  private waits: RegistryWaits | undefined;
  private finished = 0;
  private drawnAt = -Infinity;
  private readonly rate = new TransferRate();
  private readonly columns: (() => number) | undefined;
  private lineAt: number;

  /**
   * @param count how many images are copied
   * @param now milliseconds, of any beginning
   * @param tellsLines whether results come as lines, through a pipe perhaps to the same terminal
   */
  constructor(
    private readonly streams: Streams,
    private readonly count: number,
    private readonly now: () => number,
    tellsLines = true,
  ) {
    this.lineAt = now();
    // `| tee log` writes lines into the same terminal when it comes to it, also behind a bar.
    this.columns = tellsLines && streams.isPiped ? undefined : streams.columns;
  }

  /** Time goes by: to be called about once a second. */
  tick(): void {
    this.noteRate();
    if (this.columns) return this.draw();
    if (this.now() - this.lineAt < LINE_INTERVAL || this.finished === this.count) return;
    this.lineAt = this.now();
    const { numbers, speed, left } = this.numbers();
    this.streams.err(`${[numbers, speed, left].filter(Boolean).join(", ")}\n`);
  }

  /** Takes an event of a copy. */
  event(event: CopyEvent): void {
    if (event.type === "warning") {
      const { image, message, advice } = event;
      const words = advice === undefined ? "" : `. ${adviceIn(advice, COMMAND_LINE_WORDS)}`;
      return this.note(`warning: ${image}: ${message}${words}`);
    }
    const image = this.images.get(event.image) ?? { done: 0, total: 0, spared: 0 };
    this.images.set(event.image, image);
    if (event.type === "planned" || event.type === "progress") image.total = event.bytesTotal;
    if (event.type === "progress") image.done = event.bytesDone;
    if (event.type === "blob" && event.outcome !== "uploaded") image.spared += event.size;
    if (event.type === "copied") image.done = image.total;
    this.noteRate();
    if (this.now() - this.drawnAt >= REDRAW_INTERVAL) this.draw();
  }

  /** Takes an event of a registry. */
  wait(event: RegistryEvent): void {
    const { host, reason, delayMs } = event;
    this.waits ??= new (load.registryWaits().RegistryWaits)(this.now);
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
    if (this.columns) this.draws(CLEAR_LINE);
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
    if (!this.columns) return;
    this.drawnAt = this.now();
    // Some terminals, such as those of build machines, have no width. What fills the last column wraps on others.
    this.draws(CLEAR_LINE + this.bar((this.columns() || DEFAULT_COLUMNS) - 1 - ROOM_FOR_INTERRUPT));
  }

  private totals(): { done: number; total: number; moved: number } {
    const images = [...this.images.values()];
    const [done, total, spared] = (["done", "total", "spared"] as const).map((part) =>
      images.reduce((sum, image) => sum + image[part], 0),
    ) as [number, number, number];
    return { done, total, moved: Math.max(done - spared, 0) };
  }

  private noteRate(): void {
    this.rate.note(this.now(), this.totals().moved);
  }

  /** How far it is, how fast it goes and how long it takes; or that nothing moves. */
  private numbers(): { numbers: string; speed: string; left: string } {
    const { done, total } = this.totals();
    const images = `${this.finished}/${this.count} images`;
    const numbers = total > 0 ? `${images}  ${formatBytes(done)} of ${formatBytes(total)}` : images;
    const still = this.rate.still(this.now());
    if (still >= STILL && this.finished < this.count)
      return { numbers, speed: `nothing moves for ${roughTime(still / 1000)}`, left: "" };
    const rate = total > 0 ? this.rate.perSecond() : undefined;
    const left = rate && done < total ? `${roughTime((total - done) / rate)} left` : "";
    return { numbers, speed: rate === undefined ? "" : `${formatBytes(rate)}/s`, left };
  }

  /** The bar and its numbers; where the line is short, the time gives way first, then the speed, then the bar. */
  private bar(columns: number): string {
    const { done, total } = this.totals();
    const share = total > 0 ? Math.min(done / total, 1) : this.finished / this.count;
    const { numbers, speed, left } = this.numbers();
    const room = columns - "[] ".length;
    const all = [numbers, speed, left].filter(Boolean);
    while (all.length > 1 && room - all.join("  ").length < SHORTEST_BAR) all.pop();
    const text = all.join("  ");
    const width = Math.min(BAR_WIDTH, room - text.length);
    if (width < 1) return text.slice(0, columns);
    const filled = Math.round(share * width);
    return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${text}`;
  }
}
