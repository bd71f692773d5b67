import { deletedOnSuccess, hookEvents, parseManifests, resourceNames } from "./manifests";

const manifest = `
# a comment only
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: team }
---
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Secret, metadata: { name: b } }
  - { apiVersion: v1, kind: Secret, metadata: { name: a } }
---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: { helm.sh/hook: "pre-install, pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded" }
`;

it("takes a stream of YAML apart", () => {
  expect(parseManifests(manifest).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    "Deployment web",
    "Secret b",
    "Secret a",
    "Job migrate",
  ]);
});

it("names resources by kind and version", () => {
  expect(resourceNames(manifest)).toEqual({
    "Deployment.apps/apps/v1": ["team/web"],
    "Secret/v1": ["a", "b"],
    "Job.batch/batch/v1": ["migrate"],
  });
});

it("knows hooks", () => {
  const [deployment, , , job] = parseManifests(manifest);
  if (!deployment || !job) throw new Error("the manifest has four objects");
  expect(hookEvents(deployment)).toEqual([]);
  expect(hookEvents(job)).toEqual(["pre-install", "pre-upgrade"]);
  expect(deletedOnSuccess(job)).toBe(true);
  expect(deletedOnSuccess(deployment)).toBe(false);
});
