const SECOND = 1000;

/** Lets so many requests in during any second, and counts all that come. */
export class RequestLimit {
  private readonly times: number[] = [];
  private asked = 0;
  private turnedAway = 0;

  constructor(private readonly perSecond: number) {}

  /** All requests so far, the refused ones among them. */
  get requests(): number {
    return this.asked;
  }

  get refused(): number {
    return this.turnedAway;
  }

  /**
   * Asks for a place; what is refused takes none.
   *
   * @param now milliseconds of a clock that only goes on
   * @returns undefined for whoever gets in, else after how many whole seconds there is a place again
   */
  enter(now: number): number | undefined {
    this.asked += 1;
    while (this.times[0] !== undefined && this.times[0] <= now - SECOND) this.times.shift();
    const [oldest] = this.times;
    if (oldest === undefined || this.times.length < this.perSecond) {
      this.times.push(now);
      return undefined;
    }
    this.turnedAway += 1;
    return Math.ceil((oldest + SECOND - now) / SECOND);
  }
}
