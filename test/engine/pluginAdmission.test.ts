/** MirrorAdmission of the plugin, from YAML, with a real API server that has the policies. */
import type { JsonObject } from "../../src/json";
import { startAdmissionServer, type AdmissionServer } from "../support/admission";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { yamlProject } from "../support/engine/yamlProgram";

jest.setTimeout(600_000);

let server: AdmissionServer;
let project: Project;
beforeAll(async () => void (server = await startAdmissionServer()));
afterAll(async () => {
  await project.dispose();
  await server.stop();
});

it("keeps pods of a namespace on the mirror, and leaves the cluster as it was", async () => {
  const body = `resources:
  mirror:
    type: chart-mirror:ExistingRegistry
    properties: { host: mirror.test, path: platform, upstreams: [{ upstream: quay.io, path: quay }] }
  keep:
    type: chart-mirror:MirrorAdmission
    properties:
      registry: \${mirror}
      mode: rewrite
      namespaces: [default]
      exceptions: { images: ["busybox:*"] }
      images:
        - { source: "docker.io/library/nginx:1", target: "mirror.test/platform/library/nginx:1" }
      kubeconfig: \${kubeconfig}
`;
  project = await createProject({
    ...(await yamlProject(body, [], ["kubeconfig"])),
    config: { kubeconfig: { secret: server.kubeconfig } },
  });
  const preview = await project.preview({ diff: true });
  expect(preview.step("keep/MutatingAdmissionPolicy").operation).toBe("create");
  const policies = async (): Promise<unknown> =>
    (await server.ask("GET", "/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies")).body["items"];
  const namespace = async (): Promise<JsonObject> =>
    (await server.ask("GET", "/api/v1/namespaces/default")).body["metadata"] as JsonObject;
  const before = await namespace();
  await project.up();
  expect(await policies()).toHaveLength(1);
  expect(JSON.stringify(await namespace())).toMatch(/admission-rewrite.*mirror\.test\/platform/s);
  expectUnchanged(await project.up());
  expect(JSON.stringify(await project.exportState())).not.toContain("local-token");

  await project.destroy();
  expect(await policies()).toEqual([]);
  expect((await namespace())["labels"]).toEqual(before["labels"]);
});
