/**
 * `pulumi package` with the path of the plugin: the engine starts it and asks what it has. Linking what is generated, the last
 * step of `package add`, needs language hosts that are in no Go module of their own.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { yamlPath } from "../support/engine/yamlProgram";
import { checkout } from "../support/engine/projectFolder";
import { documentedProgram } from "../support/languages/documentedProgram";
import { DocumentedStage } from "../support/languages/documentedStage";

jest.setTimeout(600_000);

const stage = new DocumentedStage();
const PLUGIN = "./node_modules/pulumi-chart-mirror/plugin/pulumi-resource-chart-mirror";

it("generates what a project in YAML keeps of a package, without a network", async () => {
  const project = await stage.project({
    program: { "Pulumi.yaml": documentedProgram("yaml") },
    path: await yamlPath(),
  });
  const { version } = JSON.parse(await readFile(join(checkout, "package.json"), "utf8")) as { version: string };
  await project.pulumi(["package", "gen-sdk", PLUGIN, "--language", "yaml", "--out", "sdks"]);
  const lock = await readFile(join(project.folder, `sdks/yaml/chart-mirror-${version}.yaml`), "utf8");
  expect(lock).toContain(`name: chart-mirror\nversion: ${version}\n`);
});

it("is told what the SDKs of other languages are generated from", async () => {
  const project = await stage.project({ program: { "Pulumi.yaml": documentedProgram("yaml") } });
  type Schema = Record<"resources" | "types", Record<string, { properties?: object; inputProperties?: object }>>;
  const told = JSON.parse(await project.pulumi(["package", "get-schema", PLUGIN])) as Schema;
  const committed = JSON.parse(await readFile(join(checkout, "plugin/schema.json"), "utf8")) as Schema;
  for (const kind of ["resources", "types"] as const) {
    expect(Object.keys(told[kind]).sort()).toEqual(Object.keys(committed[kind]).sort());
    for (const [name, { properties = {}, inputProperties = {} }] of Object.entries(committed[kind]))
      expect([told[kind][name]?.properties ?? {}, told[kind][name]?.inputProperties ?? {}]).toEqual([
        properties,
        inputProperties,
      ]);
  }
});
