import type { V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { gunzipSync } from "node:zlib";
import { parseHelmYamlDocuments } from "../../chart/content/helmYaml";
import { parseJson } from "../../json";
import { childOf } from "../../ownKeys";

/** An object that a release made, hooks among them. */
export interface ReleaseObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A revision of a release, as helm keeps it in the cluster. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** `pending-install`, `deployed`, `failed`, … */
  readonly status: string;
  readonly objects: readonly ReleaseObject[];
}

/** A revision as helm writes it, as far as it matters here. */
export interface StoredRelease {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly info?: { readonly status?: string };
  readonly manifest?: string;
  readonly hooks?: readonly { readonly kind: string; readonly name: string; readonly manifest?: string }[] | null;
}

/**
 * Reads what helm's storage drivers write: JSON, compressed, as base64; inside the base64 of Secrets, where it is one.
 *
 * @param text `data.release` of a Secret or a ConfigMap, as the API gives it
 * @throws Error when it is no release
 * @see {@link https://github.com/helm/helm/blob/v3.19.5/pkg/storage/driver/util.go}
 */
export function storedRelease(text: string): StoredRelease {
  const once = Buffer.from(text, "base64");
  // A ConfigMap has no base64 of its own around helm's.
  const stored = isPacked(once) ? once : Buffer.from(once.toString("latin1"), "base64");
  // Releases of Helm's first versions are not compressed.
  const json = isPacked(stored) ? gunzipSync(stored, { maxOutputLength: MAX_RELEASE }) : stored;
  return parseJson((json.length > 0 ? json : once).toString()) as StoredRelease;
}

/**
 * What a revision of a release is, and what it made.
 *
 * @param text as {@link storedRelease} takes it
 * @throws Error when it is no release
 */
export function readHelmRelease(text: string): HelmRelease {
  const { name, namespace, version, info, manifest = "", hooks } = storedRelease(text);
  return {
    name,
    namespace,
    revision: version,
    status: info?.status ?? "unknown",
    objects: [
      ...objectsOf(manifest, namespace),
      ...(hooks ?? []).flatMap((hook) => objectsOf(hook.manifest ?? "", namespace)),
    ],
  };
}

const isPacked = (bytes: Buffer): boolean => bytes.subarray(0, 2).equals(GZIP);

const GZIP = Buffer.from([0x1f, 0x8b]);

/** Bytes that a release may unpack to; a Secret holds 1 MiB, and charts render less. */
const MAX_RELEASE = 64 * 1024 * 1024;

function objectsOf(manifest: string, releaseNamespace: string): ReleaseObject[] {
  return parseHelmYamlDocuments(manifest).flatMap((document) => {
    const kind = childOf(document, "kind");
    const metadata = childOf(document, "metadata");
    const [name, namespace] = [childOf(metadata, "name"), childOf(metadata, "namespace")];
    if (typeof kind !== "string" || typeof name !== "string") return [];
    return [{ kind, name, namespace: typeof namespace === "string" && namespace ? namespace : releaseNamespace }];
  });
}

/** Namespaces where a release has objects. Those without namespace are counted to the release's, and do no harm there. */
export function namespacesOf({ namespace, objects }: HelmRelease): string[] {
  return [...new Set([namespace, ...objects.map((object) => object.namespace)])];
}

/** Whether a release made a pod, by itself or through one of the controllers that every cluster has. */
export function isPodOf({ objects }: HelmRelease, { metadata }: V1Pod): boolean {
  const makers = makersOf(metadata);
  return objects.some(
    ({ kind, namespace, name }) =>
      namespace === metadata?.namespace && makers.some((maker) => maker.kind === kind && maker.name === name),
  );
}

/** The pod, its controller, and what that one's name says of the controller's own. */
function makersOf(metadata: V1Pod["metadata"]): { readonly kind: string; readonly name: string }[] {
  const makers = [{ kind: "Pod", name: metadata?.name ?? "" }];
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return makers;
  makers.push({ kind: owner.kind, name: owner.name });
  const hash = metadata?.labels?.["pod-template-hash"];
  if (owner.kind === "ReplicaSet" && hash !== undefined && owner.name.endsWith(`-${hash}`))
    makers.push({ kind: "Deployment", name: owner.name.slice(0, -hash.length - 1) });
  if (owner.kind === "Job") makers.push({ kind: "CronJob", name: owner.name.replace(/-\d+$/, "") });
  return makers;
}
