/** Milliseconds that are counted as one moment. */
const MOMENT_MS = 20;
/** As far back as is remembered: ten seconds. */
const MOMENTS = 512;

/** How many answers came when, of the last ten seconds; costs no memory for each. */
export class RecentAnswers {
  private readonly counts = new Uint16Array(MOMENTS);
  private last = 0;

  note(now: number): void {
    this.advance(now);
    const place = this.last % MOMENTS;
    this.counts[place] = Math.min((this.counts[place] as number) + 1, 0xffff);
  }

  /** Answers from a moment on, at most {@link MOMENTS} ago. */
  since(from: number): number {
    const first = Math.max(Math.floor(from / MOMENT_MS), this.last - MOMENTS + 1, 0);
    let count = 0;
    for (let moment = first; moment <= this.last; moment++) count += this.counts[moment % MOMENTS] as number;
    return count;
  }

  private advance(now: number): void {
    const moment = Math.floor(now / MOMENT_MS);
    if (moment - this.last >= MOMENTS) this.counts.fill(0);
    else for (let past = this.last + 1; past <= moment; past++) this.counts[past % MOMENTS] = 0;
    this.last = Math.max(this.last, moment);
  }
}
