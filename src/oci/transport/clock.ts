/** Time as the algorithms see it, so that tests do not wait. */
export interface Clock {
  /** Milliseconds since some moment. Never goes back, whatever is done to the machine's time: for all that lasts. */
  now(): number;
  /** Milliseconds since 1970, as the machine believes: for dates that others tell. */
  date(): number;
  /** @param waker ends the sleep early, without an error. */
  sleep(milliseconds: number, waker?: Waker): Promise<void>;
}

/**
 * Ends a sleep early. Not an `AbortController`, whose first use takes most of a millisecond at every start, and which gathers a
 * listener with each sleep.
 */
export class Waker {
  private wake: (() => void) | undefined;

  /** Ends the sleep that was begun last with it, if it lasts. */
  call(): void {
    this.wake?.();
  }

  /** For clocks: what ends the sleep that begins. */
  onCall(wake: () => void): void {
    this.wake = wake;
  }
}

/** A number from 0 (inclusive) to 1 (exclusive), for jitter. */
export type Random = () => number;

/** The machine's clock. */
export const systemClock: Clock = {
  // Not `performance`, which loads nine modules of Node.js at the start of every command.
  now: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  date: () => Date.now(),
  sleep: (milliseconds, waker) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      waker?.onCall(() => {
        // A timer that is left would keep the process.
        clearTimeout(timer);
        resolve();
      });
    }),
};
