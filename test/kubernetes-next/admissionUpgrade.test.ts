/** What a program has made on Kubernetes 1.34, with its gate, after an upgrade to the second pinned Kubernetes, which has it by itself. */
import { AdmissionMode } from "../../src/kubernetes/admission/admissionMode";
import type { JsonObject } from "../../src/json";
import { GATED_FLAGS, startAdmissionServer, until, type AdmissionServer } from "../support/admission";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { pins } from "../support/tools";

jest.setTimeout(20 * 60_000);

let server: AdmissionServer;
let project: Project;
beforeAll(async () => {
  server = await startAdmissionServer(GATED_FLAGS, "kube-apiserver");
  project = await createProject({
    program: {
      "index.ts": `
        import * as pulumi from "@pulumi/pulumi";
        import { AdmissionMode, ExistingRegistry, MirrorAdmission } from "pulumi-chart-mirror";
        new MirrorAdmission("keep", {
          registry: new ExistingRegistry("mirror", { host: "mirror.test", path: "platform" }),
          mode: AdmissionMode.Rewrite,
          namespaces: ["default"],
          images: [{ source: "docker.io/library/nginx:1", target: "mirror.test/platform/nginx:1" }],
          kubeconfig: new pulumi.Config().requireSecret("kubeconfig"),
        });
      `,
    },
    config: { kubeconfig: { secret: server.kubeconfig } },
  });
});
afterAll(async () => {
  await project?.dispose();
  await server?.stop();
});

const KINDS = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];

/** The objects of the policy that changes pods, as a version of the API shows them. */
async function policies(version: string): Promise<JsonObject[]> {
  const lists = KINDS.map(async (kind) => {
    const { body } = await server.ask("GET", `/apis/admissionregistration.k8s.io/${version}/${kind}`);
    return (body.items ?? []) as JsonObject[];
  });
  return (await Promise.all(lists)).flat();
}
const uids = (objects: readonly JsonObject[]): unknown[] => objects.map(({ metadata }) => (metadata as JsonObject).uid);
const moved = () =>
  until(
    () =>
      server.ask("POST", "/api/v1/namespaces/default/pods", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "made-by-hand" },
        spec: { containers: [{ name: "web", image: "nginx:1" }] },
      }),
    ({ body }) => JSON.stringify(body.spec ?? null).includes("mirror.test/platform/nginx:1"),
  );
const serverVersion = async (): Promise<unknown> => (await server.ask("GET", "/version")).body.gitVersion;
/** The versions by which the state has them. */
const inState = async (): Promise<unknown[]> => {
  const { resources = [] } = await project.exportState();
  return resources.flatMap(({ inputs: { kind, apiVersion } = {} }) =>
    typeof kind === "string" && kind.startsWith("MutatingAdmission") ? [apiVersion] : [],
  );
};

it("stays the same objects, is one update, and then nothing", async () => {
  expect(await serverVersion()).toBe(`v${pins.kubernetes}`);
  await project.up();
  await moved();
  const before = await policies("v1beta1");
  expect(before).toHaveLength(2);
  expect(await inState()).toEqual(Array(2).fill("admissionregistration.k8s.io/v1beta1"));

  await server.upgrade("kube-apiserver-next");
  expect(await serverVersion()).toBe(`v${pins.kubernetesNext}`);
  expect(await policies("v1beta1")).toEqual([]);
  expect(uids(await policies("v1"))).toEqual(uids(before));
  // Nobody has to do anything for it to hold.
  await moved();

  const { changes } = await project.preview();
  expect(Object.values(changes).sort()).toEqual(["update", "update"]);
  await project.up();
  expect(uids(await policies("v1"))).toEqual(uids(before));
  expect(await inState()).toEqual(Array(2).fill("admissionregistration.k8s.io/v1"));
  expectUnchanged(await project.up());
  await moved();
});

it("is taken out by its newer version, too, when nothing was updated in between", async () => {
  await project.destroy();
  expect(await policies("v1")).toEqual([]);
  await server.stop();
  server = await startAdmissionServer(GATED_FLAGS, "kube-apiserver");
  await project.setConfig({ kubeconfig: { secret: server.kubeconfig } });
  await project.up();
  expect((await server.supports(AdmissionMode.Rewrite)).version).toBe("v1beta1");
  await server.upgrade("kube-apiserver-next");
  await project.destroy();
  expect(await policies("v1")).toEqual([]);
  const namespace = await server.ask("GET", "/api/v1/namespaces/default");
  expect(JSON.stringify(namespace.body)).not.toContain("pulumi-chart-mirror");
});
