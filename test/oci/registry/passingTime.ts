import type { Clock } from "../../../src/oci/transport/clock";

/** A clock that stands while there is something to do, and then goes to the end of the shortest sleep at once. */
export class PassingTime implements Clock {
  private time = 1_000_000;
  private sleepers: { due: number; order: number; wake: () => void }[] = [];
  private count = 0;

  now(): number {
    return this.time;
  }

  date(): number {
    return this.time;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ due: this.time + Math.max(0, milliseconds), order: this.count++, wake });
    });
  }

  /** Lets time pass until the work is done. */
  async passFor<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = (): void => void (isDone = true);
    work.then(end, end);
    for (;;) {
      // All that needs no time is done first.
      await new Promise(setImmediate);
      if (isDone) return work;
      const next = this.sleepers.sort((a, b) => a.due - b.due || a.order - b.order).shift();
      if (!next) throw new Error("nobody sleeps, and the work is not done");
      this.time = Math.max(this.time, next.due);
      next.wake();
    }
  }
}
