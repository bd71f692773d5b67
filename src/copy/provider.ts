/**
 * What the serialized providers in states load: `pulumi-chart-mirror/provider`. This path and the names of its exports
 * are frozen, see providerText.ts.
 */
import { localRegistries } from "../machine/localRegistries";
import type { Registries } from "../oci/registries";
import { QuayClient } from "../quay/quayClient";
import { QuayConnection } from "../quay/quayConnection";
import { quayProviders } from "../registry/quay/quayProviders";
import { connectEngineLog } from "./engineLog";
import { registryAccess, type AccessInput } from "./imageCopyInputs";
import { imageCopyProvider } from "./imageCopyProvider";

const log = connectEngineLog(process.argv[2], (line) => process.stderr.write(`${line}\n`));

/**
 * All copies of an update run in one process. Those with the same logins share their connections, limits, and what is
 * known of blobs, so that an image's layers are read once however many images share them.
 */
const shared = new Map<string, Registries>();

function registriesFor(access: readonly AccessInput[]): Registries {
  const key = JSON.stringify(access);
  let registries = shared.get(key);
  if (!registries) {
    registries = localRegistries(access.map(registryAccess), {
      onEvent: (event) =>
        log.status(`${event.host}: ${event.type === "retry" ? `${event.doing} again` : "pausing"}, ${event.reason}`),
    });
    shared.set(key, registries);
  }
  return registries;
}

/** The dynamic provider of `ImageCopy`. */
export const provider = imageCopyProvider({ registriesFor, log });

/** The dynamic providers of Quay's resources. */
export const { quayOrganization, quayProxyCache, quayRobot, quayTeam, quayDefaultPermission, quayRepository } =
  quayProviders({
    clientFor: (access) => new QuayClient(new QuayConnection(access, { environment: process.env })),
    machineToken: () => process.env.QUAY_TOKEN,
    log,
  });
