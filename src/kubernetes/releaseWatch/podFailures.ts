import type { CoreV1Event, V1ContainerStatus, V1Pod } from "@kubernetes/client-node" with {
  "resolution-mode": "import",
};
import { PullProblem, pullProblem, pullRemedy, type PullSituation } from "./pullProblem";

/** A container that waits for an image that it cannot pull, or for another thing that only the user can change. */
export interface PodFailure {
  /** `namespace/name`. */
  readonly pod: string;
  readonly container: string;
  /** As the pod has it. */
  readonly image: string;
  /** The kubelet's word for the state: `ImagePullBackOff`, `InvalidImageName`, … */
  readonly reason: string;
  readonly problem: PullProblem;
  /** The cluster's words, from the pod's events or its state. */
  readonly words: string;
  readonly remedy: string;
  /** When that was, in milliseconds, where an event tells. */
  readonly at?: number;
  /** Whether the kubelet has tried without a Secret, or a login in one, that is there now: it tries again by itself. */
  readonly passes: boolean;
}

/** States that a container leaves only when somebody does something, or a registry changes its mind. */
const REASONS = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
  "CreateContainerConfigError",
  "CreateContainerError",
]);

/** A container of a pod that waits in such a state. */
export interface WaitingContainer {
  readonly pod: V1Pod;
  readonly container: string;
  readonly image: string;
  readonly reason: string;
  readonly message: string;
}

/** The containers of a pod, those that initialise it among them, that wait for what will not come by itself. */
export function waitingContainers(pod: V1Pod): WaitingContainer[] {
  if (pod.metadata?.deletionTimestamp) return [];
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].flatMap((status) => {
    const { reason, message = "" } = status.state?.waiting ?? {};
    if (reason === undefined || !REASONS.has(reason)) return [];
    return [{ pod, container: status.name, image: imageOf(pod, status), reason, message }];
  });
}

/**
 * What a waiting container fails at, in the words of the pod's events.
 *
 * @param events of that pod
 * @param mirror where the images were moved to, as far as it is known
 * @param present Secrets that are there, whatever the kubelet said: it says the same when it was too slow to get one
 */
export function podFailure(
  { pod, container, image, reason, message }: WaitingContainer,
  events: readonly CoreV1Event[],
  mirror?: PullSituation["mirror"],
  present: ReadonlySet<string> = new Set(),
): PodFailure {
  const { name = "", namespace = "default" } = pod.metadata ?? {};
  const newest = [...events].sort((a, b) => timeOf(b) - timeOf(a));
  const pullSecrets = pullSecretsOf(pod);
  const missingSecrets = saidMissing(pod, events).filter((secret) => !present.has(secret));
  const failed = newest.find((event) => isAbout(event, container) && tellsWhy(event));
  const said = failed?.message ?? message;
  const words = tidy(said) || reason;
  const known = pullProblem(reason, words);
  // The kubelet tries without a Secret that is not there, so that the refusal speaks of logins alone.
  const problem = known === PullProblem.Login && missingSecrets.length > 0 ? PullProblem.SecretMissing : known;
  return {
    pod: `${namespace}/${name}`,
    container,
    image,
    reason,
    problem,
    words: problem === PullProblem.SecretMissing ? `${words}; there is no Secret ${missingSecrets.join(", ")}` : words,
    ...(failed && timeOf(failed) > 0 && { at: timeOf(failed) }),
    passes: problem === PullProblem.Login && missingSecrets.length === 0 && wasTooSlow(pod, events, failed),
    remedy: pullRemedy(problem, { image, namespace, pullSecrets, missingSecrets, ...(mirror && { mirror }) }),
  };
}

/** The pull secrets of a pod that the kubelet did not get, as its events say. */
export function saidMissing(pod: V1Pod, events: readonly CoreV1Event[]): string[] {
  return pullSecretsOf(pod).filter((secret) => events.some((event) => saysMissing(event, secret)));
}

/** The kubelet asks for Secrets right before it pulls, and waits ten seconds and more before it pulls again. */
const ONE_ATTEMPT = 8_000;

/** Whether the only time that the kubelet did not get a Secret was that of the pull that failed last. */
function wasTooSlow(pod: V1Pod, events: readonly CoreV1Event[], failed: CoreV1Event | undefined): boolean {
  const slow = events.filter((event) => pullSecretsOf(pod).some((secret) => saysMissing(event, secret)));
  const [only, ...more] = slow;
  if (!only || !failed || more.length > 0 || (only.count ?? 1) > 1) return false;
  const [asked, refused] = [timeOf(only), timeOf(failed)];
  return asked > 0 && refused > 0 && refused - asked < ONE_ATTEMPT;
}

/** The Secrets that a pod pulls with. */
export function pullSecretsOf({ spec }: V1Pod): string[] {
  return (spec?.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
}

/** One sentence of what failed, and one of what to do. */
export function describeFailure({ pod, container, image, reason, words, remedy }: PodFailure): string {
  return `pod ${pod}, container ${container}: ${image} is not run (${reason}): ${words}. ${remedy}`;
}

/**
 * What several failures say: those with one remedy are told together, since a wrong login is one for many images.
 *
 * @param shown failures of each remedy that are told; the others are counted
 */
export function describeFailures(failures: readonly PodFailure[], shown = Infinity): string[] {
  const remedies = new Map<string, PodFailure[]>();
  for (const failure of failures) {
    const key = `${failure.problem} ${failure.remedy}`;
    remedies.set(key, [...(remedies.get(key) ?? []), failure]);
  }
  return [...remedies.values()].map((alike) => {
    const [first, ...rest] = alike as [PodFailure, ...PodFailure[]];
    const others = rest
      .slice(0, shown - 1)
      .map(({ pod, container, image }) => `\n  pod ${pod}, container ${container}: ${image}`);
    const more = rest.length - others.length;
    const counted = more > 0 ? `\n  and ${more} more` : "";
    return describeFailure(first) + (rest.length > 0 ? `. The same holds for${others.join("")}${counted}` : "");
  });
}

/** The specification's name: the status has one that the container runtime may have changed. */
function imageOf({ spec }: V1Pod, { name, image }: V1ContainerStatus): string {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec ?? {};
  return [...initContainers, ...containers, ...ephemeralContainers].find((c) => c.name === name)?.image ?? image;
}

/** An event names its container as `spec.containers{NAME}`; those of the whole pod are about something else. */
function isAbout({ involvedObject }: CoreV1Event, container: string): boolean {
  return involvedObject.fieldPath?.endsWith(`{${container}}`) ?? false;
}

/** Leaves out those that only repeat the state (`Error: ErrImagePull`, `Back-off pulling image "…"`). */
function tellsWhy({ type, reason, message = "" }: CoreV1Event): boolean {
  return type === "Warning" && reason !== "BackOff" && !/^Error: \w+$/.test(message);
}

/** `Unable to retrieve some image pull secrets (a, b); attempting to pull the image may not succeed.` */
function saysMissing({ reason, message = "" }: CoreV1Event, secret: string): boolean {
  const named = /\(([^()]*)\)/.exec(message)?.[1]?.split(/,\s*/) ?? [];
  return reason === "FailedToRetrieveImagePullSecret" && named.includes(secret);
}

function timeOf({ lastTimestamp, eventTime, firstTimestamp }: CoreV1Event): number {
  return new Date(lastTimestamp ?? eventTime ?? firstTimestamp ?? 0).getTime();
}

/** One line, without what addresses carry behind their `?`: storage hosts are asked with signatures there. */
function tidy(words: string): string {
  return words
    .replace(/[^\s"']+/g, withoutQueries)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\.$/, "");
}

function withoutQueries(word: string): string {
  const address = word.search(/https?:\/\//);
  return address < 0 ? word : word.slice(0, address) + word.slice(address).replace(/\?[^:]*/g, "?…");
}
