import type { V1Pod } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { gzipSync } from "node:zlib";
import { isPodOf, namespacesOf, readHelmRelease } from "../../../src/kubernetes/releaseWatch/helmRelease";

/** As helm and the API write it. */
export function secretData(release: object, compress = true): string {
  const json = Buffer.from(JSON.stringify(release));
  return Buffer.from((compress ? gzipSync(json) : json).toString("base64")).toString("base64");
}

const stored = {
  name: "shop",
  namespace: "shop",
  version: 3,
  info: { status: "pending-upgrade" },
  manifest: `---
# Source: shop/templates/api.yaml
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: data }
---
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: report }
`,
  hooks: [{ kind: "Job", name: "migrate", manifest: "apiVersion: batch/v1\nkind: Job\nmetadata: { name: migrate }\n" }],
};
const release = readHelmRelease(secretData(stored));

it.each([true, false])("reads what helm keeps of a release (compressed: %s)", (compress) => {
  expect(readHelmRelease(secretData(stored, compress))).toEqual({
    name: "shop",
    namespace: "shop",
    revision: 3,
    status: "pending-upgrade",
    objects: [
      { kind: "Deployment", namespace: "shop", name: "api" },
      { kind: "StatefulSet", namespace: "data", name: "db" },
      { kind: "CronJob", namespace: "shop", name: "report" },
      { kind: "Job", namespace: "shop", name: "migrate" },
    ],
  });
});

it("reads a release without objects", () => {
  expect(readHelmRelease(secretData({ name: "a", namespace: "b", version: 1, hooks: null })).objects).toEqual([]);
});

it("names every namespace of it once", () => expect(namespacesOf(release)).toEqual(["shop", "data"]));

const owned = (kind: string, name: string, labels: Record<string, string> = {}, namespace = "shop"): V1Pod => ({
  metadata: {
    name: `${name}-x`,
    namespace,
    labels,
    ownerReferences: [{ apiVersion: "apps/v1", kind, name, uid: "1", controller: true }],
  },
});
const hash = { "pod-template-hash": "7d9f" };

test.each<[string, boolean, V1Pod]>([
  ["of a Deployment", true, owned("ReplicaSet", "api-7d9f", hash)],
  ["of a Deployment whose name begins alike", false, owned("ReplicaSet", "api-gateway-7d9f", hash)],
  ["of a StatefulSet in another namespace", true, owned("StatefulSet", "db", {}, "data")],
  ["of a StatefulSet of that name elsewhere", false, owned("StatefulSet", "db")],
  ["of a hook", true, owned("Job", "migrate")],
  ["of a CronJob", true, owned("Job", "report-29000000")],
  ["of a Job whose name begins alike", false, owned("Job", "report-of-others")],
  ["without owner", false, { metadata: { name: "api", namespace: "shop" } }],
])("knows a pod %s: %s", (_, expected, pod) => expect(isPodOf(release, pod)).toBe(expected));

it("knows a pod that stands in the chart", () => {
  const bare = readHelmRelease(secretData({ ...stored, manifest: "kind: Pod\nmetadata: { name: one }", hooks: [] }));
  expect(isPodOf(bare, { metadata: { name: "one", namespace: "shop" } })).toBe(true);
});
