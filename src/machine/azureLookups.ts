import type { ResourceManagerDependencies } from "../azure/resourceManager";
import { systemClock } from "../oci/transport/clock";
import { HttpTransport } from "../oci/transport/http";
import { DEFAULT_RETRY, Retrier } from "../oci/transport/retry";

/** For previews, which shall not wait for what only adds to them. */
const ONCE = { ...DEFAULT_RETRY, attempts: 1, maxPauseMs: 0 };
const SILENCE_MS = 5_000;

/** Asks Azure Resource Manager as this machine reaches it, once and without patience. */
export async function lookUpInAzure<T>(talk: (dependencies: ResourceManagerDependencies) => Promise<T>): Promise<T> {
  const transport = new HttpTransport(process.env);
  try {
    return await talk({
      transport,
      retrier: new Retrier(systemClock, Math.random, ONCE, () => undefined),
      clock: systemClock,
      silenceMs: SILENCE_MS,
    });
  } finally {
    transport.close();
  }
}
