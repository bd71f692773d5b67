/** The programs of docs/languages.md, as they stand there; test/engine/plugin/pluginPython.test.ts has the one in Python. */
import { expectUnchanged, type Project } from "../support/engine";
import { yamlPath } from "../support/engine/yamlProgram";
import { documentedProgram } from "../support/languages/documentedProgram";
import { DocumentedStage } from "../support/languages/documentedStage";
import { goRuntime, layOutGoModule } from "../support/languages/goRuntime";

jest.setTimeout(900_000);

const stage = new DocumentedStage();

const PROJECT = (runtime: string): string => `
name: shop
runtime: ${runtime}
plugins:
  providers:
    - { name: chart-mirror, path: node_modules/pulumi-chart-mirror/plugin }
`;

const projects: Readonly<Record<string, () => Promise<Project>>> = {
  YAML: async () => stage.project({ program: { "Pulumi.yaml": documentedProgram("yaml") }, path: await yamlPath() }),
  async Go() {
    const project = await stage.project({
      program: { "Pulumi.yaml": PROJECT("go"), "main.go": documentedProgram("go") },
      ...(await goRuntime()),
    });
    await layOutGoModule(project);
    return project;
  },
};

it.each(Object.entries(projects))("%s: copies, deploys, is unchanged and goes away", async (_language, projectOf) => {
  const { mirror, images, host, users } = stage;
  const project = await projectOf();
  const up = await project.up();
  for (const [name, image] of Object.entries(images)) {
    const [repository = "", tag = ""] = `platform/${name}`.split(":");
    expect(mirror.tag(repository, tag)).toBe(image.digest);
  }
  expect(JSON.stringify(stage.cluster.objects("Deployment"))).toContain(`${host}/platform/team/web:1.0`);
  expect((await project.outputs()).images).toHaveLength(2);
  const seen = [up.everything, JSON.stringify(await project.exportState())].join("\n");
  for (const secret of Object.values(users)) expect(seen).not.toContain(secret);
  expectUnchanged(await project.up());
  await project.destroy();
  expect(stage.cluster.objects("Deployment")).toEqual([]);
  expect((await project.exportState()).resources ?? []).toEqual([]);
});
