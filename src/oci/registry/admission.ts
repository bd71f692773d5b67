import type { Claim, HostLimits } from "./limits";
import type { Retrier } from "../transport/retry";

/** The limits and pauses that decide when a task may begin at a host. */
export interface Admission {
  readonly limits: HostLimits;
  readonly retrier: Retrier;
}

/**
 * Runs a task once it has its places and no host of it is paused. A pause that was asked for while the task waited for its
 * places counts, too; it gives them back then, since a pause of one host must not keep others from the other.
 */
export async function withAdmission<T>(
  { limits, retrier }: Admission,
  claims: readonly Claim[],
  task: () => Promise<T>,
): Promise<T> {
  const hosts = claims.map(({ host }) => host);
  for (;;) {
    await retrier.ready(...hosts);
    const done = await limits.with(claims, async () => {
      if (retrier.isPaused(...hosts)) return undefined;
      try {
        return { result: await task() };
      } catch (error) {
        retrier.pauseIfAsked(error);
        throw error;
      }
    });
    if (done) return done.result;
  }
}
