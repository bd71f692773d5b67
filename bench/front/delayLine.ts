/** What a line needs of time. */
export interface LineClock {
  /** Milliseconds of a clock that only goes on. */
  now(): number;
  after(milliseconds: number, call: () => void): void;
}

export const SYSTEM_CLOCK: LineClock = {
  now: () => performance.now(),
  after: (milliseconds, call) => void setTimeout(call, milliseconds),
};

/**
 * One direction of a long line: what goes in comes out in order, a fixed time later. However much is under way, the line
 * takes more: it has length, and no width.
 */
export class DelayLine {
  private readonly underWay: { due: number; deliver: () => void }[] = [];
  private waiting = false;

  /** @param opened when the first of it may go in at the earliest; what is sent before waits at the entrance */
  constructor(
    private readonly clock: LineClock,
    private readonly delay: number,
    private readonly opened = 0,
  ) {}

  send(deliver: () => void): void {
    this.underWay.push({ due: Math.max(this.clock.now(), this.opened) + this.delay, deliver });
    this.wait();
  }

  private wait(): void {
    const [first] = this.underWay;
    if (this.waiting || !first) return;
    this.waiting = true;
    this.clock.after(Math.max(first.due - this.clock.now(), 0), () => {
      this.waiting = false;
      // A timer may fire a little early: what is not due then waits again.
      while (this.underWay[0] && this.underWay[0].due <= this.clock.now()) this.underWay.shift()?.deliver();
      this.wait();
    });
  }
}
