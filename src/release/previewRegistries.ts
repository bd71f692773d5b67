import { registryAccess, type AccessInput } from "../copy/imageCopyInputs";
import { localRegistries } from "../machine/localRegistries";
import type { Registries } from "../oci/registries";
import { Traffic } from "../oci/registry/traffic";

/** How long a preview tries again; a registry that is down for longer is told of. */
export const PATIENCE = { attempts: 2, maxPauseMs: 10_000 };
const SILENCE_MS = 15_000;

/** Registries for what only adds to a preview: it is not to wait for them as an update does. */
export function previewRegistries(access: readonly AccessInput[]): Registries {
  return localRegistries(access.map(registryAccess), {
    traffic: new Traffic({ retry: PATIENCE }),
    stallTimeoutMs: SILENCE_MS,
  });
}
