/** Milliseconds that no text of the first size takes, unless its time grows too fast. */
const QUICK = 2;
/** Milliseconds below which a time says nothing, on a busy machine. */
const FLOOR = 25;
/** How much longer the second text is. */
const FACTOR = 8;
/** Of a time that grows with the text; a square is 64. */
const MOST = FACTOR * 4;
const ATTEMPTS = 3;

/**
 * Whether the time of some work grows faster than its input: eight times the input takes more than 32 times as long, each
 * time that it is tried.
 *
 * @param prepare makes the input of a size, in characters or items; it is not measured
 */
export function growsTooFast<T>(prepare: (size: number) => T, work: (input: T) => unknown, size = 16_000): boolean {
  // What is exponential shows before it lasts.
  if (milliseconds(prepare(28), work) > 1_000) return true;
  const little = prepare(size);
  if (milliseconds(little, work) < QUICK) return false;
  const much = prepare(size * FACTOR);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = Math.min(milliseconds(little, work), milliseconds(little, work));
    if (first < QUICK) return false;
    // A square of this would last for minutes.
    if (first > 2_000) return true;
    const second = milliseconds(much, work);
    if (second < FLOOR || second < first * MOST) return false;
  }
  return true;
}

function milliseconds<T>(input: T, work: (input: T) => unknown): number {
  // Of the processor: how long others keep it says nothing of the work.
  const start = process.cpuUsage();
  work(input);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
