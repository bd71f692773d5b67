/** Milliseconds that a rate is taken over: what moved before says nothing of what is to come. */
const WINDOW = 5000;
/** Below this a rate says nothing. */
const SHORTEST = 1000;

/** How fast bytes move: those of the last seconds; and since when none does. */
export class TransferRate {
  /** From the last one before the window on. */
  private samples: { readonly at: number; readonly bytes: number }[] = [];
  private movedAt: number | undefined;

  /** @param bytes all that moved so far; fewer than before where something starts anew */
  note(at: number, bytes: number): void {
    const last = this.samples.at(-1);
    if (last?.bytes !== bytes) this.movedAt = at;
    this.movedAt ??= at;
    if (last?.at === at) this.samples.pop();
    this.samples.push({ at, bytes });
    const begin = this.samples.findLastIndex((sample) => sample.at <= at - WINDOW);
    if (begin > 0) this.samples.splice(0, begin);
  }

  /** Bytes a second; undefined while too little is known. */
  perSecond(): number | undefined {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (!first || !last || last.at - first.at < SHORTEST) return undefined;
    return (Math.max(0, last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  /** Milliseconds for which nothing has moved. */
  still(now: number): number {
    return this.movedAt === undefined ? 0 : now - this.movedAt;
  }
}

/** A time as a person tells it: `45 s`, `12 min`, `3 h`. */
export function roughTime(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
