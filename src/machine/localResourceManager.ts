import type { ResourceManagerDependencies } from "../azure/resourceManager";
import { systemClock } from "../oci/transport/clock";
import { HttpTransport } from "../oci/transport/http";
import type { RegistryEvent } from "../oci/transport/registryEvent";
import { DEFAULT_RETRY, Retrier } from "../oci/transport/retry";

/** Azure Resource Manager as this machine reaches it: through its proxies. */
export function localResourceManager(onEvent: (event: RegistryEvent) => void): ResourceManagerDependencies {
  return {
    transport: new HttpTransport(process.env),
    retrier: new Retrier(systemClock, Math.random, DEFAULT_RETRY, onEvent),
    clock: systemClock,
  };
}
