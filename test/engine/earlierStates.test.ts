/**
 * Stacks that earlier versions of this package have updated: their states bring the provider's text and the inputs of
 * that time, with which the engine refreshes and deletes before any program of today has run.
 *
 * earlierStates/COMMIT.json is what `pulumi stack export --show-secrets` said of the program below at that commit, with
 * names in place of the registries' ports and without the places in source files. Never change one; add those of releases.
 * earlierStates/patched/ has the same of the second program, whose chart is patched.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

const states = join(__dirname, "earlierStates");
const statesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.replace(".json", "")] : []));

const PROGRAM = {
  "index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    import { ExistingRegistry, ImageCopy, MirroredRelease } from "pulumi-chart-mirror";

    const config = new pulumi.Config();
    const source = config.require("sourceHost");
    const mirror = config.require("mirrorHost");
    const login = { username: "ci", password: config.requireSecret("password") };
    const registry = new ExistingRegistry("mirror", {
      host: mirror,
      path: "team",
      credentials: login,
      pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
      plainHttp: true,
    });
    const release = new MirroredRelease("web", {
      chart: "./chart",
      registry,
      sourceAccess: [{ host: "quay.io", location: source, plainHttp: true }],
    });
    const single = new ImageCopy("single", {
      source: source + "/team/single:1.0",
      target: mirror + "/single:1.0",
      access: [
        { host: source, plainHttp: true },
        { host: mirror, ...login, plainHttp: true },
      ],
    });
    export const images = release.images;
    export const digest = single.digest;
  `,
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "image: quay.io/team/web:1.0\nimagePullSecrets: []\n",
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
      containers:
        - name: web
          image: "{{ .Values.image }}"
`,
};

/** A chart in which a line is patched, deployed from disk, and mirrored. */
const PATCHED_PROGRAM = {
  "index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";

    const config = new pulumi.Config();
    const source = config.require("sourceHost");
    const login = { username: "ci", password: config.requireSecret("password") };
    const registry = new ExistingRegistry("mirror", {
      host: config.require("mirrorHost"),
      path: "team",
      credentials: login,
      pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
      plainHttp: true,
    });
    const sourceAccess = [{ host: "quay.io", location: source, plainHttp: true }];
    new MirroredRelease("web", { chart: "./chart", name: "web", registry, sourceAccess });
    new MirroredRelease("mirrored", { chart: "./chart", name: "mirrored", registry, sourceAccess, mirrorChart: true });
  `,
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "imagePullSecrets: []\n",
  "chart/templates/web.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, labels: { helm.sh/chart: web-{{ .Chart.Version | replace "+" "_" }} } }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
      containers:
        - name: web
          image: quay.io/team/web:1.0
`,
};
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const [web, single] = ["web", "single"].map((seed) =>
  makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 500, seed }] }),
) as [ReturnType<typeof makeImage>, ReturnType<typeof makeImage>];

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;

beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry({
    auth: { scheme: "basic", users: { ci: "push-secret-1", pods: "pull-secret-1" } },
  });
  await pushImage(source, "team/web:1.0", web);
  await pushImage(source, "team/single:1.0", single);
  cluster = await memoryCluster();
});

async function start(program: Readonly<Record<string, string>>): Promise<void> {
  project = await createProject({
    program,
    name: "earlier-state",
    providers: [cluster.provider],
    config: {
      sourceHost: source.host,
      mirrorHost: mirror.host,
      password: { secret: "push-secret-1" },
      pullPassword: { secret: "pull-secret-1" },
    },
  });
}

/** A state with the registries of today in it. */
const recordedState = (folder: string, commit: string): string =>
  readFileSync(join(folder, `${commit}.json`), "utf8")
    .replaceAll("SOURCE-HOST", source.host)
    .replaceAll("MIRROR-HOST", mirror.host);
afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

const copiesInState = async (): Promise<string[]> =>
  ((await project.exportState()).resources ?? [])
    .filter(({ type }) => type === COPY)
    .map(({ urn }) => urn.split("::").at(-1) ?? "")
    .sort();

it.each(statesIn(states))("a state of %s is refreshed, updated and destroyed", async (commit) => {
  await start(PROGRAM);
  const recorded = recordedState(states, commit);
  // The mirror is as that version left it; the cluster is another one, in which nothing is deployed.
  await pushImage(mirror, "team/team/web:1.0", web);
  await pushImage(mirror, "single:1.0", single);

  // Destroying runs no program: all that it has is what that version wrote.
  await project.importState(recorded);
  expect(await copiesInState()).toEqual(["mirror/quay.io/team/web:1.0", "single"]);
  await project.destroy({ args: ["--refresh"] });
  expect((await project.exportState()).resources ?? []).toEqual([]);
  expect([mirror.tag("team/team/web", "1.0"), mirror.tag("single", "1.0")]).toEqual([web.digest, single.digest]);

  await project.importState(recorded);
  mirror.deleteManifest("single", single.digest);
  await project.refresh();
  expect(await copiesInState()).toEqual(["mirror/quay.io/team/web:1.0"]);
  const { changes } = await project.up();
  expect(changes[`${COPY}::single`]).toBe("create");
  expect(changes[`${COPY}::mirror/quay.io/team/web:1.0`]).toBeUndefined();
  expect(mirror.tag("single", "1.0")).toBe(single.digest);
  expect(JSON.stringify(cluster.object("Deployment", "web"))).toContain(`${mirror.host}/team/team/web:1.0`);
  await project.destroy();
  expect(cluster.objects()).toEqual([]);
});

it.each(statesIn(states))(
  "the release of a state of %s goes over to the copy of its folder in place",
  async (commit) => {
    await start(PROGRAM);
    // The release has to be there before it can be upgraded: that of today, under the state of that time.
    await project.up();
    // Without a name of the program's, the engine has given it a random one.
    const recorded = recordedState(states, commit);
    const nameIn = (state: string): string => /"name": ?"(web-[0-9a-f]{8})"/.exec(state)?.[1] ?? "";
    const today = nameIn(JSON.stringify(await project.exportState(), null, 1));
    await project.importState(recorded.replaceAll(nameIn(recorded), today));
    const preview = await project.preview();
    expect(preview.changes[`${RELEASE}::web`]).toBe("update");
    expect(Object.values(preview.changes)).not.toContain("replace");
    await project.up();
    expect(cluster.releases()).toMatchObject([{ name: today, revision: 2 }]);
    expectUnchanged(await project.up());
    await project.destroy();
  },
);

it.each(statesIn(join(states, "patched")))(
  "a state of %s with a hash in the version of its patched chart goes over in place",
  async (commit) => {
    await start(PATCHED_PROGRAM);
    // The releases have to be there before they can be upgraded: those of today, under the state of that time.
    await project.up();
    await project.importState(recordedState(join(states, "patched"), commit));
    const uids = (): unknown[] => cluster.objects().map(({ metadata }) => metadata["uid"]);
    const before = uids();

    const preview = await project.preview({ diff: true });
    for (const name of ["web", "mirrored"])
      expect(preview.changes[`kubernetes:helm.sh/v3:Release::${name}`]).toBe("update");
    expect(Object.values(preview.changes)).not.toContain("replace");
    const { inputs } = preview.step("kubernetes:helm.sh/v3:Release::web");
    expect(inputs).toMatchObject({ version: "1.2.3" });
    expect(inputs.chart).toMatch(/^\.\/\.chart-mirror\/web\/[0-9a-f]{12}\/web$/);

    await project.up();
    expect(uids()).toEqual(before);
    expect(cluster.object("Deployment", "web")).toMatchObject({
      metadata: { labels: { "helm.sh/chart": "web-1.2.3" } },
    });
    expectUnchanged(await project.up());
    await project.destroy();
  },
);
