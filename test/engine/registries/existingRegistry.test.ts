/** ExistingRegistry on real registries: one that is pushed to, and one that serves an upstream. */
import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";
import { webChart } from "../../support/charts/webChart";
import { createProject, expectUnchanged, type Project } from "../../support/engine";
import { makeImage, pushImage } from "../../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { DISTRIBUTION_LOGIN, startDistribution, type Distribution } from "../../support/registry/distribution";

jest.setTimeout(900_000);

const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const UPSTREAM = { username: "cache", password: "upstream-secret" };
const images = Object.fromEntries(
  ["team/web:1.0", "team/proxy:2.0"].map((name) => [
    name,
    makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: name }] }),
  ]),
);
const CHART = webChart({
  values: "registry: quay.io\n",
  containers: { web: "{{ .Values.registry }}/team/web:1.0", proxy: "{{ .Values.registry }}/team/proxy:2.0" },
  pullSecrets: true,
});
const program = (registry: string) => `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("host"), plainHttp: true,
    credentials: { username: "robot", password: config.requireSecret("password") }, ${registry} });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true,
    username: "cache", password: config.requireSecret("sourcePassword") }];
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
`;

let source: TestRegistry;
let cluster: MemoryClusterHandle;
let mirror: Distribution;
let project: Project;

beforeEach(async () => {
  source = await startRegistry({ auth: { scheme: "bearer", users: { [UPSTREAM.username]: UPSTREAM.password } } });
  for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
  cluster = await memoryCluster();
});
afterEach(async () => {
  await project.dispose();
  await Promise.all([source.close(), mirror.close(), cluster.dispose()]);
});

async function projectOn(registry: Distribution, options: string): Promise<Project> {
  mirror = registry;
  project = await createProject({
    program: { "index.ts": program(options), ...CHART },
    providers: [cluster.provider],
    config: {
      host: mirror.host,
      sourceHost: source.host,
      password: { secret: DISTRIBUTION_LOGIN.password },
      sourcePassword: { secret: UPSTREAM.password },
    },
  });
  return project;
}

/** Digests of tags in the real registry, by their names. */
async function digests(path: string): Promise<(string | undefined)[]> {
  const registries = new Registries({ access: [{ host: mirror.host, plainHttp: true, ...DISTRIBUTION_LOGIN }] });
  try {
    const names = Object.keys(images).map((name) => parseReference(`${mirror.host}/${path}${name}`));
    return (await Promise.all(names.map((name) => registries.head(name)))).map((found) => found?.digest);
  } finally {
    registries.close();
  }
}
const expected = Object.values(images).map(({ digest }) => digest);
const copies = (name: string) => `${COPY}::mirror/quay.io/${name}`;

it("copies to a registry, finds it unchanged, brings back what was lost, and leaves the images when it goes", async () => {
  await projectOn(await startDistribution(), `path: "platform"`);
  const preview = await project.preview({ diff: true });
  for (const name of Object.keys(images))
    expect(preview.step(copies(name)).inputs).toMatchObject({ target: `${mirror.host}/platform/${name}` });
  await project.up();
  expect(await digests("platform/")).toEqual(expected);
  expect(JSON.stringify(cluster.objects("Deployment"))).toContain(`${mirror.host}/platform/team/web:1.0`);
  expectUnchanged(await project.up());

  // Another registry in its place, which has nothing.
  await mirror.close();
  mirror = await startDistribution();
  await project.setConfig({ host: mirror.host });
  await project.up();
  expect(await digests("platform/")).toEqual(expected);
  await project.destroy();
  expect(await digests("platform/")).toEqual(expected);
});

it("asks a proxy for the images of its upstream, copies none, and says so when the proxy's login is wrong", async () => {
  const remoteurl = source.url;
  const upstreams = `upstreams: [{ upstream: "quay.io/team", path: "team" }]`;
  await projectOn(await startDistribution({ proxy: { remoteurl, ...UPSTREAM } }), upstreams);
  const preview = await project.preview({ diff: true });
  expect(preview.step(copies("team/web:1.0")).inputs).toMatchObject({
    target: `${mirror.host}/team/web:1.0`,
    method: "pull-through",
    digest: images["team/web:1.0"]!.digest,
  });
  await project.up();
  // It serves them from its own store now.
  source.setPassword(UPSTREAM.username, "changed");
  expect(await digests("")).toEqual(expected);
  expect(JSON.stringify(cluster.objects("Deployment"))).toContain(`${mirror.host}/team/web:1.0`);
  await project.destroy();

  source.setPassword(UPSTREAM.username, UPSTREAM.password);
  await mirror.close();
  mirror = await startDistribution({ proxy: { remoteurl, ...UPSTREAM, password: "wrong" } });
  await project.setConfig({ host: mirror.host });
  const { errors } = await project.up({ expectFailure: true });
  expect(errors).toMatch(/team\/web:1\.0/);
});
