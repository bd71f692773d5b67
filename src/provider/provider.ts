/**
 * What the serialized providers in states load: `pulumi-chart-mirror/provider`. This path and the names of its exports
 * are frozen, see providerText.ts.
 */
import { readFile } from "node:fs/promises";
import { objectClient } from "../kubernetes/contribution/objectClient";
import { objectContributionProvider } from "../kubernetes/contribution/objectContributionProvider";
import { openShiftImageConfigProvider } from "../kubernetes/openShift/openShiftImageConfigProvider";
import { pullCheckProvider as makePullCheckProvider } from "../kubernetes/pullCheckProvider";
import { localRegistries } from "../machine/localRegistries";
import { localResourceManager } from "../machine/localResourceManager";
import { systemKeychain } from "../oci/auth/systemKeychain";
import { systemClock } from "../oci/transport/clock";
import type { RegistryEvent } from "../oci/transport/registryEvent";
import type { Registries } from "../oci/registries";
import { RegistryWaits } from "../oci/registry/registryWaits";
import { Traffic } from "../oci/registry/traffic";
import { HiddenTexts } from "./hiddenTexts";
import { QuayClient } from "../quay/api/quayClient";
import { QuayConnection } from "../quay/api/quayConnection";
import { acrTokenPasswordProvider } from "../registry/acr/acrTokenPasswordProvider";
import { quayProviders } from "../quay/component/quayProviders";
import { acrImportCopy } from "../copy/acrImportCopy";
import { chartPushProvider } from "../copy/chartPushProvider";
import { CopyMethod } from "../copy/copyMethod";
import { previewRegistries } from "../release/previewRegistries";
import { connectEngineLog } from "../resource/engineLog";
import { registryAccess, type AccessInput } from "../copy/imageCopyInputs";
import { imageCopyProvider } from "../copy/imageCopyProvider";
import { imageCopyJobProvider } from "../copy/kubernetesJob/imageCopyJobProvider";
import { kubernetesCluster } from "../copy/kubernetesJob/kubernetesCluster";

const hidden = new HiddenTexts();
const log = hidden.log(connectEngineLog(process.argv[2], (line) => process.stderr.write(`${line}\n`)));

/** All copies of an update run in one process, and keep to one set of limits and pauses for each host, whatever their logins. */
const traffic = new Traffic({ onEvent: tellEvent });

/**
 * Those with the same logins also share their connections, and what is known of blobs, so that an image's layers are
 * read once however many images share them.
 */
const shared = new Map<string, Registries>();

const waits = new RegistryWaits(() => performance.now());

const warn = (message: string): void => log.warn(message);

/** Says why it takes longer. */
function tellEvent(event: RegistryEvent): void {
  if (!waits.isNews(event)) return;
  log.status(`${event.host}: ${event.type === "retry" ? `${event.doing} again` : "pausing"}, ${event.reason}`);
}

function registriesFor(access: readonly AccessInput[]): Registries {
  hidden.learn(access);
  const key = JSON.stringify(access);
  let registries = shared.get(key);
  if (!registries) {
    registries = localRegistries(access.map(registryAccess), { traffic, warn });
    shared.set(key, registries);
  }
  return registries;
}

/** As {@link registriesFor}, with the patience of previews. */
const sharedByPreviews = new Map<string, Registries>();
function previewRegistriesFor(access: readonly AccessInput[]): Registries {
  hidden.learn(access);
  const key = JSON.stringify(access);
  const registries = sharedByPreviews.get(key) ?? previewRegistries(access);
  sharedByPreviews.set(key, registries);
  return registries;
}

const resourceManager = localResourceManager(tellEvent);

/** The dynamic provider of `ImageCopy`. */
export const provider = hidden.provider(
  imageCopyProvider({
    registriesFor,
    log,
    methods: {
      [CopyMethod.AcrImport]: acrImportCopy({ ...resourceManager, keychain: systemKeychain(process.env, warn) }),
    },
  }),
);

/** The dynamic provider of `ImageCopyJob`. Frozen as well. */
export const imageCopyJob = hidden.provider(
  imageCopyJobProvider({
    registriesFor,
    clusterFor: kubernetesCluster,
    log,
    clock: systemClock,
  }),
);

/** The dynamic provider of passwords of an Azure Container Registry's tokens. */
export const acrTokenPassword = acrTokenPasswordProvider(resourceManager);

/** The dynamic providers of Quay's resources. */
export const { quayOrganization, quayProxyCache, quayRobot, quayTeam, quayDefaultPermission, quayRepository } =
  quayProviders({
    clientFor: (access) => new QuayClient(new QuayConnection(access, { environment: process.env })),
    machineToken: () => process.env.QUAY_TOKEN,
    log,
  });

/** The dynamic provider of `PullCheck`. Frozen as well. */
export const pullCheckProvider = hidden.provider(makePullCheckProvider({ registriesFor, previewRegistriesFor, log }));

/** The dynamic provider of `ChartPush`. Frozen as well. */
export const chartPush = hidden.provider(chartPushProvider({ registriesFor, log, read: (file) => readFile(file) }));

const contributions = { clientFor: objectClient, log, clock: systemClock };

/** The dynamic provider of `ObjectContribution`. Frozen as well. */
export const objectContribution = objectContributionProvider(contributions);

/** The dynamic provider of what `OpenShiftImageConfiguration` needs of the cluster's one object. Frozen as well. */
export const openShiftImageConfig = openShiftImageConfigProvider(contributions);
