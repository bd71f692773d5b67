import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packChart } from "../../src/chart/source/packChart";
import { parseReference } from "../../src/image/reference";
import { Registries } from "../../src/oci/registries";
import { chartArtifact } from "../../src/plan/chartArtifact";
import { expectUnchanged, type Project, type RunResult } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage, pushImage } from "../support/images";

jest.setTimeout(900_000);

const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": `
global: { imageRegistry: quay.io }
image: { repository: team/web, tag: "1.0" }
worker: quay.io/team/worker:2.0
extra: ""
sidecars: [{ image: quay.io/team/sidecar:3.0, token: "" }]
`,
  "chart/templates/web.yaml": `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - { name: web, image: {{ .Values.global.imageRegistry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }} }
    - { name: worker, image: {{ .Values.worker }} }
    {{- range .Values.sidecars }}
    - { name: sidecar, image: {{ .image }}, env: [{ name: TOKEN, value: {{ .token | quote }} }] }
    {{- end }}
    {{- with .Values.extra }}
    - { name: extra, image: {{ . }} }
    {{- end }}
`,
};
const PROGRAM = (options: string, values = "") => `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease, TagPolicy } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const sidecars = [{ image: "quay.io/team/sidecar:3.0", token: config.requireSecret("token") }];
  export const tags = TagPolicy;
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess, values: { sidecars, ${values} }, ${options} });
`;
const LOCKED = PROGRAM(`lockFile: "chart-mirror.lock.yaml"`);
const WRITE = { env: { CHART_MIRROR_LOCK: "write" } };
const TOKEN = "token-of-a-sidecar";
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const images = {
  "team/web:1.0": makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] }),
  "team/worker:2.0": makeImage({ layers: [{ size: 2000, seed: "worker" }] }),
  "team/sidecar:3.0": makeImage({ layers: [{ size: 1000, seed: "sidecar" }] }),
};
const rebuilt = makeImage({ layers: [{ size: 2100, seed: "rebuilt" }] });
const newer = makeImage({ layers: [{ size: 2200, seed: "newer" }] });

const stage = new MirrorStage({ images });

const projectOf = (program: string): Promise<Project> =>
  stage.project({ program: { "index.ts": program, ...CHART }, config: { token: { secret: TOKEN } } });

const lockOf = (project: Project): Promise<string> => readFile(join(project.folder, "chart-mirror.lock.yaml"), "utf8");

/** What a preview shows, without what differs from run to run. */
const shown = ({ stdout }: RunResult): string =>
  stdout
    .split("\n")
    .filter((line) => !/^(Duration|View)|took|\[\d+s\]|^@ /i.test(line))
    .join("\n");

describe("a release with a lock file", () => {
  it("needs no source registry for preview and up, and is the same on every machine", async () => {
    const project = await projectOf(LOCKED);
    expect((await project.preview({ expectFailure: true })).errors).toMatch(
      /Reading the lock file chart-mirror\.lock\.yaml failed: there is no such file\. Write it: CHART_MIRROR_LOCK=write pulumi preview/,
    );
    const written = await project.preview(WRITE);
    const lock = await lockOf(project);
    for (const [name, { digest, size }] of Object.entries(images))
      expect(lock).toContain(`target: ${stage.mirror.host}/team/${name}\n    digest: ${digest}\n    size: ${size}\n`);
    for (const text of [lock, written.everything]) expect(text).not.toContain(TOKEN);

    await project.up();
    await stage.source.close();
    const colleague = await project.onAnotherMachine();
    const [mine, theirs] = [await project.preview({ diff: true }), await colleague.preview({ diff: true })];
    expect(shown(mine)).toBe(shown(theirs));
    expectUnchanged(mine);
    expectUnchanged(await colleague.up());

    // A copy that has gone from the mirror shows, one that was retagged, too; neither needs the lock file to change.
    stage.mirror.deleteTag("team/team/sidecar", "3.0");
    expect((await project.preview()).changes).toEqual({ [`${COPY}::mirror/quay.io/team/sidecar:3.0`]: "update" });
  });

  it("refuses all that is not in the lock file, together, and what was changed in it by hand", async () => {
    const project = await projectOf(LOCKED);
    await project.preview(WRITE);
    const lock = await lockOf(project);
    await project.write({
      "index.ts": PROGRAM(
        `lockFile: "chart-mirror.lock.yaml"`,
        `extra: "quay.io/team/extra:1", worker: "quay.io/team/worker:2.1"`,
      ),
    });
    const stale = await project.preview({ expectFailure: true });
    expect(stale.errors).toContain("image quay.io/team/extra:1 is not in the lock file");
    expect(stale.errors).toContain("image quay.io/team/worker:2.1 is not in the lock file");
    expect(stale.errors).toContain("CHART_MIRROR_LOCK=write pulumi preview");
    expect(stale.changes).not.toHaveProperty([`${COPY}::mirror/quay.io/team/web:1.0`]);

    await project.write({ "index.ts": LOCKED });
    await writeFile(
      join(project.folder, "chart-mirror.lock.yaml"),
      lock.replace(images["team/web:1.0"].digest, rebuilt.digest),
    );
    expect((await project.preview({ expectFailure: true })).errors).toMatch(
      /quay\.io\/team\/web:1\.0 was changed after it was locked/,
    );
    await project.write({
      "chart-mirror.lock.yaml": lock,
      "chart/templates/web.yaml": `${CHART["chart/templates/web.yaml"]}# changed\n`,
    });
    expect((await project.preview({ expectFailure: true })).errors).toMatch(
      /the content of chart web 1\.2\.3 is another one/,
    );
    await project.preview(WRITE);
    await project.preview();
  });
});

describe("a chart that was pushed into the mirror, with a lock file", () => {
  it("needs nothing but the mirror for previews and updates", async () => {
    const program = `
      import * as pulumi from "@pulumi/pulumi";
      import { ChartMirror, ExistingRegistry } from "pulumi-chart-mirror";
      const config = new pulumi.Config();
      const host = config.require("mirrorHost");
      const registry = new ExistingRegistry("mirror", { host, path: "team", plainHttp: true });
      const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
      const chart = \`oci://\${host}/team/charts/web\`;
      const lockFile = "chart-mirror.lock.yaml";
      const repositoryOpts = { plainHttp: true };
      const web = new ChartMirror("web", { chart, version: "1.2.3", repositoryOpts, registry, sourceAccess, lockFile });
      export const values = web.values;
    `;
    const project = await projectOf(program);
    const files = Object.entries(CHART).map(([file, text]) => ({
      path: file.slice("chart/".length),
      data: Buffer.from(text),
    }));
    const registries = new Registries({ access: [{ host: stage.mirror.host, plainHttp: true }] });
    const target = parseReference(`${stage.mirror.host}/team/charts/web:1.2.3`);
    await registries.pushArtifact(target, chartArtifact({ name: "web", version: "1.2.3" }, packChart("web", files)));
    registries.close();
    await project.preview(WRITE);
    await project.up();

    await stage.source.close();
    const colleague = await project.onAnotherMachine();
    expectUnchanged(await colleague.preview());
    expectUnchanged(await colleague.up());
    expect(await colleague.outputs()).toMatchObject({
      values: { global: { imageRegistry: `${stage.mirror.host}/team` } },
    });
  });
});

describe("a tag that moves", () => {
  it("is followed, kept or an error, as the program says, and a retagged copy is healed", async () => {
    const project = await projectOf(PROGRAM(""));
    await project.up();
    const worker = `${COPY}::mirror/quay.io/team/worker:2.0`;
    await pushImage(stage.mirror, "team/team/worker:2.0", rebuilt);
    const drifted = await project.preview();
    expect(drifted.changes).toEqual({ [worker]: "update" });
    expect(drifted.warnings).toContain(`now has the digest ${rebuilt.digest} in place of`);
    await project.up();
    expect(stage.mirror.tag("team/team/worker", "2.0")).toBe(images["team/worker:2.0"].digest);

    await pushImage(stage.source, "team/worker:2.0", newer);
    await project.write({ "index.ts": PROGRAM("tags: TagPolicy.Pin") });
    const pinned = await project.up();
    expect(pinned.changes).not.toHaveProperty([worker]);
    expect(pinned.everything).toContain("It stays what it was: tags are pinned");
    await pushImage(stage.source, "team/sidecar:3.0", newer);
    await project.write({ "index.ts": PROGRAM("tags: TagPolicy.Fail") });
    const failed = await project.preview({ expectFailure: true });
    // Whoever decides hears of all of them at once.
    for (const name of ["team/worker:2.0", "team/sidecar:3.0"] as const)
      expect(failed.errors).toContain(
        `The tag of quay.io/${name} has moved: it was ${images[name].digest} and is ${newer.digest} now`,
      );
    await project.write({ "index.ts": PROGRAM("") });
    const followed = await project.up();
    expect(followed.changes).toMatchObject({ [worker]: "update" });
    expect(followed.warnings).toContain(`it was ${images["team/worker:2.0"].digest}, mirrored since 20`);
    expect(stage.mirror.tag("team/team/worker", "2.0")).toBe(newer.digest);
  });
});
