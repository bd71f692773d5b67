import { channel } from "node:diagnostics_channel";
import { MirrorError } from "../../error";
import type { Traces } from "../../tracing";
import type { Clock, Random } from "./clock";
import type { RegistryEvent } from "./registryEvent";

const waits = channel("chart-mirror:wait" satisfies keyof Traces);

/** A failure that another attempt may mend; `error` is thrown when no attempt is left. */
export class RetryableFailure extends Error {
  override readonly name = "RetryableFailure";
  constructor(
    readonly host: string,
    readonly error: Error,
    readonly options: {
      /** The registry asked every client to wait this long (Retry-After), in milliseconds. */
      readonly pauseMs?: number;
      /** The registry limits the rate: others should slow down too. */
      readonly throttled?: boolean;
      /** The wish to wait is about requests of this kind alone, which are held back by their rate: others go on. */
      readonly ofKind?: boolean;
      /** A kept-alive connection was closed just as it was used: nothing is wrong, try at once. */
      readonly immediate?: boolean;
      /** Tried no more often than so, where the policy allows more: each attempt takes long. */
      readonly attempts?: number;
    } = {},
  ) {
    super(error.message, { cause: error });
  }

  /** Whether the registry asks for a pause; the request itself was not looked at. */
  get asksToWait(): boolean {
    return this.options.throttled === true || this.options.pauseMs !== undefined;
  }
}

/** Whether a failure of a task is a host's refusal for its rate, or for its load. */
export function isRateRefusal(error: unknown, host: string): boolean {
  return error instanceof RetryableFailure && error.asksToWait && error.host === host;
}

/** How long to try. */
export interface RetryPolicy {
  /** How often one request or transfer is tried. Default 6. */
  readonly attempts: number;
  /** The first delay in milliseconds, doubled each time. Default 250. */
  readonly baseDelayMs: number;
  /** Default 20 s. */
  readonly maxDelayMs: number;
  /** The longest time to follow a registry's wish to wait, for one request. Default 15 minutes. */
  readonly maxPauseMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 6, baseDelayMs: 250, maxDelayMs: 20_000, maxPauseMs: 900_000 };

/** For a registry that limits the rate and does not say how long. */
export const DEFAULT_PAUSE_MS = 1000;
/** Pauses whose ends are no farther apart are told of as one. */
const SAME_PAUSE_MS = 1000;

/**
 * Retries with exponential delays of which half is random (equal jitter); a pause that a registry asks for holds for all requests to its host.
 */
export class Retrier {
  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly policy: RetryPolicy,
    private readonly onEvent: (event: RegistryEvent) => void,
    private readonly pausedUntil = new Map<string, number>(),
    private readonly toldUntil = new Map<string, number>(),
  ) {}

  /** One that keeps the same pauses, and waits by another clock. */
  withClock(clock: Clock): Retrier {
    return new Retrier(clock, this.random, this.policy, this.onEvent, this.pausedUntil, this.toldUntil);
  }

  /** Waits until no host is paused. */
  async ready(...hosts: string[]): Promise<void> {
    for (;;) {
      const wait = this.pauseOf(hosts);
      if (wait <= 0) return;
      // Not all at once when the pause is over.
      await this.clock.sleep(wait + this.random() * Math.min(wait / 4, 1000));
    }
  }

  /** Whether one of the hosts is paused. */
  isPaused(...hosts: string[]): boolean {
    return this.pauseOf(hosts) > 0;
  }

  /** Keeps the pause that a failure asks for at once, before whoever waits for the place of the request that failed. */
  pauseIfAsked(failure: unknown): void {
    if (!(failure instanceof RetryableFailure) || !failure.asksToWait) return;
    const { pauseMs = DEFAULT_PAUSE_MS } = failure.options;
    if (pauseMs > this.policy.maxPauseMs) return;
    if (failure.options.ofKind) this.tellPause(failure.host, failure.error.message, pauseMs);
    else this.pause(failure.host, pauseMs, failure.error.message);
  }

  /** Whether a wish to wait so long is followed. */
  follows(pauseMs: number): boolean {
    return pauseMs <= this.policy.maxPauseMs;
  }

  private pauseOf(hosts: readonly string[]): number {
    return Math.max(...hosts.map((host) => this.pausedUntil.get(host) ?? 0)) - this.clock.now();
  }

  /**
   * Runs an attempt until it succeeds, fails for good, or the policy is used up.
   *
   * @param doing for events, such as `reading a manifest`.
   * @param attempt throws a {@link RetryableFailure} for what may pass.
   */
  async run<T>(doing: string, attempt: (number: number) => Promise<T>): Promise<T> {
    let failures = 0;
    let throttles = 0;
    let immediate = 0;
    let paused = 0;
    for (let number = 1; ; number++) {
      try {
        return await attempt(number);
      } catch (failure) {
        if (!(failure instanceof RetryableFailure)) throw failure;
        const { pauseMs } = failure.options;
        if (failure.options.immediate && immediate++ < 3) continue;
        if (failure.asksToWait) {
          if (throttles + 1 >= (failure.options.attempts ?? Infinity)) throw failure.error;
          // A registry that says "at once" again and again is not believed.
          const delayMs = Math.max(
            pauseMs ?? DEFAULT_PAUSE_MS,
            this.delay(++throttles, this.policy.baseDelayMs, 60_000),
          );
          paused += delayMs;
          if (paused > this.policy.maxPauseMs) throw failure.error;
          if (failure.options.ofKind) {
            this.tellPause(failure.host, failure.error.message, delayMs);
            await this.clock.sleep(delayMs);
          } else {
            this.pause(failure.host, delayMs, failure.error.message);
            await this.ready(failure.host);
          }
          continue;
        }
        if (++failures >= Math.min(this.policy.attempts, failure.options.attempts ?? Infinity)) throw failure.error;
        const delayMs = this.delay(failures, this.policy.baseDelayMs, this.policy.maxDelayMs);
        this.tell({ type: "retry", host: failure.host, doing, reason: reasonOf(failure.error), delayMs }, failures);
        await this.clock.sleep(delayMs);
      }
    }
  }

  /** Has all requests to a host wait. */
  pause(host: string, delayMs: number, reason: string): void {
    const until = this.clock.now() + delayMs;
    const known = this.pausedUntil.get(host) ?? 0;
    if (until <= known) return;
    this.pausedUntil.set(host, until);
    this.tellPause(host, reason, delayMs);
  }

  /** Tells of a pause, unless one that ends about then was told of. */
  tellPause(host: string, reason: string, delayMs: number): void {
    const until = this.clock.now() + delayMs;
    if (until - (this.toldUntil.get(host) ?? 0) <= SAME_PAUSE_MS) return;
    this.toldUntil.set(host, until);
    this.tell({ type: "paused", host, reason, delayMs });
  }

  private tell(event: RegistryEvent, failures?: number): void {
    if (waits.hasSubscribers) waits.publish({ ...event, failures } satisfies Traces["chart-mirror:wait"]);
    this.onEvent(event);
  }

  /** Half of the exponential delay for certain, the other half at random. */
  private delay(failures: number, base: number, max: number): number {
    const full = Math.min(base * 2 ** (failures - 1), max);
    return full / 2 + (this.random() * full) / 2;
  }
}

/** Why an attempt failed. What a person can do about it ("try again") is for the error, should it come to that. */
function reasonOf(error: Error): string {
  return error instanceof MirrorError ? error.problem : error.message;
}

/**
 * The wait that a `Retry-After` header asks for, in milliseconds: seconds or an HTTP date
 * ({@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3}); undefined where it says neither.
 *
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /[A-Za-z]/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
