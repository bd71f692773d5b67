import { concurrencyLimit } from "../../chart/render/concurrencyLimit";
import { formatReference, tryParseReference, type ImageReference } from "../../image/reference";
import type { JsonObject } from "../../json";
import { CLUSTER_NAMESPACE } from "../admission/clusterScope";
import { readParameters, unreadOfCluster, type NamespaceMirrors } from "../admission/readParameters";
import { isRefusal, refusedIn, type ToldUse } from "./auditLog";
import { clusterUnreadable, listed, refusal, type ClusterReader } from "./clusterReader";
import { describeOwner, originOf, type ImageOrigin } from "./imageOrigin";
import { controllerOf, OwnerChains } from "./ownerChain";
import { at, runningDigest, specImages, templateOf, textOrEmpty, type SpecImage } from "./specImages";

/** Pods that are alike, and the image of one of their containers. */
export interface ImageUse {
  readonly namespace: string;
  /** Names of the pods; none for a workload that has no pods now. */
  readonly pods: readonly string[];
  /** `container web`. */
  readonly container: string;
  /** As it is written there. */
  readonly image: string;
  /** Who has made the pods, the nearest first: `ReplicaSet web-1`, `Deployment web`. */
  readonly owners: readonly string[];
  readonly origin: ImageOrigin;
  readonly digests: readonly string[];
}

/** What is looked for in a cluster. */
export interface ImageQuery {
  /** The only namespace that is looked at; all of them unless told. */
  readonly namespace?: string | undefined;
  /**
   * Whether an image is of interest.
   *
   * @param mirrors what `MirrorAdmission` has written at its namespace
   * @param inPod whether a pod has it, and not only what pods are made of
   */
  readonly wanted: (image: ImageReference, written: string, mirrors: NamespaceMirrors, inPod: boolean) => boolean;
}

/** What a cluster says of its images. */
export interface ClusterImages {
  readonly uses: readonly ImageUse[];
  /** What its API server has refused. */
  readonly refused: readonly ToldUse[];
  /** Texts that are no images, where they stand. */
  readonly invalid: readonly string[];
  /** What could not be read, in words. */
  readonly unread: readonly string[];
  /** What `MirrorAdmission` has written at the namespaces that were looked at. */
  readonly mirrors: ReadonlyMap<string, NamespaceMirrors>;
}

/** Kinds of objects that make pods, with where their lists are. */
const WORKLOADS = [
  ["/apis/apps/v1", "deployments", "Deployment"],
  ["/apis/apps/v1", "replicasets", "ReplicaSet"],
  ["/apis/apps/v1", "statefulsets", "StatefulSet"],
  ["/apis/apps/v1", "daemonsets", "DaemonSet"],
  ["/apis/batch/v1", "jobs", "Job"],
  ["/apis/batch/v1", "cronjobs", "CronJob"],
  ["/api/v1", "replicationcontrollers", "ReplicationController"],
] as const;

/** Owners that are read at one time. */
const PARALLEL = 8;

/** Pods that one controller has made and that have one image at one place, or what such pods would be made of. */
interface Alike {
  readonly object: JsonObject;
  readonly image: SpecImage;
  readonly pods: string[];
  readonly digests: Set<string>;
}

/**
 * The images that the pods of a cluster have, and who named them.
 *
 * @throws {MirrorError} `CLUSTER_UNREADABLE` when its pods cannot be listed
 */
export async function clusterImages(reader: ClusterReader, query: ImageQuery): Promise<ClusterImages> {
  const unread: string[] = [];
  const mirrors = await namespaceMirrors(reader, query.namespace, unread);
  const place = query.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(query.namespace)}`;
  const workloads = new Map<string, JsonObject>();
  for (const [base, resource, kind] of WORKLOADS)
    await unlessUnread(unread, async () => {
      for await (const item of listed(reader, `${base}${place}/${resource}`))
        // Items of lists do not say what they are.
        workloads.set(uidOf(item), { ...item, kind, apiVersion: base.replace(/^\/apis?\//, "") });
    });
  const alike = new Map<string, Alike>();
  const invalid = new Set<string>();
  const none = readParameters({});
  const take = (object: JsonObject, image: SpecImage, inPod: boolean): void => {
    const namespace = textOrEmpty(at(object.metadata, "namespace"));
    const reference = tryParseReference(image.image);
    const where = `${inPod ? "pod" : textOrEmpty(object.kind)} ${namespace}/${nameOf(object)}, ${image.container}: ${JSON.stringify(image.image)}`;
    if (!reference) return void invalid.add(where);
    if (!query.wanted(reference, image.image, mirrors.get(namespace) ?? none, inPod)) return;
    const owner = controllerOf(object);
    const key = JSON.stringify([namespace, owner ? textOrEmpty(owner.uid) : uidOf(object), inPod, image]);
    const known = alike.get(key) ?? { object, image, pods: [], digests: new Set<string>() };
    alike.set(key, known);
    if (inPod) known.pods.push(nameOf(object));
    const digest = runningDigest(object, image, `${reference.registry}/${reference.repository}`);
    if (digest !== undefined) known.digests.add(digest);
  };
  const withPods = new Set<string>();
  for await (const pod of listed(reader, `/api/v1${place}/pods`)) {
    for (let owner = controllerOf(pod), deep = 0; owner && deep < 3; deep++) {
      withPods.add(textOrEmpty(owner.uid));
      const workload = workloads.get(textOrEmpty(owner.uid));
      owner = workload && controllerOf(workload);
    }
    for (const image of specImages(pod.spec)) take({ ...pod, kind: "Pod", apiVersion: "v1" }, image, true);
  }
  for (const workload of workloads.values())
    // What another workload makes, such as the ReplicaSets of old revisions, is that one's.
    if (!withPods.has(uidOf(workload)) && !workloads.has(textOrEmpty(controllerOf(workload)?.uid)))
      for (const image of specImages(templateOf(workload))) take(workload, image, false);
  const chains = new OwnerChains(reader, workloads);
  const places = concurrencyLimit(PARALLEL);
  const uses = await Promise.all([...alike.values()].map((one) => places(() => useOf(one, chains))));
  return {
    uses: merged(uses),
    refused: await refusals(reader, place, query, mirrors, unread),
    invalid: [...invalid].sort(),
    unread,
    mirrors,
  };
}

async function useOf({ object, image, pods, digests }: Alike, chains: OwnerChains): Promise<ImageUse> {
  const chain = await chains.chainOf(object);
  const owners =
    pods.length > 0
      ? chain
      : [
          { kind: textOrEmpty(object.kind), name: nameOf(object), apiVersion: textOrEmpty(object.apiVersion), object },
          ...chain,
        ];
  return {
    namespace: textOrEmpty(at(object.metadata, "namespace")),
    pods: pods.sort(),
    container: image.container,
    image: image.image,
    owners: owners.map(describeOwner),
    origin: originOf(object, image, owners),
    digests: [...digests].sort(),
  };
}

/** Several revisions of a workload are told as one. */
function merged(uses: readonly ImageUse[]): ImageUse[] {
  const alike = new Map<string, ImageUse>();
  for (const use of uses) {
    const { namespace, container, image, owners, origin, pods } = use;
    const key = JSON.stringify([namespace, container, image, owners.at(-1) ?? pods, origin]);
    const known = alike.get(key);
    alike.set(
      key,
      known
        ? {
            ...known,
            pods: [...known.pods, ...pods].sort(),
            digests: [...new Set([...known.digests, ...use.digests])].sort(),
          }
        : use,
    );
  }
  const order = (use: ImageUse): string =>
    JSON.stringify([use.namespace, use.owners.at(-1) ?? use.pods[0], use.container, use.image]);
  return [...alike.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function refusals(
  reader: ClusterReader,
  place: string,
  query: ImageQuery,
  mirrors: ReadonlyMap<string, NamespaceMirrors>,
  unread: string[],
): Promise<ToldUse[]> {
  const events: JsonObject[] = [];
  await unlessUnread(unread, async () => {
    for await (const event of listed(reader, `/api/v1${place}/events`, { fieldSelector: "reason=FailedCreate" }))
      if (isRefusal(event)) events.push(event);
  });
  const { told, more } = refusedIn(events);
  if (more > 0) unread.push(`${more} more images are refused in pods whose messages have no room for them`);
  return told.filter(({ image, namespace }) => {
    const reference = tryParseReference(image);
    return reference && query.wanted(reference, image, mirrors.get(namespace) ?? readParameters({}), true);
  });
}

async function namespaceMirrors(
  reader: ClusterReader,
  namespace: string | undefined,
  unread: string[],
): Promise<Map<string, NamespaceMirrors>> {
  const namespaces: JsonObject[] = [];
  const take = async (name: string): Promise<void> => {
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    const answer = await reader.read(path);
    if (answer.status !== 200 || !answer.object) throw clusterUnreadable(`Reading ${path}`, refusal(answer));
    namespaces.push(answer.object);
  };
  await unlessUnread(unread, async () => {
    if (namespace === undefined)
      for await (const object of listed(reader, "/api/v1/namespaces")) namespaces.push(object);
    else await take(namespace);
  });
  if (namespace !== undefined && namespace !== CLUSTER_NAMESPACE)
    await unlessUnread(unread, () => take(CLUSTER_NAMESPACE));
  const cluster = namespaces.find((object) => nameOf(object) === CLUSTER_NAMESPACE) ?? {};
  const mirrors = new Map<string, NamespaceMirrors>();
  const tell = (key: string, name: string): void =>
    void unread.push(`the annotation ${key} of the namespace ${name} is not one of MirrorAdmission's, and is left out`);
  for (const key of unreadOfCluster(cluster)) tell(key, CLUSTER_NAMESPACE);
  for (const object of namespaces) {
    const read = readParameters(object, cluster);
    mirrors.set(nameOf(object), read);
    for (const key of read.unread) tell(key, nameOf(object));
  }
  return mirrors;
}

/** What is not all that there is to see may be hidden from this user. */
async function unlessUnread(unread: string[], read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    unread.push(error instanceof Error ? error.message : String(error));
  }
}

const uidOf = ({ metadata }: JsonObject): string => textOrEmpty(at(metadata, "uid"));
const nameOf = ({ metadata }: JsonObject): string => textOrEmpty(at(metadata, "name"));

/** The canonical name that one image has however it is written. */
export const canonicalImage = (image: string): string => {
  const reference = tryParseReference(image);
  return reference ? formatReference(reference) : image;
};
