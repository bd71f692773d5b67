import type * as dynamic from "@pulumi/pulumi/dynamic";
import { readFile } from "node:fs/promises";
import { acrImportCopy } from "../copy/acrImportCopy";
import { chartPushProvider } from "../copy/chartPushProvider";
import { CopyMethod } from "../copy/copyMethod";
import { registryAccess, type AccessInput } from "../copy/imageCopyInputs";
import { imageCopyProvider } from "../copy/imageCopyProvider";
import { imageCopyJobProvider } from "../copy/kubernetesJob/imageCopyJobProvider";
import { kubernetesCopyCluster } from "../copy/kubernetesJob/kubernetesCopyCluster";
import { objectClient } from "../kubernetes/contribution/objectClient";
import { objectContributionProvider } from "../kubernetes/contribution/objectContributionProvider";
import { openShiftImageConfigProvider } from "../kubernetes/openShift/openShiftImageConfigProvider";
import { pullCheckProvider } from "../kubernetes/pullCheckProvider";
import { localRegistries } from "../machine/localRegistries";
import { localResourceManager } from "../machine/localResourceManager";
import { systemKeychain } from "../oci/auth/systemKeychain";
import type { Registries } from "../oci/registries";
import { RegistryWaits } from "../oci/registry/registryWaits";
import { Traffic } from "../oci/registry/traffic";
import { systemClock } from "../oci/transport/clock";
import type { RegistryEvent } from "../oci/transport/registryEvent";
import { QuayClient } from "../quay/api/quayClient";
import { QuayConnection } from "../quay/api/quayConnection";
import { quayProviders } from "../quay/component/quayProviders";
import { acrTokenPasswordProvider } from "../registry/acr/acrTokenPasswordProvider";
import type { EngineLog } from "../resource/engineLog";
import { previewRegistries } from "../release/previewRegistries";
import type { OwnResourceKind } from "../resource/ownResource";
import { addressedErrors } from "./addressedErrors";
import { HiddenTexts } from "./hiddenTexts";

/** What serves the resources of our own, whoever calls it: Pulumi's dynamic provider or the plugin. */
export interface OwnProviders {
  readonly of: Readonly<Record<OwnResourceKind, dynamic.ResourceProvider>>;
  /** Closes the connections to registries: copies that are under way fail. */
  close(): void;
}

type RegistriesFor = (access: readonly AccessInput[]) => Registries;

/** The providers of all resources of this package, with the network, files and programs of this machine. */
export function ownProviders(engine: EngineLog): OwnProviders {
  const hidden = new HiddenTexts();
  const log = hidden.log(engine);
  /** All copies of an update run in one process, and keep to one set of limits and pauses for each host, whatever their logins. */
  const traffic = new Traffic({ onEvent: tellEvent });
  const waits = new RegistryWaits(() => performance.now());
  const warn = (message: string): void => log.warn(message);

  /** Says why it takes longer. */
  function tellEvent(event: RegistryEvent): void {
    if (!waits.isNews(event)) return;
    log.status(`${event.host}: ${event.type === "retry" ? `${event.doing} again` : "pausing"}, ${event.reason}`);
  }

  const opened: Registries[] = [];
  /**
   * Registries, made once for the same logins: those share their connections, and what is known of blobs, so that an image's
   * layers are read once however many images share them.
   */
  function shared(make: RegistriesFor): RegistriesFor {
    const known = new Map<string, Registries>();
    return (access) => {
      hidden.learn(access);
      const key = JSON.stringify(access);
      let registries = known.get(key);
      if (!registries) {
        registries = make(access);
        known.set(key, registries);
        opened.push(registries);
      }
      return registries;
    };
  }
  const registriesFor = shared((access) => localRegistries(access.map(registryAccess), { traffic, warn }));
  /** The same with the patience of previews. */
  const previewRegistriesFor = shared(previewRegistries);

  const resourceManager = localResourceManager(tellEvent);
  const contributions = { clientFor: objectClient, log, clock: systemClock };
  const quay = quayProviders({
    clientFor: (access) => new QuayClient(new QuayConnection(access, { environment: process.env })),
    machineToken: () => process.env.QUAY_TOKEN,
    log,
  });
  const of: OwnProviders["of"] = {
    ImageCopy: hidden.provider(
      imageCopyProvider({
        registriesFor,
        log,
        methods: {
          [CopyMethod.AcrImport]: acrImportCopy({ ...resourceManager, keychain: systemKeychain(process.env, warn) }),
        },
      }),
    ),
    ImageCopyJob: hidden.provider(
      imageCopyJobProvider({ registriesFor, clusterFor: kubernetesCopyCluster, log, clock: systemClock }),
    ),
    ChartPush: hidden.provider(chartPushProvider({ registriesFor, log, read: (file) => readFile(file) })),
    PullCheck: hidden.provider(pullCheckProvider({ registriesFor, previewRegistriesFor, log })),
    ObjectContribution: objectContributionProvider(contributions),
    OpenShiftImageConfig: openShiftImageConfigProvider(contributions),
    AcrTokenPassword: acrTokenPasswordProvider(resourceManager),
    QuayOrganization: quay.quayOrganization,
    QuayProxyCache: quay.quayProxyCache,
    QuayRobot: quay.quayRobot,
    QuayTeam: quay.quayTeam,
    QuayDefaultPermission: quay.quayDefaultPermission,
    QuayRepository: quay.quayRepository,
  };
  return {
    of: Object.fromEntries(
      Object.entries(of).map(([kind, provider]) => [kind, addressedErrors(provider)]),
    ) as OwnProviders["of"],
    close() {
      for (const registries of opened) registries.close();
    },
  };
}
