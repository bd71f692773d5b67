import type { Finding } from "../../../src/plan/relocationPlan";
import { parseManifests } from "../providers/kubernetes/objects/manifests";
import type { Answers } from "./corpusCluster";
import { faultsOf, verdict } from "./judgement";
import { outsideImages } from "./outsideImages";
import { podsWithoutSecret } from "./podsWithoutSecret";

const pod = (image: string, more = "") => `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  ${more}
  containers: [{ name: main, image: "${image}", env: [{ name: SIDECAR, value: "--image=quay.io/a/sidecar:1" }] }]
---
`;
const answers = (...refused: string[]): Answers => ({
  refused: new Map(refused.map((object) => [object, { object, why: "no" }])),
  unknown: 0,
  asked: 3,
});

test.each([
  ["m.io/nginx:1", ["quay.io/a/sidecar:1"]],
  ["nginx", ["nginx", "quay.io/a/sidecar:1"]],
  ["evil-m.io/nginx:1", ["evil-m.io/nginx:1", "quay.io/a/sidecar:1"]],
])("a pod of %s pulls from outside", (image, outside) => {
  expect(outsideImages(parseManifests(pod(image)), "m.io").map(({ reference }) => reference)).toEqual(outside);
});

test("a container that OpenShift fills in pulls nothing by itself", () => {
  const triggers = JSON.stringify([{ from: { kind: "ImageStreamTag", name: "web:latest" } }]);
  const filled = pod("web:latest").replace(
    "{ name: web }",
    `{ name: web, annotations: { image.openshift.io/triggers: '${triggers}' } }`,
  );
  expect(outsideImages(parseManifests(filled), "quay.io/a")).toEqual([]);
});

test("labels, URLs without a tag and texts about a schema are no images", () => {
  const texts = parseManifests(
    `{ apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { a: "app.kubernetes.io/name:web", b: "https://docs.example.com/guide" } }`,
  );
  expect(outsideImages(texts, "m.io")).toEqual([]);
});

test.each([
  ["none", "", "", ["Pod web"]],
  ["its own", "imagePullSecrets: [{ name: other }, { name: login }]", "", []],
  ["another", "imagePullSecrets: [{ name: other }]", "", ["Pod web"]],
  [
    "its account's",
    "serviceAccountName: sa",
    "{ apiVersion: v1, kind: ServiceAccount, metadata: { name: sa }, imagePullSecrets: [{ name: login }] }",
    [],
  ],
])("a pod with %s secret", (_, spec, account, expected) => {
  expect(podsWithoutSecret(parseManifests(pod("nginx", spec) + account), "login")).toEqual(expected);
});

const escape: Finding = { severity: "escape", code: "IMAGE_ESCAPES", message: "x", image: "nginx" };
const outside = [{ object: "Pod web", path: "p", reference: "nginx" }];
const refusal: Finding = {
  severity: "warning",
  code: "UPGRADE_REFUSED",
  message: "x",
  location: { apiVersion: "batch/v1", kind: "Job", name: "setup", path: [], evidence: "container" },
};

test.each([
  ["nothing wrong", { findings: [], outside: [] }, "works"],
  ["an image outside that is told", { findings: [escape], outside }, "explained"],
  ["an image outside that is not", { findings: [], outside }, "silent"],
  ["one told as information alone", { findings: [{ ...escape, severity: "info" as const }], outside }, "silent"],
  ["a pod without the secret", { findings: [], outside: [], withoutSecret: ["Pod web"] }, "silent"],
  [
    "an object that the server took before",
    { findings: [], outside: [], server: { before: answers(), install: answers("Job setup"), upgrade: answers() } },
    "silent",
  ],
  [
    "an object that it refused before",
    {
      findings: [],
      outside: [],
      server: { before: answers("Job setup"), install: answers("Job setup"), upgrade: answers() },
    },
    "works",
  ],
  [
    "an upgrade that is refused, and told",
    {
      findings: [refusal],
      outside: [],
      server: { before: answers(), install: answers(), upgrade: answers("Job setup") },
    },
    "explained",
  ],
])("%s", (_, judged, expected) => {
  expect(verdict(faultsOf({ withoutSecret: [], ...judged }))).toBe(expected);
});
