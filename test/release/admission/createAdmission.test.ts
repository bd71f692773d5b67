import * as pulumi from "@pulumi/pulumi";
import { AdmissionMode } from "../../../src/kubernetes/admission/admissionMode";
import type { MirrorRegistry } from "../../../src/registry/mirrorRegistry";
import { createAdmission, type ReleaseAdmission } from "../../../src/release/admission/createAdmission";
import { mockedEngine, registration } from "../../support/providers/mockedEngine";

const engine = mockedEngine();

const DIGEST = `sha256:${"a".repeat(64)}`;
const registry = { address: Promise.resolve({ host: "r.test" }), layout: {} } as unknown as MirrorRegistry;
const plan = {
  images: [{ source: "quay.io/a/b:1", target: "r.test/a/b:1", digest: DIGEST, size: 1, locations: [] }],
} as unknown as ReleaseAdmission["plan"];

/** The arguments of what keeps the pods of a release on the mirror. */
async function admissionOf(args: Partial<ReleaseAdmission>): Promise<Record<string, unknown>> {
  const parent = new pulumi.ComponentResource("test:index:Parent", "shop");
  const whole: ReleaseAdmission = {
    admission: AdmissionMode.Deny,
    registry,
    plan,
    ignoreImages: [],
    namespace: "shop",
    createNamespaces: false,
    pullNamespaces: [],
    pullSecretName: undefined,
    ...args,
  };
  await createAdmission("shop", whole, parent, []);
  return (await registration(engine, "pulumi-chart-mirror:index:MirrorAdmission")).inputs;
}

it.each<[string, Partial<ReleaseAdmission>, object]>([
  [
    "a mode alone, in the namespaces of the release and of its pull secret",
    { pullNamespaces: ["tools"], pullSecretName: "login", ignoreImages: ["ghcr.io/*"] },
    { mode: "deny", namespaces: ["shop", "tools"], exceptions: { images: ["ghcr.io/*"] }, pullSecret: "login" },
  ],
  [
    "namespaces and exceptions of its own",
    {
      ignoreImages: ["ghcr.io/*"],
      admission: { mode: "warn", namespaces: ["a"], exceptions: { images: ["x"], namespaces: ["b"] } },
    },
    { mode: "warn", namespaces: ["a"], exceptions: { images: ["ghcr.io/*", "x"], namespaces: ["b"] } },
  ],
  [
    "all of the plan's hosts, which another mode has no use for",
    { admission: { mode: "deny", namespaces: [], rewriteAll: true } },
    {
      upstreams: ["quay.io"],
      images: [{ source: "quay.io/a/b:1", target: "r.test/a/b:1", digest: DIGEST }],
    },
  ],
])("takes %s", async (_, args, expected) => {
  expect(await admissionOf(args)).toMatchObject(expected);
});

it("makes the namespace where nothing else does", async () => {
  await admissionOf({ createNamespaces: true });
  const { name, inputs } = await registration(engine, "kubernetes:core/v1:NamespacePatch");
  expect([name, inputs.metadata]).toEqual(["shop-namespace", { name: "shop" }]);
});
