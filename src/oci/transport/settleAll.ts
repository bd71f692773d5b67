/**
 * Like `Promise.all`, but also when one fails it waits for the others, so that nothing goes on behind the back of whoever
 * was told of the failure (and keeps a process alive that has nothing left to do).
 */
export async function settleAll<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
