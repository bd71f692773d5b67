import type { IncomingHttpHeaders } from "node:http";

/** Loaded with the first answer that tells a rate. */
const rateLimit = () => require("../transport/rateLimit") as typeof import("../transport/rateLimit");

const tellsRate = (headers: IncomingHttpHeaders): boolean =>
  headers["ratelimit-remaining"] !== undefined ||
  headers["x-ratelimit-remaining"] !== undefined ||
  headers.ratelimit !== undefined;

/** For how long a registry's word is kept that it takes no more; what is longer it has to enforce itself. */
const LONGEST_MS = 60_000;
/** So many go when there should be more again, until an answer tells how many; not all do, and it may be none any more. */
const FIRST = 2;
const FIRST_MS = 1000;
/** So many pauses in a row are kept after which a registry says again that it takes none: it would have to enforce that. */
const BELIEVED = 3;

/** What a registry says that it still takes: what is beyond it is not sent. */
export class Allowance {
  private left = Infinity;
  private until = 0;
  private isOver = true;
  private underWay = 0;
  /** Pauses in a row after which it had none either. */
  private vain = 0;

  /** Milliseconds for which nothing is allowed. */
  pausedMs(now: number): number {
    if (this.left > 0) return 0;
    if (now < this.until) return this.until - now;
    if (!this.isOver) this.vain++;
    this.left = this.isOver ? Infinity : FIRST;
    this.until = now + FIRST_MS;
    this.isOver = true;
    return 0;
  }

  /** Milliseconds for which nothing is allowed whatever comes: no answer is under way that could tell otherwise. */
  emptyMs(now: number): number {
    return this.underWay > 0 ? 0 : this.pausedMs(now);
  }

  /** A request goes. */
  take(): void {
    this.underWay++;
    this.left--;
  }

  /**
   * A request has its answer, or will have none.
   *
   * @param date milliseconds since 1970
   */
  ended(headers: IncomingHttpHeaders | undefined, now: number, date: number): void {
    this.underWay--;
    const told = headers && tellsRate(headers) ? rateLimit().rateAllowance(headers, date) : undefined;
    const resetMs = told?.resetMs ?? told?.windowMs ?? 0;
    if (!told || resetMs <= 0 || resetMs > LONGEST_MS) return;
    if (told.remaining > 0) this.vain = 0;
    else if (this.vain >= BELIEVED) return;
    // What is under way was sent before, and may not have been counted yet.
    this.left = told.remaining - this.underWay;
    this.until = now + resetMs;
    this.isOver = false;
  }
}
