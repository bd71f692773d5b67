import type { ResourceManagerDependencies } from "../azure/resourceManager";
import { systemClock } from "../oci/clock";
import { HttpTransport } from "../oci/http";
import type { RegistryEvent } from "../oci/progress";
import { DEFAULT_RETRY, Retrier } from "../oci/retry";

/** Azure Resource Manager as this machine reaches it: through its proxies. */
export function localResourceManager(onEvent: (event: RegistryEvent) => void): ResourceManagerDependencies {
  return {
    transport: new HttpTransport(process.env),
    retrier: new Retrier(systemClock, Math.random, DEFAULT_RETRY, onEvent),
    clock: systemClock,
  };
}
