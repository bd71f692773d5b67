/** `report`: the file that previews and updates write, and of which no state knows. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectUnchanged } from "../support/engine";
import { MirrorStage } from "../support/engine/mirrorStage";
import { makeImage, pushImage } from "../support/images";

jest.setTimeout(900_000);

const PASSWORD = "report-secret-<1>";
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": 'registry: quay.io\ntag: "1.0"\nimagePullSecrets: []\nargs: []\n',
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
        - { name: web, image: "{{ .Values.registry }}/team/web:{{ .Values.tag }}", args: {{ toJson .Values.args }} }
`,
};
const program = (report: string, values = '{ args: [config.requireSecret("password")] }', more = ""): string => `
  import * as pulumi from "@pulumi/pulumi";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  const web = { chart: "./chart", namespace: "shop", createNamespace: true, registry, sourceAccess };
  new MirroredRelease("web", { ...web, values: ${values}, report: ${JSON.stringify(report)} });
  ${more}
`;

const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage({ layers: [{ size: 2000, seed: "one" }] }) },
});

it("is of what will be, and then of what was done; the state does not know it", async () => {
  const project = await stage.project({
    program: { "index.ts": program("plan.md"), ...CHART },
    config: { password: { secret: PASSWORD } },
  });
  const read = (file: string): string => readFileSync(join(project.folder, file), "utf8");
  await project.preview();
  const before = read("plan.md");
  expect(before).toMatch(/^<!-- chart-mirror: web -->\n### web 1\.2\.3 →/);
  expect(before).toMatch(/\*\*1 image: 1 new; [\d.]+ KiB to copy/);
  expect(before).toContain("```mermaid\nflowchart LR");
  await project.up();
  expect(read("plan.md")).toBe(before);
  const state = JSON.stringify(await project.exportState());
  expect(state).not.toContain("plan.md");
  expect(state).not.toContain("flowchart");

  // The next one is compared with that update, and another name is no change.
  await project.write({ "index.ts": program("plan.html") });
  expectUnchanged(await project.up());
  expect(read("plan.html")).toContain("1 image: nothing new");
  expect(read("plan.html")).toContain("Compared with the last update");
  expect(read("plan.html") + before).not.toContain("report-secret");

  await pushImage(stage.source, "team/web:2.0", makeImage({ layers: [{ size: 3000, seed: "two" }] }));
  await project.write({ "index.ts": program("plan.html", '{ tag: "2.0" }') });
  await project.preview();
  expect(read("plan.html")).toContain("1 image: 1 changed");
  rmSync(join(project.folder, "plan.html"));
  await project.up();
  expect(read("plan.html")).toContain("1 image: 1 changed");
});

it.each([
  ["a file of somebody else", "notes.md", /what is there is no such report/],
  ["a name that says no form", "plan.txt", /its name ends in neither \.html nor \.md/],
  ["the file of another component", "other.html", /the report of (?:web|other) is written there/],
  ["a folder that is not there", "nowhere/plan.html", /nowhere/],
])("refuses %s in the preview, and makes nothing", async (_, report, reason) => {
  const other = `new MirroredRelease("other", { ...web, namespace: "other", report: "other.html" });`;
  const project = await stage.project({
    program: { "index.ts": program(report, "{}", report === "other.html" ? other : ""), ...CHART },
  });
  writeFileSync(join(project.folder, "notes.md"), "# Notes of mine\n");
  const preview = await project.preview({ expectFailure: true });
  expect(preview.errors).toMatch(reason);
  expect(preview.errors).toMatch(/See \S+#\w+/);
  expect(readFileSync(join(project.folder, "notes.md"), "utf8")).toBe("# Notes of mine\n");
  expect(existsSync(join(project.folder, "plan.txt"))).toBe(false);
});
