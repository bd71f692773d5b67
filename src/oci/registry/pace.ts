import { RecentAnswers } from "./recentAnswers";

/** So much less than the rate at which a registry took requests before it refused one is used after it. */
const DECREASE = 0.03;
/** And so much less when it has refused none for a while: just below the limit, where nothing is refused and little lost. */
const MARGIN = 0.015;
/** The margin doubles when it was too small, up to this: the way to a registry takes one request longer than another. */
const LARGEST_MARGIN = 0.12;
/** Fewer answers than this tell no rate. Before the first refusal they may have come all at once, which is another limit. */
const TELLING = 8;
const TELLING_FIRST = 20;
/** Requests per second to begin with where nothing is known but that it was too much; they double each second. */
const SEARCH_RATE = 10;
/** Who refuses so few requests per second refuses them for another reason than their rate: only its pauses are kept. */
const LEAST_RATE = 1;
/** So much of a rate that was refused is tried next, where it is not known what was taken. */
const SEARCHED = 0.75;
/** The shortest and the longest time over which a rate is measured: limits are by the second, or in bursts. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 10_000;
/** How long a rate is kept before more is tried; twice as long each time that the limit turns out to be the same. */
const PATIENCE_MS = 15_000;
const LONGEST_PATIENCE_MS = 240_000;
/** Two limits that differ less are the same. */
const SAME = 0.15;
/** Beyond so many times the last known limit there is none. */
const FORGOTTEN = 8;
/** So much of what was not sent in time is sent afterwards, as long as no second has more than the rate. */
const CATCH_UP_MS = 400;
/** Half as much after each other refusal: there are registries that want each request by itself. */
const LEAST_CATCH_UP_MS = 25;
const WINDOW_MS = 1000;
/** Above this rate the times of what was sent are not kept. */
const MOST_IN_WINDOW = 200;

/** A limit that a registry was found to have. */
interface FoundLimit {
  /** Requests per second. */
  readonly rate: number;
  readonly since: number;
  readonly patienceMs: number;
  readonly catchUpMs: number;
  readonly margin: number;
  /** It is a guess, to be found by trying. */
  readonly isGuess?: boolean;
}

/** A refusal under way, with all that were sent before it was known. */
interface Refusal {
  readonly at: number;
  readonly windowMs: number;
  until: number;
}

/**
 * How often requests go to a registry: as they come, until it refuses one for their rate. Then they go one after the other at a
 * little less than the rate at which it took them (multiplicative decrease), measured and not guessed; nearly at that rate
 * while it refuses none; and after a while at more and more (additive increase), until it refuses again or the limit is
 * forgotten.
 */
export class Pace {
  private limit: FoundLimit | undefined;
  private refusal: Refusal | undefined;
  private next = 0;
  /** When the last ones went, or will go. */
  private turns: number[] = [];

  constructor(private readonly answers = new RecentAnswers()) {}

  /** Milliseconds for which nothing goes, after a refusal. */
  pausedMs(now: number): number {
    this.settle(now);
    return this.refusal ? this.refusal.until - now : 0;
  }

  /** Takes the next turn. @returns in how many milliseconds it comes */
  take(now: number): number {
    const rate = this.rateAt(now);
    if (rate === undefined) return 0;
    const due = Math.max(this.next, now - (this.limit?.catchUpMs ?? 0));
    this.next = due + 1000 / rate;
    const at = Math.max(due, now, this.windowOpens(Math.round(rate)));
    this.turns.push(at);
    if (this.turns.length > MOST_IN_WINDOW) this.turns.shift();
    return at - now;
  }

  /** When there are less than so many turns in the second before. */
  private windowOpens(most: number): number {
    if (most < 1) return 0;
    const first = this.turns.at(-most);
    return first === undefined ? 0 : first + WINDOW_MS;
  }

  /** Requests per second that may go now; undefined for any number. */
  rateAt(now: number): number | undefined {
    if (!this.limit) return undefined;
    const { rate, since, patienceMs, margin, isGuess } = this.limit;
    const age = Math.max(0, now - since);
    const seconds = Math.max(0, age - patienceMs) / 1000;
    const more = isGuess
      ? 2 ** seconds
      : age < patienceMs
        ? 1 - margin - DECREASE + (DECREASE * age) / patienceMs
        : 1 - margin + seconds / 20 + seconds ** 2 / 200;
    if (more <= FORGOTTEN) return rate * more;
    this.limit = undefined;
    return undefined;
  }

  /** A request was taken. */
  answered(now: number): void {
    this.answers.note(now);
  }

  answeredSince(from: number): number {
    return this.answers.since(from);
  }

  /**
   * A request was refused for the rate; nothing goes until the pause is over.
   *
   * @param sentAt when it went: what went before another refusal was known tells nothing new
   * @returns whether it begins a new refusal
   */
  refused(now: number, sentAt: number, pauseMs: number): boolean {
    this.settle(now);
    if (this.refusal) {
      this.refusal.until = Math.max(this.refusal.until, now + pauseMs);
      return false;
    }
    if (this.limit && sentAt < this.limit.since) return false;
    const windowMs = Math.min(Math.max(pauseMs, SHORTEST_MS), LONGEST_MS);
    this.refusal = { at: now, windowMs, until: now + pauseMs };
    return true;
  }

  /** Nothing is known of a limit any more. */
  forget(): void {
    this.limit = this.refusal = undefined;
  }

  /** Learns from a refusal when its pause is over: all answers that were under way are there then. */
  private settle(now: number): void {
    const { refusal } = this;
    if (!refusal || now < refusal.until) return;
    this.refusal = undefined;
    this.limit = this.limitAfter(refusal, now);
    this.next = now;
    this.turns = [];
  }

  private limitAfter({ at, windowMs }: Refusal, now: number): FoundLimit | undefined {
    const used = this.rateAt(at);
    const before = this.limit;
    const count = this.answers.since(at - windowMs);
    const taken = (count * 1000) / windowMs;
    const fresh = { rate: taken, since: now, patienceMs: PATIENCE_MS, catchUpMs: CATCH_UP_MS, margin: MARGIN };
    if (!before || used === undefined)
      return count < TELLING_FIRST ? { ...fresh, rate: SEARCH_RATE, patienceMs: 0, isGuess: true } : fresh;
    const catchUpMs = Math.max(LEAST_CATCH_UP_MS, before.catchUpMs / 2);
    // Too few answers tell no rate: a wrong one would be kept for long.
    if (count < TELLING) return used / 2 < LEAST_RATE ? undefined : { ...fresh, catchUpMs, rate: used / 2 };
    // One that has not been used for as long is only known to have been too much.
    if (before.isGuess || (at - before.since < windowMs && count < TELLING_FIRST))
      return { ...fresh, catchUpMs, rate: Math.max(taken, used * SEARCHED) };
    if (Math.abs(before.rate - taken) > SAME * taken) return { ...fresh, catchUpMs };
    // It is the same; where it was not even reached, the margin was too small.
    const wasReached = at - before.since >= before.patienceMs;
    return {
      ...fresh,
      catchUpMs,
      rate: Math.min(taken, before.rate),
      patienceMs: Math.min(before.patienceMs * 2, LONGEST_PATIENCE_MS),
      margin: wasReached ? before.margin : Math.min(before.margin * 2, LARGEST_MARGIN),
    };
  }
}
