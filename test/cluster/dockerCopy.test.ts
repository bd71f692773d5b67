/** Images that a real Docker daemon pulls and pushes, through the real engine and the double of the docker plugin. */
import { startDockerDaemon, type DockerDaemonHandle } from "../support/docker";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage, type SyntheticImage } from "../support/images";
import { dockerOn } from "../support/providers/docker";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ChartMirror, CopyMethod, ExistingRegistry } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", {
    host: config.require("targetHost"),
    path: "m",
    plainHttp: true,
    credentials: { username: "ci", password: config.requireSecret("ciPassword") },
  });
  const mirror = new ChartMirror("shop", {
    chart: "./chart",
    values: { image: { registry: config.require("sourceHost") } },
    registry,
    copyWith: CopyMethod.Docker,
    copyPlatform: "linux/arm64",
    sourceAccess: [
      { host: config.require("sourceHost"), username: "reader", password: config.requireSecret("readerPassword"), plainHttp: true },
    ],
    pullSecret: { disabled: true },
  });
  export const images = mirror.images;
`;
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": "image:\n  registry: quay.io\n  repository: team/app\n  tag: '1.0'\n",
  "chart/templates/pod.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: app
spec:
  containers:
    - name: app
      image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"
`,
};

const layer = (file: string, text: string) => ({ files: { [file]: text } });

/** Two platforms of real layers: a daemon unpacks them. */
const imageOf = (content: string): SyntheticImage =>
  makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [layer("base", "x".repeat(50_000)), layer("app", `${content} for ${platform}`)],
  });
const image = imageOf("first");
const newer = imageOf("second");

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}
const parse = (bytes: Uint8Array | undefined): Manifest => JSON.parse(String(Buffer.from(bytes ?? []))) as Manifest;
const arm64 = (of: SyntheticImage): { digest: string; manifest: Manifest } => {
  const { manifests } = JSON.parse(String(of.manifests.at(-1)?.bytes)) as {
    manifests: { digest: string; platform: { architecture: string } }[];
  };
  const digest = manifests.find(({ platform }) => platform.architecture === "arm64")?.digest ?? "";
  return { digest, manifest: parse(of.manifests.find((one) => one.digest === digest)?.bytes) };
};

let daemon: DockerDaemonHandle;
let source: TestRegistry;
let target: TestRegistry;
let project: Project;
let name: string;

beforeAll(async () => {
  daemon = await startDockerDaemon();
  source = await startRegistry({ auth: { scheme: "bearer", users: { reader: "reader-secret" } } });
  target = await startRegistry({ auth: { scheme: "basic", users: { ci: "ci-secret-one" } } });
  await pushImage(source, "team/app:1.0", image);
  name = `mirror/${source.host}/team/app:1.0`;
  project = await createProject({
    program: { "index.ts": PROGRAM, ...CHART },
    providers: [dockerOn(daemon)],
    config: {
      sourceHost: source.host,
      targetHost: target.host,
      readerPassword: { secret: "reader-secret" },
      ciPassword: { secret: "ci-secret-one" },
    },
  });
});
afterAll(async () => {
  await project?.dispose();
  await source?.close();
  await target?.close();
  await daemon?.stop();
});

const mirrored = (): Manifest => parse(target.manifest("m/team/app", "1.0")?.bytes);
const step = (result: Awaited<ReturnType<Project["up"]>>, type: string) => {
  const found = result.steps.find((one) => one.name === name && one.type.endsWith(`:${type}`));
  if (!found) throw new Error(`no ${type} in\n${result.everything}`);
  return found;
};

// One project from its first preview to its end: each test goes on where the one before has stopped.
describe("an image that a Docker daemon brings", () => {
  it("is one platform, said in the preview", async () => {
    const { digest, manifest } = arm64(image);
    const preview = await project.preview({ diff: true });
    expect(preview.everything).toContain("A Docker daemon copies one platform of each image, linux/arm64");
    expect(preview.everything).toContain(`linux/arm64 of ${digest.slice(0, 19)}`);
    expect(step(preview, "RemoteImage").inputs).toMatchObject({
      name: `${source.host}/team/app@${digest}`,
      platform: "linux/arm64",
    });
    expect(step(preview, "ImageCopy").inputs).toMatchObject({
      source: `${source.host}/team/app:1.0`,
      platforms: ["linux/arm64"],
      configs: [manifest.config.digest],
    });
    expect(target.repositories()).toEqual([]);
    expect(preview.everything).not.toMatch(/reader-secret|ci-secret-one/);
  });

  it("has another digest in the mirror, and the configuration of its source", async () => {
    const { digest, manifest } = arm64(image);
    const up = await project.up();
    expect(await target.defects("m/team/app", "1.0")).toEqual([]);
    expect(target.tag("m/team/app", "1.0")).not.toBe(digest);
    expect(mirrored().layers).not.toEqual(manifest.layers);
    expect(mirrored().config.digest).toBe(manifest.config.digest);
    expect(await project.outputs()).toMatchObject({
      images: [
        {
          target: `${target.host}/m/team/app:1.0`,
          digest: target.tag("m/team/app", "1.0"),
          platforms: ["linux/arm64"],
        },
      ],
    });
    const state = JSON.stringify(await project.exportState());
    for (const text of [up.everything, state]) expect(text).not.toMatch(/reader-secret|ci-secret-one/);
  });

  it("is not pushed again, with another password neither", async () => {
    expectUnchanged(await project.up());
    target.setPassword("ci", "ci-secret-two");
    await project.setConfig({ ciPassword: { secret: "ci-secret-two" } });
    expect((await project.up()).changes).toEqual({ "pulumi:providers:docker::mirror/shop": "update" });
  });

  it("follows a tag that has moved, as the preview shows", async () => {
    await pushImage(source, "team/app:1.0", newer);
    const preview = await project.preview();
    const types = ["RemoteImage", "Tag", "RegistryImage", "ImageCopy"];
    expect(types.map((type) => step(preview, type).operation)).toEqual(["replace", "replace", "replace", "update"]);
    await project.up();
    expect(mirrored().config.digest).toBe(arm64(newer).manifest.config.digest);
  });

  it("is missed in previews when it has gone from the mirror, and pushed again after a refresh", async () => {
    target.deleteTag("m/team/app", "1.0");
    const preview = await project.preview();
    expect(preview.warnings).toContain(`${target.host}/m/team/app:1.0 is missing`);
    await project.up({ args: ["--refresh"] });
    expect(mirrored().config.digest).toBe(arm64(newer).manifest.config.digest);
  });

  it("stays in mirror and daemon when it is destroyed", async () => {
    await project.destroy();
    expect(mirrored().config.digest).toBe(arm64(newer).manifest.config.digest);
    expect(await daemon.api.image(`${source.host}/team/app@${arm64(newer).digest}`)).toBeDefined();
  });
});
