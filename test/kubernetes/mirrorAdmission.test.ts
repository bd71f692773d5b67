import * as pulumi from "@pulumi/pulumi";
import { AdmissionMode } from "../../src/kubernetes/admission/admissionMode";
import { supportedMode } from "../../src/kubernetes/admission/rewriteSupport";
import { MirrorAdmission, type MirrorAdmissionArgs } from "../../src/kubernetes/mirrorAdmission";
import { mockedEngine, type MockedResource } from "../support/providers/mockedEngine";

const engine = mockedEngine();

const registry = { address: Promise.resolve({ host: "r.test", path: "p" }), layout: {} };
const CONTRIBUTION = "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution";

/** What a component contributes, by the names of its resources. */
async function contributions(
  args: Omit<MirrorAdmissionArgs, "registry">,
  host = "r.test",
): Promise<Map<string, MockedResource["inputs"]>> {
  const registry = { address: Promise.resolve({ host, path: "p" }), layout: {} };
  const admission = new MirrorAdmission("keep", { registry, ...args });
  await (admission as unknown as { getData(): Promise<void> }).getData();
  // Registrations go out with the next turns of the loop.
  await pulumi.runtime.disconnect().catch(() => undefined);
  const made = engine.registered.filter(({ type }) => type === CONTRIBUTION);
  return new Map(made.map(({ name, inputs }) => [name, inputs]));
}

it("contributes policies and bindings, which hold for the namespaces that have the label of the mode", async () => {
  const made = await contributions({
    mode: AdmissionMode.Deny,
    namespaces: ["shop", pulumi.output("tools"), "shop", "left-alone"],
    exceptions: { images: ["quay.io/*"], namespaces: ["left-alone"] },
  });
  expect([...made.keys()].sort()).toEqual([
    "keep/ValidatingAdmissionPolicy",
    "keep/ValidatingAdmissionPolicyBinding",
    "keep/shop",
    "keep/tools",
  ]);
  const [policy, binding] = ["keep/ValidatingAdmissionPolicy", "keep/ValidatingAdmissionPolicyBinding"].map((name) =>
    made.get(name),
  );
  expect(policy).toMatchObject({ apiVersion: "admissionregistration.k8s.io/v1", create: true });
  expect(binding).toMatchObject({
    name: `${policy?.name as string}-deny`,
    create: true,
    contribution: {
      spec: {
        policyName: policy?.name,
        validationActions: ["Deny"],
        matchResources: { namespaceSelector: { matchLabels: { "pulumi-chart-mirror/admission-deny": "true" } } },
      },
    },
  });
  // A namespace is nobody's to make here, and nobody's to delete.
  expect(made.get("keep/tools")).toMatchObject({ apiVersion: "v1", kind: "Namespace", name: "tools", create: false });
  const { metadata } = made.get("keep/tools")?.contribution as {
    metadata: { labels: object; annotations: Record<string, string> };
  };
  expect(metadata.labels).toEqual({ "pulumi-chart-mirror/admission-deny": "true" });
  expect(Object.values(metadata.annotations).sort()).toEqual(["^(?s:quay\\.io/.*)$", "r.test/p/"]);
});

it("is for all namespaces but Kubernetes' own, those that are left alone and the registry's, which it says", async () => {
  const told = jest.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
  const made = await contributions(
    { mode: AdmissionMode.Deny, allNamespaces: true, exceptions: { namespaces: ["calico-system", "kube-system"] } },
    "registry.harbor.svc.cluster.local:5000",
  );
  const [[message] = [""]] = told.mock.calls;
  told.mockRestore();
  expect(message).toMatch(/every namespace but kube-node-lease, kube-public, kube-system, calico-system, harbor, also/);
  expect([...made.keys()].sort()).toEqual([
    "keep/ValidatingAdmissionPolicy",
    "keep/ValidatingAdmissionPolicyBinding",
    "keep/cluster",
  ]);
  const notIn = (...values: string[]): object => ({ key: "kubernetes.io/metadata.name", operator: "NotIn", values });
  expect(made.get("keep/ValidatingAdmissionPolicyBinding")).toMatchObject({
    name: `${made.get("keep/ValidatingAdmissionPolicy")?.name as string}-all-deny`,
    contribution: {
      spec: {
        validationActions: ["Deny"],
        paramRef: { name: "kube-public", parameterNotFoundAction: "Allow" },
        matchResources: {
          namespaceSelector: {
            matchExpressions: [
              notIn("kube-node-lease", "kube-public", "kube-system"),
              notIn("calico-system"),
              notIn("harbor"),
            ],
          },
        },
      },
    },
  });
  expect(made.get("keep/cluster")).toMatchObject({ kind: "Namespace", name: "kube-public", create: false });
  const { metadata } = made.get("keep/cluster")?.contribution as {
    metadata: { labels: object; annotations: Record<string, string> };
  };
  // No key is one that a namespace's own mode has: kube-public itself is left alone.
  expect(metadata.labels).toEqual({ "pulumi-chart-mirror/cluster-admission-deny": "true" });
  expect(Object.keys(metadata.annotations).join()).not.toContain("pulumi-chart-mirror/admission");
  expect(Object.values(metadata.annotations).sort()).toEqual([
    "calico-system",
    "harbor",
    "registry.harbor.svc.cluster.local:5000/p/",
  ]);
});

it("leaves no namespace alone for a registry outside the cluster that has svc in its name", async () => {
  const told = jest.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
  await contributions({ mode: AdmissionMode.Deny, allNamespaces: true }, "registry.eu.svc.example.com");
  const [[message] = [""]] = told.mock.calls;
  told.mockRestore();
  expect(message).toMatch(/every namespace but kube-node-lease, kube-public, kube-system, also/);
});

it.each([{ namespaces: ["shop"] }, { allNamespaces: true }])(
  "refuses more than annotations hold before anything is made: %j",
  async (where) => {
    const images = Array.from({ length: 2000 }, (_, i) => `quay.io/team/app-${i}:1`);
    const many = contributions({ mode: AdmissionMode.Deny, ...where, exceptions: { images } });
    await expect(many).rejects.toThrow(/Namespace (shop|kube-public) failed: its annotations would be \d+ bytes/);
    expect(engine.registered.filter(({ type }) => type === CONTRIBUTION)).toEqual([]);
  },
);

it("warns in the audit log, too", async () => {
  const made = await contributions({ mode: AdmissionMode.Warn, namespaces: ["shop"] });
  expect(made.get("keep/ValidatingAdmissionPolicyBinding")).toMatchObject({
    contribution: { spec: { validationActions: ["Warn", "Audit"] } },
  });
});

it.each<[AdmissionMode, string[], string[], boolean]>([
  ["deny", ["shop", "kube-system"], [], true],
  ["deny", ["shop", "kube-system"], ["kube-system"], false],
  ["deny", ["shop"], [], false],
  ["warn", ["kube-system"], [], false],
])("%s in %j but for %j warns that nodes may not become ready: %s", async (mode, namespaces, excepted, warns) => {
  const warned = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  await contributions({ mode, namespaces, exceptions: { namespaces: excepted } });
  const told = warned.mock.calls.filter(([message]) => message.includes("SYSTEM_NAMESPACE_DENIED"));
  warned.mockRestore();
  expect(told.length).toBe(warns ? 1 : 0);
});

it.each<[AdmissionMode, readonly string[], AdmissionMode, string, string | undefined]>([
  ["deny", [], "deny", "v1", undefined],
  ["rewrite", ["v1", "v1beta1"], "rewrite", "v1", undefined],
  ["rewrite", ["v1beta1"], "rewrite", "v1beta1", undefined],
  ["rewrite", ["v1alpha1"], "warn", "v1", "REWRITE_NOT_SERVED"],
])("%s on a cluster with %j is %s", async (mode, served, expected, version, code) => {
  const asked: string[] = [];
  const answer = await supportedMode(mode, ({ apiVersion, kind }) => {
    asked.push(kind);
    return Promise.resolve(served.some((one) => apiVersion === `admissionregistration.k8s.io/${one}`));
  });
  expect([answer.mode, answer.version, answer.finding?.code]).toEqual([expected, version, code]);
  expect(asked.every((kind) => kind === "MutatingAdmissionPolicy")).toBe(true);
  expect(asked.length > 0).toBe(mode === "rewrite");
});

it.each<[Record<string, unknown>, RegExp]>([
  [
    { registry, mode: "block", namespaces: [] },
    /mode of MirrorAdmission keep is "block", which is none of AdmissionMode/,
  ],
  [{ registry, mode: "deny" }, /^Making MirrorAdmission keep failed: it has no namespaces\. Give it/],
  [{ registry, mode: "deny", allNamespaces: false }, /it has no namespaces/],
  [{ registry, mode: "deny", namespaces: ["a"], allNamespaces: true }, /it has namespaces, and is for all of them/],
  [
    { registry, mode: "deny", namespaces: ["shop", "shop-*"] },
    /namespaces has "shop-\*", which is no name of a namespace\. Name each/,
  ],
  [
    { registry, mode: "deny", allNamespaces: true, exceptions: { namespaces: ["kube-*"] } },
    /exceptions\.namespaces has "kube-\*", which is no name/,
  ],
  [{ registry, mode: "deny", namespaces: ["a.b"] }, /namespaces has "a\.b"/],
  [{ mode: "deny", namespaces: [] }, /registry of MirrorAdmission keep is missing/],
])("refuses %j", (args, message) => {
  expect(() => new MirrorAdmission("keep", args as unknown as MirrorAdmissionArgs)).toThrow(message);
});
