import { MirrorError } from "../error";

/** The engine has been told to stop. `code` is `UPDATE_CANCELLED`. */
export class CancelledError extends MirrorError {
  override readonly name = "CancelledError";
  constructor() {
    super(
      "UPDATE_CANCELLED",
      "The update was cancelled while this was under way",
      "Run it again: it goes on with what is missing",
    );
  }
}

/**
 * What the engine's Cancel does to work that is under way: it fails at once, so that the update ends. Only work that may be
 * left anywhere, and is found by the next update, is handed to it.
 */
export class Cancellation {
  private cancel!: (error: Error) => void;
  private readonly cancelled = new Promise<never>((_, reject) => (this.cancel = reject));

  constructor() {
    // Without any work there is nobody to tell.
    this.cancelled.catch(() => undefined);
  }

  /** Ends all work that is under way, and all that comes. */
  now(): void {
    this.cancel(new CancelledError());
  }

  /** Waits for a work, or for its end by {@link now}. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.cancelled]);
  }
}
