import type { KubernetesObject } from "../cluster";

export interface Readiness {
  readonly ready: boolean;
  /** It never will be. */
  readonly failed?: boolean;
  /** What is missing, for the error. */
  readonly why: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/**
 * Whether an object has become what it is for, for the kinds that the real provider waits for and whose readiness is in
 * their own status. All other kinds are ready as soon as they exist.
 */
export function readiness(object: KubernetesObject): Readiness {
  const spec = (object["spec"] ?? {}) as Record<string, unknown>;
  const status = (object["status"] ?? {}) as Record<string, unknown>;
  const annotations = (object.metadata["annotations"] ?? {}) as Record<string, string>;
  const name = `${object.kind} ${object.metadata.name}`;
  const conditions = (status["conditions"] ?? []) as readonly Condition[];
  const has = (type: string) => conditions.find((condition) => condition.type === type && condition.status === "True");
  const count = (key: string, from = status) => (typeof from[key] === "number" ? from[key] : 0);
  const observed = count("observedGeneration") >= count("generation", object.metadata);
  if (annotations["pulumi.com/skipAwait"] === "true") return { ready: true, why: "" };

  switch (object.kind) {
    case "Job": {
      const failure = has("Failed");
      if (failure) return { ready: false, failed: true, why: `${name} failed: ${failure.message ?? ""}` };
      return { ready: has("Complete") !== undefined, why: `${name} has not completed` };
    }
    case "Pod":
      if (status["phase"] === "Failed") return { ready: false, failed: true, why: `${name} failed` };
      return { ready: status["phase"] === "Succeeded" || has("Ready") !== undefined, why: `${name} is not ready` };
    case "Deployment": {
      // What the deployment controller calls complete: nothing of the former revision is left.
      const wanted = count("replicas", { replicas: 1, ...spec });
      const updated = count("updatedReplicas");
      const available = count("availableReplicas");
      const ready = observed && updated === wanted && available === wanted && count("replicas") === wanted;
      return { ready, why: `${name} has ${Math.min(updated, available)} of ${wanted} replicas ready` };
    }
    case "CustomResourceDefinition":
      return { ready: has("Established") !== undefined, why: `${name} is not established` };
    case "StatefulSet": {
      const wanted = count("replicas", { replicas: 1, ...spec });
      const ready = observed && count("updatedReplicas") >= wanted && count("readyReplicas") >= wanted;
      return { ready, why: `${name} has ${count("readyReplicas")} of ${wanted} replicas ready` };
    }
    case "DaemonSet": {
      const wanted = count("desiredNumberScheduled");
      const ready = observed && count("numberReady") >= wanted;
      return { ready, why: `${name} has ${count("numberReady")} of ${wanted} pods ready` };
    }
    default:
      return { ready: true, why: "" };
  }
}
