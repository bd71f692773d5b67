import { MirrorError } from "../../error";
import { Waker, type Clock } from "./clock";

/** A wait that ended because the connections were closed, for whose next request it was. `code` is `REGISTRIES_CLOSED`. */
export class WaitClosedError extends MirrorError {
  override readonly name = "WaitClosedError";
  constructor() {
    super("REGISTRIES_CLOSED", "No registry was waited for any longer: the connections were closed");
  }
}

/** A clock for those who end together: from {@link close} on, whoever sleeps or wants to fails at once. */
export class ClosableClock implements Clock {
  private readonly sleepers = new Set<Waker>();
  private isClosed = false;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  date(): number {
    return this.clock.date();
  }

  /** @throws {WaitClosedError} */
  async sleep(milliseconds: number): Promise<void> {
    const sleeper = new Waker();
    this.sleepers.add(sleeper);
    if (!this.isClosed) await this.clock.sleep(milliseconds, sleeper);
    this.sleepers.delete(sleeper);
    if (this.isClosed) throw new WaitClosedError();
  }

  close(): void {
    this.isClosed = true;
    for (const sleeper of this.sleepers) sleeper.call();
  }
}
