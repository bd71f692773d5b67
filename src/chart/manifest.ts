import type { JsonObject } from "../json";

/** One Kubernetes object of a rendered chart. Renders may share objects: never change one. */
export interface Manifest {
  readonly object: JsonObject;
  /** The template that it comes from as Helm names it, `chart/charts/sub/templates/x.yaml`, where that is known. */
  readonly template?: string;
  /** Its `helm.sh/hook` annotation: `test`, `pre-install,pre-upgrade`. */
  readonly hook?: string;
}

/** What tells an object of a render from the others. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
