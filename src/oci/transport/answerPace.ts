import { systemClock } from "./clock";

/** How slow an answer may be that is read into memory: a manifest, a token, a page of a list. */
export interface AnswerPace {
  /** Milliseconds in which a body may take its time altogether. */
  readonly graceMs: number;
  /** What comes after that has to come so fast, on the average. */
  readonly bytesPerSecond: number;
}

/** A server that says a little now and then, for ever, is never silent. */
export class AnswerTooSlowError extends Error {
  override readonly name = "AnswerTooSlowError";
}

/** Longer than the silence that is allowed, 75 s; then 8 KiB/s, so that the largest manifest has ten minutes. */
export function answerPace(stallTimeoutMs: number): AnswerPace {
  return { graceMs: stallTimeoutMs * 1.25, bytesPerSecond: 8 * 1024 };
}

/** The head of an answer, all of it, has to be there after so many times the silence that is allowed: six minutes. */
export const HEAD_PATIENCE = 6;

/**
 * Watches a body that is read.
 *
 * @param received how many bytes came so far
 * @returns ends the watch
 */
export function watchPace(
  { graceMs, bytesPerSecond }: AnswerPace,
  received: () => number,
  tooSlow: (error: Error) => void,
) {
  const start = systemClock.now();
  const allowed = (): number => graceMs + (received() / bytesPerSecond) * 1000;
  const look = (): void => {
    const left = start + allowed() - systemClock.now();
    if (left > 1) timer = setTimeout(look, left);
    else
      tooSlow(
        new AnswerTooSlowError(
          `after ${Math.round((systemClock.now() - start) / 1000)} s ${received()} bytes had come`,
        ),
      );
  };
  let timer = setTimeout(look, graceMs);
  return (): void => clearTimeout(timer);
}
