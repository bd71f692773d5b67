import * as pulumi from "@pulumi/pulumi";
import type { EngineLog } from "../resource/engineLog";
import { systemClock, type Clock } from "../oci/transport/clock";
import type { MirrorAddress } from "../plan/layout";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { releaseProvider } from "./releaseProvider";
import { kubernetesReleaseCluster } from "./releaseWatch/kubernetesReleaseCluster";
import { canonical } from "./releaseWatch/pullProblem";
import { watchRelease } from "./releaseWatch/watchRelease";
import { componentLog } from "../resource/componentLog";

/** A Release of Pulumi's that is about to be deployed. */
export interface WatchedRelease {
  /** Name of the resource when it was first deployed, of which the release's is made where it has none. */
  readonly resourceName: () => Promise<string>;
  readonly name: pulumi.Input<string | undefined> | undefined;
  readonly namespace: pulumi.Input<string | undefined> | undefined;
  /** Seconds that helm waits. */
  readonly timeout: pulumi.Input<number | undefined> | undefined;
  /** Whether nobody waits for the pods. */
  readonly skipAwait: pulumi.Input<boolean | undefined> | undefined;
  /** What the release waits for itself. */
  readonly after: Promise<readonly pulumi.Resource[]>;
  /** Known when the release has come to its end. */
  readonly deployed: pulumi.Output<unknown>;
  readonly mirror: Promise<MirrorAddress>;
  readonly plan: pulumi.Output<ResolvedPlan>;
}

/** Helm's own. */
const DEFAULT_TIMEOUT_SECONDS = 300;

/**
 * Watches a release from inside the program, as long as the engine deploys it, with the login of its provider. There is
 * no resource for it: it leaves nothing in the state, has nothing to differ, and a release that is unchanged is over
 * before the first look.
 *
 * @param component what the messages belong to
 */
export function watchMirroredRelease(component: pulumi.ComponentResource, release: WatchedRelease): void {
  if (pulumi.runtime.isDryRun()) return;
  const { resourceName, name, namespace, timeout, skipAwait, after, deployed, mirror, plan } = release;
  const watch = (resources: readonly pulumi.Resource[]): void => {
    const { login, namespace: defaultNamespace } = releaseProvider(component);
    const started = pulumi.all(resources.map(({ urn }) => urn));
    let ended = false;
    deployed.apply(() => (ended = true));
    const known = pulumi.all([name, namespace, timeout, skipAwait, login, defaultNamespace, mirror, plan]);
    pulumi
      .all([known, started, resourceName()])
      .apply(([[name, namespace, timeout, skipAwait, login, defaultNamespace, mirror, { images }], , resourceName]) => {
        if (ended || skipAwait || login === undefined) return;
        const where = namespace ?? defaultNamespace;
        void watchRelease({
          connect: () => kubernetesReleaseCluster(login),
          release: name === undefined ? { name: resourceName, anyEnding: true } : { name },
          ...(where !== undefined && { namespace: where }),
          mirror: { host: mirror.host, targets: new Set(images.map(({ target }) => canonical(target))) },
          ended: () => ended,
          patience: ((timeout ?? DEFAULT_TIMEOUT_SECONDS) + 60) * 1000,
          log: programLog(component),
          clock,
        });
      });
  };
  // Where the plan fails, nothing is deployed, and the component itself says why.
  after.then(watch, () => undefined);
}

/** A program that has nothing else to do must not wait for the next look. */
const clock: Clock = {
  ...systemClock,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds).unref()),
};

/** The component's own messages. Its URN is known while the release's is not. */
function programLog(component: pulumi.Resource): EngineLog {
  // The engine may be gone: then nobody is there to be told.
  const silently = (told: Promise<void>): void => void told.catch(() => undefined);
  return {
    info: (message) => silently(componentLog.info(message, component)),
    warn: (message) => silently(componentLog.warn(message, component)),
    status: (message) => silently(componentLog.info(message, component, undefined, true)),
  };
}
