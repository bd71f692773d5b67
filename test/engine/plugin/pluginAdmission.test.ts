/** MirrorAdmission of the plugin, from YAML, with a real API server that has the policies. */
import type { JsonObject } from "../../../src/json";
import { startAdmissionServer, until, type AdmissionServer } from "../../support/admission";
import { makeNamespace, makePod, named } from "../../support/admission/pods";
import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { yamlProgram, yamlProject } from "../../support/engine/yamlProgram";

jest.setTimeout(600_000);

let server: AdmissionServer;
let project: Project;
beforeAll(async () => void (server = await startAdmissionServer()));
afterEach(() => project?.dispose());
afterAll(() => server?.stop());

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

it("refuses pods of all namespaces but those that nodes and the registry need, which a preview says", async () => {
  const body = `resources:
  mirror:
    type: chart-mirror:ExistingRegistry
    properties: { host: registry.harbor.svc:5000 }
  keep:
    type: chart-mirror:MirrorAdmission
    properties:
      registry: \${mirror}
      mode: deny
      allNamespaces: true
      exceptions: { namespaces: [tools] }
      kubeconfig: \${kubeconfig}
`;
  project = await createProject({
    ...(await yamlProject(body, [], ["kubeconfig"])),
    config: { kubeconfig: { secret: server.kubeconfig } },
  });
  for (const name of ["shop", "tools", "harbor"]) await makeNamespace(server, name);
  const { everything } = await project.preview({ diff: true });
  expect(everything).toContain("every namespace but kube-node-lease, kube-public, kube-system, harbor, tools, also");
  await project.up();
  const pod = (namespace: string) => () => makePod(server, namespace, { containers: named(["nginx"]) });
  await until(pod("shop"), ({ status }) => status === 422);
  for (const namespace of ["kube-system", "tools", "harbor"])
    expect([namespace, (await pod(namespace)()).status]).toEqual([namespace, 201]);
  expectUnchanged(await project.up());

  // What holds in its place is there before the other is gone.
  await project.write({ "Pulumi.yaml": yamlProgram(body.replace("deny", "warn"), [], ["kubeconfig"]) });
  const changed = await project.preview({ diff: true });
  expect(changed.step("keep/ValidatingAdmissionPolicyBinding").operation).toBe("replace");
  await project.up();
  const warned = await until(pod("shop"), ({ status }) => status === 201);
  expect(warned.warnings).toEqual([expect.stringContaining("container c0 would pull nginx, outside the mirror")]);

  await project.destroy();
  await until(pod("shop"), ({ status, warnings }) => status === 201 && warnings.length === 0);
  const { metadata } = (await server.ask("GET", "/api/v1/namespaces/kube-public")).body;
  expect(JSON.stringify(metadata)).not.toContain('"pulumi-chart-mirror/');
});
