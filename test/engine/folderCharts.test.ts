/** Charts that the user has on disk: Pulumi looks at no file of theirs, so that a release has to show what changes there. */
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const web = new MirroredRelease("web", { chart: "./chart", name: "web", registry, sourceAccess });
  export const images = web.images;
`;
const template = (tag: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data: { note: {{ .Files.Get "note.txt" | quote }}, image: "{{ .Values.registry }}/team/web:${tag}" }
---
apiVersion: v1
kind: Pod
metadata: { name: "web-${tag}" }
spec: { containers: [{ name: web, image: "{{ .Values.registry }}/team/web:${tag}" }] }
`;
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "registry: quay.io\n",
  "chart/note.txt": "one",
  "chart/templates/web.yaml": template("1"),
};
const RELEASE = "kubernetes:helm.sh/v3:Release::web";

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;

beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry();
  for (const tag of ["1", "2"])
    await pushImage(source, `team/web:${tag}`, makeImage({ layers: [{ size: 500, seed: tag }] }));
  cluster = await memoryCluster();
  project = await createProject({
    program: { "index.ts": PROGRAM, ...CHART },
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, sourceHost: source.host },
  });
});
afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

/** The images that `images` names. */
const named = async (): Promise<unknown> =>
  ((await project.outputs())["images"] as { target: string }[]).map(({ target }) => target);
const revision = (): number | undefined => cluster.releases()[0]?.revision;

it("upgrades a release whose chart changes under the same version, and names the images that run", async () => {
  await project.up();
  expect(await named()).toEqual([`${mirror.host}/team/web:1`]);
  expectUnchanged(await project.up());
  expectUnchanged(await (await project.onAnotherMachine()).up());

  await project.write({ "chart/templates/web.yaml": template("2") });
  const preview = await project.preview({ diff: true });
  expect(preview.changes[RELEASE]).toBe("update");
  expect(preview.stdout).toMatch(/\.chart-mirror\/web\/[0-9a-f]{12}\/web/);
  await project.up();
  expect(await named()).toEqual([`${mirror.host}/team/web:2`]);
  expect(cluster.objects("Pod").map(({ metadata }) => metadata.name)).toEqual(["web-2"]);

  await project.write({ "chart/note.txt": "two" });
  expect((await project.up()).changes).toEqual({ [RELEASE]: "update" });
  expect(cluster.object("ConfigMap", "web")).toMatchObject({ data: { note: "two" } });
  expect(revision()).toBe(3);
  expectUnchanged(await project.up());
});
