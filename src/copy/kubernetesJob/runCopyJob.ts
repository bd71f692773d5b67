import type { V1Job, V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { MirrorErrors } from "../../error";
import { isDigest, type Digest } from "../../image/digest";
import type { Clock } from "../../oci/transport/clock";
import type { EngineLog } from "../../resource/engineLog";
import { parseIndexes } from "./completionIndexes";
import type { CopyCluster } from "./copyCluster";
import { copyJob, copyJobName, copyList, ownedBy, type CopyJobSettings, type JobCopy } from "./copyJob";
import { CopyJobFailedError, copyJobStuck } from "./copyJobErrors";

/** What running a Job needs. */
export interface CopyJobRun {
  readonly cluster: CopyCluster;
  readonly settings: CopyJobSettings;
  /** Text of regctl's configuration, which holds the logins. Secret. */
  readonly config: string;
  readonly log: EngineLog;
  readonly clock: Clock;
  /** Removes secrets from what pods said. */
  readonly redact: (text: string) => string;
}

/** Milliseconds between two looks at a Job. */
const PAUSE = 2_000;
/** Looks in a row that may fail. */
const PATIENCE = 60;
/** Milliseconds in which a first pod must run: a node may have to be started for it, and its image pulled. */
const START = 10 * 60_000;
/** Lines of a failed pod's log that its error shows. */
const LAST_LINES = 10;

/**
 * Copies images with one Indexed Job and waits for it.
 *
 * A Job of the same images that still runs is waited for instead: it is what an interrupted update left.
 *
 * @returns the digests that pods read from the targets, by target; a pod that is gone left none
 * @throws {CopyJobFailedError | MirrorErrors} about every image that failed; the others are copied all the same
 * @throws {MirrorError} `COPY_JOB_STUCK` when the Job cannot run at all
 */
export async function runCopyJob(copies: readonly JobCopy[], run: CopyJobRun): Promise<Map<string, Digest>> {
  const { cluster, settings, log, clock } = run;
  const name = copyJobName(copies);
  const place = `${settings.namespace}/${name}`;
  await start(copies, run);
  const began = clock.now();
  let running = false;
  let told = "";
  let unanswered = 0;
  for (;;) {
    let job: V1Job | undefined;
    try {
      job = await cluster.readJob(settings.namespace, name);
      unanswered = 0;
    } catch (error) {
      // The Job does not need us to run, so that a control plane which restarts is waited for.
      if (++unanswered > PATIENCE) throw error;
      await clock.sleep(PAUSE);
      continue;
    }
    if (!job)
      throw copyJobStuck(
        place,
        copies.length,
        "it was deleted while it ran",
        "Run the update again: what is copied already is not copied twice",
      );
    const end = endOf(job);
    const failed = parseIndexes(job.status?.failedIndexes);
    const progress = `${job.status?.succeeded ?? 0} of ${copies.length} images copied${failed.length > 0 ? `, ${failed.length} failed` : ""}`;
    if (progress !== told) log.status((told = progress));
    if (end?.type === "Complete") return digestsOf(copies, await cluster.podsOfJob(settings.namespace, name));
    if (end) {
      if (failed.length > 0) return throwFailures(copies, failed, run);
      throw copyJobStuck(
        place,
        copies.length,
        `${end.reason ?? "Failed"}: ${end.message ?? ""}`,
        "See kubectl describe job for what the cluster says of it",
      );
    }
    running ||= (job.status?.succeeded ?? 0) + (job.status?.ready ?? 0) + failed.length > 0;
    if (!running) {
      const waiting = waitingReason(await cluster.podsOfJob(settings.namespace, name));
      if (waiting) log.status(`the Job ${place} waits: ${waiting}`);
      if (clock.now() - began > START) {
        await cluster.deleteJob(settings.namespace, name);
        throw copyJobStuck(
          place,
          copies.length,
          `no pod of it ran within ${START / 60_000} minutes${waiting ? ` (${waiting})` : ""}`,
          `Check that the cluster can pull ${settings.image} and has room for a pod; copyJob.image names another place for it`,
        );
      }
    }
    await clock.sleep(PAUSE);
  }
}

/** Brings the Job to run, whatever an earlier update left of it. */
async function start(copies: readonly JobCopy[], { cluster, settings, config, log, clock }: CopyJobRun): Promise<void> {
  const { namespace } = settings;
  const name = copyJobName(copies);
  let job = await cluster.readJob(namespace, name);
  if (job && (endOf(job) || job.metadata?.deletionTimestamp)) {
    await cluster.deleteJob(namespace, name);
    while (await cluster.readJob(namespace, name)) await clock.sleep(PAUSE);
    job = undefined;
  }
  if (job) log.info(`Waiting for the Job ${namespace}/${name}, which runs already`);
  else {
    job = await cluster.createJob(copyJob(copies, settings));
    log.info(`Copying ${copies.length} images with the Job ${namespace}/${name}`);
  }
  const metadata = ownedBy(job);
  await cluster.putConfigMap({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { images: copyList(copies) } });
  await cluster.putSecret({ apiVersion: "v1", kind: "Secret", metadata, stringData: { "regctl.json": config } });
  if (job.spec?.suspend) await cluster.resumeJob(namespace, name);
}

function endOf(job: V1Job) {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
}

async function throwFailures(copies: readonly JobCopy[], failed: readonly number[], run: CopyJobRun): Promise<never> {
  const { cluster, settings, redact } = run;
  const pods = await cluster.podsOfJob(settings.namespace, copyJobName(copies));
  const errors = await Promise.all(
    failed.flatMap((index) => {
      const copy = copies[index];
      return copy ? [failureOf(copy, lastPod(pods, index))] : [];
    }),
  );
  throw errors.length === 1 && errors[0] ? errors[0] : new MirrorErrors("Copying images in the cluster", errors);

  async function failureOf(copy: JobCopy, pod: V1Pod | undefined): Promise<CopyJobFailedError> {
    const name = pod?.metadata?.name;
    if (!pod || name === undefined) return new CopyJobFailedError(copy, undefined, "");
    const lines = await cluster.podLog(settings.namespace, name, LAST_LINES);
    return new CopyJobFailedError(copy, `${settings.namespace}/${name}`, redact(lines || lastWord(pod)));
  }
}

const INDEX = "batch.kubernetes.io/job-completion-index";

function indexOf({ metadata }: V1Pod): number {
  return Number(metadata?.annotations?.[INDEX] ?? metadata?.labels?.[INDEX]);
}

/** The pod that tried an index last. */
function lastPod(pods: readonly V1Pod[], index: number): V1Pod | undefined {
  const created = ({ metadata }: V1Pod): number => new Date(metadata?.creationTimestamp ?? 0).getTime();
  return pods.filter((pod) => indexOf(pod) === index).sort((a, b) => created(b) - created(a))[0];
}

function lastWord(pod: V1Pod): string {
  return pod.status?.containerStatuses?.[0]?.state?.terminated?.message ?? "";
}

function digestsOf(copies: readonly JobCopy[], pods: readonly V1Pod[]): Map<string, Digest> {
  const digests = new Map<string, Digest>();
  for (const pod of pods) {
    const copy = copies[indexOf(pod)];
    const said = lastWord(pod);
    if (copy && pod.status?.phase === "Succeeded" && isDigest(said)) digests.set(copy.target, said);
  }
  return digests;
}

/** Why pods that exist do not run, in the cluster's words. */
function waitingReason(pods: readonly V1Pod[]): string | undefined {
  for (const { status } of pods) {
    const waiting = status?.containerStatuses?.[0]?.state?.waiting;
    if (waiting?.reason && waiting.reason !== "ContainerCreating")
      return `${waiting.reason}${waiting.message ? `: ${waiting.message}` : ""}`;
    const unscheduled = status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
    if (unscheduled) return `${unscheduled.reason ?? "Unschedulable"}: ${unscheduled.message ?? ""}`;
  }
  return undefined;
}
