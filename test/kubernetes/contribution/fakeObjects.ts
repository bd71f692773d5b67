import { isMap, type JsonObject } from "../../../src/json";
import { objectRefused } from "../../../src/kubernetes/contribution/objectClient";
import type { ObjectClient, ObjectReference } from "../../../src/kubernetes/contribution/sharedObject";

/** Objects in memory with the API server's concurrency: a write of what is no longer current is refused. */
export class FakeObjects implements ObjectClient {
  readonly writes: string[] = [];
  /** Called before each write, as somebody else who comes in between. */
  beforeWrite: () => void = () => undefined;
  unreachable = false;
  /** The only versions of APIs that there are; all unless told. */
  served: readonly string[] | undefined;
  private readonly objects = new Map<string, JsonObject>();
  private version = 0;

  constructor(...objects: readonly JsonObject[]) {
    for (const object of objects) this.set(object);
  }

  set(object: JsonObject): void {
    const stored = copyOf(object);
    (stored.metadata as JsonObject).resourceVersion = String((this.version += 1));
    this.objects.set(keyOf(referenceOf(object)), stored);
  }

  delete(reference: ObjectReference): void {
    this.objects.delete(keyOf(reference));
  }

  /** What the object holds, apart from its metadata. */
  content(reference: ObjectReference): JsonObject | undefined {
    const object = this.objects.get(keyOf(reference));
    if (!object) return undefined;
    const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...content } = object;
    return content;
  }

  read(reference: ObjectReference): Promise<JsonObject | undefined> {
    if (this.unreachable) return Promise.reject(objectRefused(`Reading ${reference.kind}`, "no route to host", ""));
    if (this.served && !this.served.includes(reference.apiVersion))
      return Promise.reject(objectRefused(`Reading ${reference.kind}`, `it knows no ${reference.apiVersion}`, ""));
    const object = this.objects.get(keyOf(reference));
    return Promise.resolve(object && copyOf(object));
  }

  create(object: JsonObject): Promise<boolean> {
    this.beforeWrite();
    if (this.objects.has(keyOf(referenceOf(object)))) return Promise.resolve(false);
    this.set(object);
    this.writes.push(`create ${keyOf(referenceOf(object))}`);
    return Promise.resolve(true);
  }

  patch(reference: ObjectReference, live: JsonObject, patch: JsonObject): Promise<boolean> {
    return this.write("patch", reference, live, (now) => this.set(patched(now, patch)));
  }

  remove(reference: ObjectReference, live: JsonObject): Promise<boolean> {
    return this.write("delete", reference, live, () => this.delete(reference));
  }

  serves({ apiVersion }: Pick<ObjectReference, "apiVersion">): Promise<boolean> {
    if (this.unreachable) return Promise.reject(objectRefused("Looking", "no route to host", ""));
    return Promise.resolve(this.served?.includes(apiVersion) ?? true);
  }

  versions(): Promise<string[]> {
    return Promise.resolve([...(this.served ?? [])]);
  }

  private write(
    verb: string,
    reference: ObjectReference,
    live: JsonObject,
    write: (now: JsonObject) => void,
  ): Promise<boolean> {
    this.beforeWrite();
    const now = this.objects.get(keyOf(reference));
    if (!now || versionOf(now) !== versionOf(live)) return Promise.resolve(false);
    write(now);
    this.writes.push(`${verb} ${keyOf(reference)}`);
    return Promise.resolve(true);
  }
}

const copyOf = (object: JsonObject): JsonObject => JSON.parse(JSON.stringify(object)) as JsonObject;

/** `ServiceAccount shop/default`. */
function keyOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

function referenceOf({ apiVersion, kind, metadata }: JsonObject): ObjectReference {
  return { apiVersion, kind, ...(metadata as { name: string; namespace?: string }) } as ObjectReference;
}

const versionOf = ({ metadata }: JsonObject): unknown => (metadata as JsonObject).resourceVersion;

function patched(target: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    if (value === null) delete result[key];
    else result[key] = isMap(value) ? patched(isMap(before) ? before : {}, value) : value;
  }
  return result;
}
