import type { PropertyMap } from "../protocol/propertyValue";
import type { GroupVersionKind } from "./objects/kinds";

/** A Kubernetes object as JSON. */
export interface KubernetesObject extends PropertyMap {
  apiVersion: string;
  kind: string;
  metadata: PropertyMap & { name: string; namespace?: string };
}

export interface ObjectReference {
  readonly kind: GroupVersionKind;
  readonly name: string;
  /** Absent for objects that no namespace holds. */
  readonly namespace?: string;
}

export interface WriteOptions {
  /** Answer as if it had been done. */
  readonly dryRun: boolean;
  /** Who owns the written fields from now on. */
  readonly fieldManager: string;
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields over that others own. */
  readonly force: boolean;
  /** A manager whose fields are the writer's from now on. */
  readonly takeOver?: string;
}

/** What the provider needs of a cluster's API. */
export interface Cluster {
  /** How long to wait before what failed for the lack of a namespace or a kind is tried again, doubled every time. */
  readonly retryMilliseconds: number;
  serves(kind: GroupVersionKind): Promise<boolean>;
  /** Nothing when the cluster does not know the kind. */
  isNamespaced(kind: GroupVersionKind): Promise<boolean | undefined>;
  get(reference: ObjectReference): Promise<KubernetesObject | undefined>;
  /** @throws ApiError `AlreadyExists`, `NotFound` (namespace), `NoMatch` (kind), … */
  create(object: KubernetesObject, options: WriteOptions): Promise<KubernetesObject>;
  /** Server-side apply. @throws ApiError `Conflict`, … */
  apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  /** Deletes and waits until it is gone. @throws ApiError `NotFound` */
  delete(reference: ObjectReference): Promise<void>;
  /** The live object once it is ready. @throws NotReady */
  waitUntilReady(object: KubernetesObject): Promise<KubernetesObject>;
}

/** The reasons of an API server's refusals that the provider tells apart. */
export type ApiErrorReason = "AlreadyExists" | "NotFound" | "NoMatch" | "Conflict" | "Forbidden" | "Invalid" | "Other";

export class ApiError extends Error {
  constructor(
    readonly reason: ApiErrorReason,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The object is there, but did not become what it is for. */
export class NotReady extends Error {
  constructor(
    message: string,
    readonly live: KubernetesObject,
  ) {
    super(message);
    this.name = "NotReady";
  }
}

export function referenceTo(object: KubernetesObject, kind: GroupVersionKind): ObjectReference {
  const { name, namespace } = object.metadata;
  return { kind, name, ...(namespace ? { namespace } : {}) };
}
