/** Time as the algorithms see it, so that tests do not wait. */
export interface Clock {
  /** Milliseconds since some moment. Never goes back, whatever is done to the machine's time: for all that lasts. */
  now(): number;
  /** Milliseconds since 1970, as the machine believes: for dates that others tell. */
  date(): number;
  /** @param signal ends the sleep early, without an error. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
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
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal?.addEventListener("abort", () => {
        // A timer that is left would keep the process.
        clearTimeout(timer);
        resolve();
      });
    }),
};
