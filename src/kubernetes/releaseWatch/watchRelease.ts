import type { EngineLog } from "../../resource/engineLog";
import { MirrorError } from "../../error";
import type { Clock } from "../../oci/transport/clock";
import { alikeness, explain, waitingOf } from "./findFailures";
import type { HelmRelease } from "./helmRelease";
import { describeFailures } from "./podFailures";
import type { PullSituation } from "./pullProblem";
import type { ReleaseCluster, ReleaseQuery } from "./releaseCluster";

/** A release that is being deployed, and what watching it needs. */
export interface ReleaseWatch {
  /** Called at the first look, so that a release which is deployed at once costs nothing. */
  readonly connect: () => Promise<ReleaseCluster>;
  readonly release: ReleaseQuery;
  /** Namespace of the release; that of the cluster's login when absent. */
  readonly namespace?: string;
  readonly mirror?: PullSituation["mirror"];
  /** Whether the release has come to its end, whatever that is. */
  readonly ended: () => boolean;
  /** Milliseconds after which nobody waits for it any more. */
  readonly patience: number;
  readonly log: EngineLog;
  readonly clock: Clock;
}

/** Milliseconds between two looks. A state must last that long to be told: registries refuse now and then. */
const PAUSE = 5_000;
/** Pods that are told of those with one remedy. */
const SHOWN = 5;
/** Milliseconds after which it is worth a line in the log that nobody can look. */
const LONG = 60_000;
/** Looks in a row that may fail, as while a control plane restarts. */
const FAILURES = 6;

/**
 * Tells, while helm waits for the pods of a release, which of them cannot pull their image and why: helm itself ends
 * minutes later with no more than "context deadline exceeded".
 *
 * It only looks and tells, and never throws: a release that can succeed does so without it too.
 */
export async function watchRelease(watch: ReleaseWatch): Promise<void> {
  const { connect, ended, patience, log, clock } = watch;
  const end = clock.now() + patience;
  const told = new Set<string>();
  let cluster: ReleaseCluster | undefined;
  let release: HelmRelease | undefined;
  let before = new Set<string>();
  for (let failures = 0; ;) {
    await clock.sleep(PAUSE);
    if (ended() || clock.now() > end) return;
    try {
      cluster ??= await connect();
      release ??= await pendingRelease(cluster, watch);
      if (!release) continue;
      const waiting = await waitingOf(release, cluster);
      const lasting = waiting.filter((container) => before.has(alikeness(container)));
      const fresh = lasting.filter((container) => !told.has(alikeness(container)));
      before = new Set(waiting.map(alikeness));
      const failed = (await explain(fresh, cluster, watch.mirror)).filter(({ passes }) => !passes);
      for (const { alike } of failed) told.add(alike);
      for (const text of describeFailures(failed, SHOWN))
        log.warn(`The release ${release.namespace}/${release.name} waits for ${text}`);
      failures = 0;
    } catch (error) {
      // A missing client or a kubeconfig that cannot be read stays so.
      if (!cluster || ++failures >= FAILURES) return tellLater(unwatched(error), watch);
    }
  }
}

/** Most releases need nobody to look, and are deployed soon. */
async function tellLater(message: string, { ended, log, clock }: ReleaseWatch): Promise<void> {
  log.status(message);
  await clock.sleep(LONG);
  if (!ended()) log.info(message);
}

/** Helm's record of the release appears when it begins, which is after this machine has asked for it. */
async function pendingRelease(
  cluster: ReleaseCluster,
  { release, namespace }: ReleaseWatch,
): Promise<HelmRelease | undefined> {
  const [found] = await cluster.releases(namespace ?? cluster.namespace, { ...release, pending: true });
  return found;
}

function unwatched(error: unknown): string {
  const why = error instanceof MirrorError ? error.message : error instanceof Error ? error.message : String(error);
  return `Pods that do not get ready cannot be named while the release is deployed. ${why}`;
}
