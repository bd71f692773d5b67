import type { HttpResponse } from "../transport/http";
import type { Clock } from "../transport/clock";
import { DEFAULT_PAUSE_MS, RetryableFailure, type Retrier } from "../transport/retry";
import type { Answered, HostRate, SentRequest } from "./hostRate";
import type { RequestKind } from "./requestKind";

export interface TurnOptions {
  readonly host: string;
  readonly rate: HostRate;
  readonly retrier: Retrier;
  readonly clock: Clock;
}

/** Shorter waits for the rate are not worth a word. */
const TOLD_MS = 5000;
const NO_MORE = "it takes no more requests until then";

/** When each request to a host goes, and what its answer says of those that come after it. */
export class RequestTurns {
  constructor(private readonly options: TurnOptions) {}

  /**
   * Waits until a request may go: no pause that the host asked for is over it, and it is within its rate. Each request passes
   * here, also those of a transfer that has had its places for long. Whoever takes a turn has to say what came of it:
   * {@link watch} or {@link gaveUp}.
   */
  async take(kind: RequestKind): Promise<SentRequest> {
    const { host, rate, retrier, clock } = this.options;
    for (;;) {
      if (retrier.isPaused(host)) await retrier.ready(host);
      const { waitMs, isTaken } = rate.take(kind, clock.now());
      const sent = (): SentRequest => ({ kind, at: clock.now() });
      if (isTaken && waitMs === 0) return sent();
      if (!isTaken && waitMs >= TOLD_MS) retrier.tellPause(host, NO_MORE, waitMs);
      try {
        await clock.sleep(waitMs);
      } catch (error) {
        if (isTaken) this.gaveUp(sent());
        throw error;
      }
      if (!isTaken) continue;
      if (!retrier.isPaused(host) && !rate.isPaused(kind, clock.now())) return sent();
      // The host asked to wait meanwhile.
      this.gaveUp(sent());
    }
  }

  /** A request was not sent after all. */
  gaveUp({ kind }: SentRequest): void {
    this.ended(kind, undefined);
  }

  /** Has the rate learn from an answer that is under way. */
  watch(sent: SentRequest, response: Promise<HttpResponse>): void {
    response.then(
      ({ statusCode: status = 0, headers }) => this.ended(sent.kind, { status, headers }),
      () => this.gaveUp(sent),
    );
  }

  /** A long wait that nothing can end is a pause: who has no places yet must not take those of other hosts with it. */
  private ended(kind: RequestKind, answer: Answered | undefined): void {
    const { host, rate, retrier, clock } = this.options;
    rate.ended(kind, answer, clock.now(), clock.date());
    const waitMs = rate.emptyMs(clock.now());
    if (waitMs >= TOLD_MS) retrier.pause(host, waitMs, NO_MORE);
  }

  /** Has all who wait for a turn keep a wish to wait, which a request was answered with. */
  held(failure: RetryableFailure, sent: SentRequest): RetryableFailure {
    const { rate, retrier, clock } = this.options;
    const { pauseMs = DEFAULT_PAUSE_MS } = failure.options;
    if (!failure.asksToWait || !retrier.follows(pauseMs)) return failure;
    return rate.refused(sent, clock.now(), pauseMs)
      ? new RetryableFailure(failure.host, failure.error, { ...failure.options, ofKind: true })
      : failure;
  }
}
