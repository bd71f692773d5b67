/**
 * The errors that have been the answer to a call. Of a component that fails, every Output fails that comes of it, and nobody
 * handles those; the SDK's server would fail all components with them that are being made at the same time.
 */
export class ToldErrors {
  private readonly errors = new WeakSet<object>();

  add(error: unknown): void {
    if (typeof error === "object" && error !== null) this.errors.add(error);
  }

  /** Takes the place of whoever listens to unhandled rejections now, and hands on to them what has been told to nobody. */
  listen(process: Pick<NodeJS.Process, "listeners" | "removeAllListeners" | "on">): void {
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (reason, promise) => {
      // The call may be about to answer: those who wait for the same promise come one after the other.
      setImmediate(() => {
        if (typeof reason === "object" && reason !== null && this.errors.has(reason)) return;
        for (const other of others) other(reason, promise);
      });
    });
  }
}
