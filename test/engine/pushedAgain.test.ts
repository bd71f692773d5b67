/** A chart of a repository that is pushed again under its version, which a plain Release does not notice. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startChartRepository, type ChartRepository } from "../support/charts/chartRepository";
import { webChart } from "../support/charts/webChart";
import { expectUnchanged } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage } from "../support/images";

jest.setTimeout(900_000);

const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }) },
});
const RELEASE = "kubernetes:helm.sh/v3:Release::web";
const CHART = webChart({ values: "web: quay.io/team/web:1.0\n", containers: { web: "{{ .Values.web }}" } });
const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const repositoryOpts = { repo: config.require("repository") };
  export const chart = new MirroredRelease("web", {
    chart: "web", version: config.get("version"), name: "web", repositoryOpts, registry, sourceAccess,
  }).mirror.chart;
`;

let repository: ChartRepository;
beforeEach(async () => {
  repository = await startChartRepository();
});
afterEach(() => repository.close());

it("is an upgrade, which the preview says, until there is a new version", async () => {
  const project = await stage.project({ program: { "index.ts": PROGRAM, ...CHART } });
  const push = async (version: string, note: string): Promise<void> => {
    const folder = join(project.folder, "chart");
    await writeFile(join(folder, "Chart.yaml"), `apiVersion: v2\nname: web\nversion: ${version}\n`);
    await writeFile(
      join(folder, "templates/note.yaml"),
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: note }\ndata: { note: ${note} }\n`,
    );
    await repository.push(folder);
  };
  const note = (): unknown => cluster.object("ConfigMap", "note")["data"];
  const { cluster } = stage;

  await push("1.2.3", "first");
  await project.setConfig({ repository: repository.url });
  await project.up();
  expect(await project.outputs()).toEqual({ chart: "web" });
  expectUnchanged(await project.up());

  await push("1.2.3", "second");
  const preview = await project.preview();
  expect(preview.changes).toEqual({ [RELEASE]: "update" });
  expect(preview.everything).toMatch(/the chart web 1\.2\.3 is another one than was deployed under that version/);
  await project.up();
  expect(note()).toEqual({ note: "second" });
  expectUnchanged(await project.up());
  expectUnchanged(await (await project.onAnotherMachine()).up());

  await push("1.2.4", "third");
  const next = await project.up();
  expect(next.changes).toEqual({ [RELEASE]: "update" });
  expect(next.everything).not.toContain("another one than was deployed");
  expect(await project.outputs()).toEqual({ chart: "web" });
  expect(note()).toEqual({ note: "third" });
});
