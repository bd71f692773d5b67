import { MirrorError } from "../error";

/** What has been reported: whoever handles a rejection with one of them later has nothing to learn from it. */
const REPORTED = new WeakSet<Error>();
let listening = false;

/**
 * Keeps Node.js from warning of rejections with this error that are handled late.
 *
 * Of a plan that fails, every Output fails that comes of it, those of the program among them; Pulumi has reported the error
 * when it comes to those that the stack exports, and Node.js would warn of each (`PromiseRejectionHandledWarning`). Of all
 * other rejections it warns as before.
 */
export function quietLateRejections(error: Error): void {
  REPORTED.add(error);
  if (listening) return;
  listening = true;
  process.on("rejectionHandled", (promise) => {
    promise.catch((reason: unknown) => {
      if (reason instanceof MirrorError || (reason instanceof Error && REPORTED.has(reason))) return;
      // With a listener of somebody else there would be no warning.
      if (process.listenerCount("rejectionHandled") > 1) return;
      process.emitWarning("Promise rejection was handled asynchronously", "PromiseRejectionHandledWarning");
    });
  });
}
