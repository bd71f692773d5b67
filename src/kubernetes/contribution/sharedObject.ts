import { MirrorError } from "../../error";
import type { JsonObject } from "../../json";
import type { Clock } from "../../oci/transport/clock";
import { checkAnnotations } from "./annotationLimit";
import { contribute, type Contributed, type Contribution } from "./contribution";
import { mergePatch } from "./mergePatch";

/** Names an object of a cluster. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** That of the kubeconfig's context unless told, where the kind has namespaces. */
  readonly namespace?: string;
  readonly name: string;
}

/** What contributions need of a cluster. Failures are thrown, apart from a write that somebody else came before. */
export interface ObjectClient {
  /** Undefined when there is none. */
  read(reference: ObjectReference): Promise<JsonObject | undefined>;
  /** @returns false when somebody else has made it in the meantime */
  create(object: JsonObject): Promise<boolean>;
  /** Applies a JSON merge patch to the object as it was read. @returns false when it is another one by now */
  patch(reference: ObjectReference, live: JsonObject, patch: JsonObject): Promise<boolean>;
  /** Deletes the object as it was read. @returns false when it is another one by now */
  remove(reference: ObjectReference, live: JsonObject): Promise<boolean>;
  /** Whether the cluster has such objects at all. */
  serves(kind: Pick<ObjectReference, "apiVersion" | "kind">): Promise<boolean>;
  /** The versions that the cluster has of an API, the best first: `config.openshift.io/v1`. */
  versions(apiVersion: string): Promise<string[]>;
}

/** An object that a program contributes to is not there. `code` is `OBJECT_MISSING`. */
export function objectMissing(reference: ObjectReference): MirrorError {
  return new MirrorError(
    "OBJECT_MISSING",
    `Contributing to ${describeObject(reference)} failed: it does not exist`,
    "Correct its name, or let this resource depend on what makes it",
  );
}

/** Somebody else has given an entry another value. `code` is `ENTRY_CONFLICT`. */
export function entryConflict(reference: ObjectReference, places: readonly string[]): MirrorError {
  return new MirrorError(
    "ENTRY_CONFLICT",
    `Contributing to ${describeObject(reference)} failed: ${places.join(", ")} holds another value, which is somebody else's`,
    "Take that entry out of the object, or contribute the same value",
  );
}

/** The object was changed by others each time it was to be written. `code` is `OBJECT_BUSY`. */
export function objectBusy(reference: ObjectReference, attempts: number): MirrorError {
  return new MirrorError(
    "OBJECT_BUSY",
    `Writing ${describeObject(reference)} failed: others changed it ${attempts} times while it was being written`,
    "Find out what keeps writing it, and run the update again",
  );
}

/** `ServiceAccount shop/default`. */
export function describeObject({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** The API that an object is of. Its versions are views of the same objects. */
export const apiOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";

/**
 * An object by the version of its API by which the cluster has it still: one that was upgraded may no longer have the version
 * that it was written by.
 *
 * @returns undefined when no version has the kind any more: its objects went with its definition
 */
export async function servedReference<T extends ObjectReference>(
  client: ObjectClient,
  reference: T,
): Promise<T | undefined> {
  if (await client.serves(reference)) return reference;
  for (const apiVersion of await client.versions(reference.apiVersion))
    if (await client.serves({ ...reference, apiVersion })) return { ...reference, apiVersion };
  return undefined;
}

const ATTEMPTS = 20;
/** How long an account of a new namespace, or of an operator, is waited for. */
const MISSING_MS = 120_000;
const POLL_MS = 500;

/** What decides how a contribution is written. */
export interface WriteOptions {
  /** Make the object when it is missing, rather than wait for it. */
  readonly create?: boolean;
  readonly clock: Clock;
}

/**
 * Writes a contribution into an object, against the object as it is at that moment: when somebody else writes in
 * between, everything is decided again.
 *
 * @param contributionTo decides what is wanted of the object as it is now
 * @throws {MirrorError} `OBJECT_MISSING`, `ENTRY_CONFLICT`, `OBJECT_BUSY`, `ANNOTATIONS_TOO_LARGE`
 */
export async function writeContribution(
  client: ObjectClient,
  reference: ObjectReference,
  contributionTo: (live: JsonObject | undefined) => Contribution,
  { create = false, clock }: WriteOptions,
): Promise<Contributed> {
  const deadline = clock.now() + MISSING_MS;
  let attempts = 0;
  while (attempts < ATTEMPTS) {
    const live = await client.read(reference);
    const contribution = contributionTo(live);
    const withdraws = Object.keys(contribution.wanted).length === 0;
    if (live === undefined && !create && !withdraws) {
      if (clock.now() >= deadline) throw objectMissing(reference);
      await clock.sleep(POLL_MS);
      continue;
    }
    // What is gone needs no withdrawal.
    if (live === undefined && withdraws) return { object: undefined, added: {}, conflicts: [] };
    const result = contribute(live, emptyObject(reference), contribution);
    if (result.conflicts.length > 0)
      throw entryConflict(
        reference,
        result.conflicts.map(({ id }) => id),
      );
    if (result.object && !withdraws) checkAnnotations(describeObject(reference), result.object);
    if (await write(client, reference, live, result.object)) return result;
    attempts += 1;
    await clock.sleep(50 * attempts);
  }
  throw objectBusy(reference, ATTEMPTS);
}

/** Whether the object has all of a contribution, so that writing it would change nothing. */
export function holdsContribution(
  reference: ObjectReference,
  live: JsonObject | undefined,
  contribution: Contribution,
): boolean {
  const { object, conflicts } = contribute(live, emptyObject(reference), contribution);
  if (conflicts.length > 0) return false;
  if (live === undefined || object === undefined) return live === object;
  return Object.keys(mergePatch(live, object)).length === 0;
}

/** The object without any content. */
export function emptyObject({ apiVersion, kind, namespace, name }: ObjectReference): JsonObject {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

async function write(
  client: ObjectClient,
  reference: ObjectReference,
  live: JsonObject | undefined,
  wanted: JsonObject | undefined,
): Promise<boolean> {
  if (live === undefined) return wanted === undefined || client.create(wanted);
  if (wanted === undefined) return client.remove(reference, live);
  const patch = mergePatch(live, wanted);
  return Object.keys(patch).length === 0 || client.patch(reference, live, patch);
}
