import type { KubernetesObject } from "./cluster";
import { readiness } from "./readiness";

const object = (kind: string, more: object = {}, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "it", ...metadata },
  ...more,
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
  [object("Deployment", { status: { updatedReplicas: 1, readyReplicas: 1 } }), { ready: true }],
  [
    object("Deployment", { spec: { replicas: 3 }, status: { updatedReplicas: 3, readyReplicas: 1 } }),
    { ready: false, why: "Deployment it has 1 of 3 replicas ready" },
  ],
  [
    object(
      "Deployment",
      { status: { observedGeneration: 1, updatedReplicas: 1, readyReplicas: 1 } },
      { generation: 2 },
    ),
    { ready: false },
  ],
  [object("DaemonSet", { status: { desiredNumberScheduled: 2, numberReady: 2 } }), { ready: true }],
])("%j is %j", (live, expected) => expect(readiness(live)).toMatchObject(expected));
