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
): Promise<Map<string, MockedResource["inputs"]>> {
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
  [{ registry, mode: "deny" }, /namespaces of MirrorAdmission keep is missing/],
  [{ mode: "deny", namespaces: [] }, /registry of MirrorAdmission keep is missing/],
])("refuses %j", (args, message) => {
  expect(() => new MirrorAdmission("keep", args as unknown as MirrorAdmissionArgs)).toThrow(message);
});
