/** Runs a task as soon as one of the places is free. */
export type ConcurrencyLimit = <T>(task: () => Promise<T>) => Promise<T>;

/** Makes a queue that lets at most so many tasks run at once, in the order in which they came. */
export function concurrencyLimit(places: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await task();
    } finally {
      // The place goes straight to the next in the queue, so that nobody can take it in between.
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
