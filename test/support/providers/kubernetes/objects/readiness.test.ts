import type { KubernetesObject } from "../cluster";
import { readiness } from "./readiness";

const object = (kind: string, more: object = {}, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "it", ...metadata },
  ...more,
});
const rollout = (replicas: number, updatedReplicas: number, availableReplicas: number) => ({
  replicas,
  updatedReplicas,
  readyReplicas: availableReplicas,
  availableReplicas,
});
const condition = (type: string) => ({ status: { conditions: [{ type, status: "True", message: "because" }] } });

it.each<[KubernetesObject, object]>([
  [object("ConfigMap"), { ready: true }],
  [object("Job"), { ready: false, why: "Job it has not completed" }],
  [object("Job", condition("Complete")), { ready: true }],
  [object("Job", condition("Failed")), { ready: false, failed: true, why: "Job it failed: because" }],
  [object("Job", {}, { annotations: { "pulumi.com/skipAwait": "true" } }), { ready: true }],
  [object("Pod", { status: { phase: "Failed" } }), { failed: true }],
  [object("Pod", condition("Ready")), { ready: true }],
  [object("Deployment", { status: rollout(1, 1, 1) }), { ready: true }],
  [object("Deployment", { spec: { replicas: 0 } }), { ready: true }],
  [
    object("Deployment", { spec: { replicas: 3 }, status: rollout(3, 3, 1) }),
    { ready: false, why: "Deployment it has 1 of 3 replicas ready" },
  ],
  // A pod of the former revision still runs.
  [object("Deployment", { status: rollout(2, 1, 1) }), { ready: false }],
  [
    object("Deployment", { status: { observedGeneration: 1, ...rollout(1, 1, 1) } }, { generation: 2 }),
    { ready: false },
  ],
  [object("StatefulSet", { status: { updatedReplicas: 1, readyReplicas: 1 } }), { ready: true }],
  [object("CustomResourceDefinition"), { ready: false, why: "CustomResourceDefinition it is not established" }],
  [object("CustomResourceDefinition", condition("Established")), { ready: true }],
  [object("DaemonSet", { status: { desiredNumberScheduled: 2, numberReady: 2 } }), { ready: true }],
])("%j is %j", (live, expected) => expect(readiness(live)).toMatchObject(expected));
