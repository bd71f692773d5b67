import { concurrencyLimit } from "../../chart/render/concurrencyLimit";
import { isPodOf, namespacesOf, type HelmRelease } from "./helmRelease";
import {
  podFailure,
  pullSecretsOf,
  saidMissing,
  waitingContainers,
  type PodFailure,
  type WaitingContainer,
} from "./podFailures";
import { PullProblem, type PullSituation } from "./pullProblem";
import type { ReleaseCluster } from "./releaseCluster";

/** The containers of a release's pods that wait for what will not come by itself. */
export async function waitingOf(release: HelmRelease, cluster: ReleaseCluster): Promise<WaitingContainer[]> {
  const pods = await Promise.all(namespacesOf(release).map((namespace) => cluster.pods(namespace)));
  return pods
    .flat()
    .filter((pod) => isPodOf(release, pod))
    .flatMap(waitingContainers);
}

/** Pods whose events are asked for at one time. */
const PARALLEL = 8;

/** A failure, told once for all replicas that have it, with an explanation. */
export interface ExplainedFailure extends PodFailure {
  /** Their {@link alikeness}. */
  readonly alike: string;
}

/** Says of waiting containers, once for all that fail alike at one image, what the cluster says. */
export async function explain(
  waiting: readonly WaitingContainer[],
  cluster: ReleaseCluster,
  mirror?: PullSituation["mirror"],
): Promise<ExplainedFailure[]> {
  const kinds = new Map(waiting.map((container) => [alikeness(container), container]));
  const places = concurrencyLimit(PARALLEL);
  return Promise.all(
    [...kinds].map(async ([alike, container]) => {
      const { name = "", namespace = "default" } = container.pod.metadata ?? {};
      // The state itself says something too, where events may not be read.
      const events = await places(() => cluster.warnings(namespace, name).catch(() => []));
      const said = saidMissing(container.pod, events);
      // Where Secrets may not be listed, the kubelet's word is all there is.
      const there = await Promise.all(said.map((secret) => cluster.hasSecret(namespace, secret).catch(() => false)));
      const present = new Set(said.filter((_, i) => there[i]));
      const failure = podFailure(container, events, mirror, present);
      if (failure.problem !== PullProblem.Login || failure.passes) return { alike, ...failure };
      const written = await Promise.all(
        pullSecretsOf(container.pod).map((secret) => cluster.secretWritten(namespace, secret).catch(() => undefined)),
      );
      return { alike, ...failure, passes: isBeforeLogin(failure, written) };
    }),
  );
}

/** Whether a pull was refused before the login was there that the pod has now: the kubelet tries again by itself, with it. */
function isBeforeLogin({ at }: PodFailure, written: readonly (number | undefined)[]): boolean {
  return at !== undefined && written.some((time) => time !== undefined && at <= time);
}

/** A key that is equal for failures of the same container in replicas of one workload, and in pods that replace them. */
export function alikeness({ pod, container, image, reason }: WaitingContainer): string {
  const pulls = /Image/.test(reason) && reason !== "InvalidImageName";
  return JSON.stringify([
    pod.metadata?.namespace,
    pod.metadata?.ownerReferences?.[0]?.uid ?? pod.metadata?.uid,
    container,
    image,
    pulls || reason,
  ]);
}
