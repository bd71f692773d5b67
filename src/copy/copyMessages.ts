import { formatBytes } from "../image/bytes";
import { copySummary } from "../oci/copy/copySummary";
import type { CopyEvent } from "../oci/copy/progress";
import { adviceIn, PROGRAM_WORDS } from "../settingWords";
import type { EngineLog } from "../resource/engineLog";

/** Milliseconds between two statuses, at least and at most: a tenth of the time so far. */
const INTERVALS = { shortest: 1000, longest: 10_000 };

/**
 * Tells the person who watches `pulumi up` how copies go: what lasts as a status, what matters as a message.
 *
 * The engine shows one status at a time, and where it writes to no terminal each is a line that stays. So one status
 * stands for all images, seldom enough for the log of a build machine.
 */
export class CopyMessages {
  private readonly onTheirWay = new Map<string, { done: number; total: number }>();
  private readonly ended = { images: 0, done: 0, total: 0 };
  private startedAt: number | undefined;
  private toldAt = -Infinity;

  /** @param now milliseconds, of any beginning */
  constructor(
    private readonly log: EngineLog,
    private readonly now: () => number,
  ) {}

  /** Takes an event of a copy. */
  event(event: CopyEvent): void {
    const { image } = event;
    switch (event.type) {
      case "planned":
      case "progress": {
        const { done } = this.onTheirWay.get(image) ?? { done: 0 };
        this.onTheirWay.set(image, {
          done: event.type === "progress" ? event.bytesDone : done,
          total: event.bytesTotal,
        });
        return this.tell();
      }
      case "warning":
        return this.log.warn(
          `${image}: ${event.message}${event.advice ? `. ${adviceIn(event.advice, PROGRAM_WORDS)}` : ""}`,
        );
      case "copied": {
        const progress = this.onTheirWay.get(image);
        if (progress) progress.done = progress.total;
        return this.log.info(`${image}: ${copySummary(event.result)}`);
      }
      case "blob":
        return undefined;
    }
  }

  /** The copy of an image has come to its end, well or not. */
  end(image: string): void {
    const { done, total } = this.onTheirWay.get(image) ?? { done: 0, total: 0 };
    this.onTheirWay.delete(image);
    this.ended.images++;
    this.ended.done += done;
    this.ended.total += total;
  }

  private tell(): void {
    const now = this.now();
    this.startedAt ??= now;
    const interval = Math.min(Math.max((now - this.startedAt) / 10, INTERVALS.shortest), INTERVALS.longest);
    if (now - this.toldAt < interval) return;
    this.toldAt = now;
    this.log.status(this.status());
  }

  private status(): string {
    const [[image, only] = [], ...others] = this.onTheirWay;
    if (only && others.length === 0) return `${image}: ${formatBytes(only.done)} of ${formatBytes(only.total)}`;
    let { done, total } = this.ended;
    for (const image of this.onTheirWay.values()) {
      done += image.done;
      total += image.total;
    }
    const ended = this.ended.images === 0 ? "" : `, ${this.ended.images} done`;
    return `${this.onTheirWay.size} images on their way${ended}: ${formatBytes(done)} of ${formatBytes(total)}`;
  }
}

/** All copies of a process that tell the same log share their status. */
const byLog = new WeakMap<EngineLog, CopyMessages>();

/** The messages of all copies that tell this log; of one alone, where each has its place in it. */
export function copyMessages(log: EngineLog): CopyMessages {
  if (log.atResource) return new CopyMessages(log, () => performance.now());
  let messages = byLog.get(log);
  if (!messages) byLog.set(log, (messages = new CopyMessages(log, () => performance.now())));
  return messages;
}
