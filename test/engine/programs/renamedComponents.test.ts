/** Components that get another name or another parent, with the option `aliases` as Pulumi has it: nothing of them changes. */
import { expectUnchanged } from "../../support/engine";
import { MirrorStage } from "../../support/engine/mirrorStage";
import { webChart } from "../../support/charts/webChart";
import { makeImage } from "../../support/images";

jest.setTimeout(900_000);

const PASSWORDS = { ci: "push-secret-1", pods: "pull-secret-1" };
const stage = new MirrorStage({
  images: { "team/web:1.0": makeImage({ layers: [{ size: 500, seed: "web" }] }) },
  mirror: { auth: { scheme: "basic", users: PASSWORDS } },
});

const VALUES = "imagePullSecrets: []\nimage: quay.io/team/web:1.0\n";
const CHART = webChart({ values: VALUES, containers: { web: "{{ .Values.image }}" }, pullSecrets: true });

const program = (components: string): Record<string, string> => ({
  "index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    import { ChartMirror, ExistingRegistry, MirroredChart, MirroredRelease } from "pulumi-chart-mirror";
    const config = new pulumi.Config();
    const at = {
      host: config.require("mirrorHost"),
      credentials: { username: "ci", password: config.requireSecret("push") },
      pullCredentials: { username: "pods", password: config.requireSecret("pull") },
      plainHttp: true,
    };
    const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
    const common = { chart: "./chart", sourceAccess };
    class Platform extends pulumi.ComponentResource {
      constructor() { super("test:index:Platform", "platform"); }
    }
    ${components}
  `,
  ...CHART,
});

const projectOf = (components: string) =>
  stage.project({
    program: program(components),
    config: { push: { secret: PASSWORDS.ci }, pull: { secret: PASSWORDS.pods } },
  });

const REGISTRY = `const registry = new ExistingRegistry("mirror", at);`;

/** All components that mirror: as they were made, renamed, and without the aliases, which Pulumi needs for one update alone. */
const [BEFORE, RENAMED, LATER] = [
  `${REGISTRY}
    new MirroredRelease("web", { ...common, registry });
    new MirroredRelease("api", { ...common, registry, mirrorChart: true });
    new MirroredChart("chart", { ...common, registry });
    new ChartMirror("alone", { ...common, registry });`,
  ...[true, false].map((withAliases) => {
    const was = (name: string, more = ""): string => (withAliases ? `aliases: [{ name: "${name}"${more} }]` : "");
    return `const registry = new ExistingRegistry("images", at, { ${was("mirror")} });
      new MirroredRelease("shop", { ...common, registry }, { ${was("web")} });
      new MirroredRelease("moved", { ...common, registry, mirrorChart: true },
        { parent: new Platform(), ${was("api", ", parent: pulumi.rootStackResource")} });
      new MirroredChart("objects", { ...common, registry }, { ${was("chart")} });
      // What it is given is others' URNs, of which the engine makes an update that makes nothing.
      new ChartMirror("lone", { ...common, registry }, { aliases: [{ name: "alone" }] });`;
  }),
] as [string, string, string];

/** Of these only the arguments change that the program itself gives them: the registry's name, and what is around. */
const NOT_OURS = /^test:index:Platform::|^pulumi-chart-mirror:index:ChartMirror::/;

it("all that was made for a name stays when the component has another one, with the alias and when that is gone", async () => {
  const project = await projectOf(BEFORE);
  await project.up();
  const objects = stage.cluster.objects();
  const releases = stage.cluster.releases();
  for (const components of [RENAMED, LATER]) {
    await project.write(program(components));
    const preview = await project.preview({ diff: true });
    expect(Object.keys(preview.changes).filter((name) => !NOT_OURS.test(name))).toEqual([]);
    await project.up();
    expect([stage.cluster.objects(), stage.cluster.releases()]).toEqual([objects, releases]);
  }
  // A change of the chart is an upgrade as ever, of what is there.
  await project.write({ "chart/values.yaml": `${VALUES}more: 1\n` });
  const { changes } = await project.up();
  expect([...new Set(Object.values(changes))]).toEqual(["update"]);
  expect(
    stage.cluster
      .objects("Secret")
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(["alone-pull", "api-pull", "chart-pull", "web-pull"]);
  expectUnchanged(await (await project.onAnotherMachine()).up());
});

it("a release that is made under an alias, in a stack that never had it, is named for itself", async () => {
  const project = await projectOf(
    `${REGISTRY} new MirroredRelease("shop", { ...common, registry }, { aliases: [{ name: "web" }] });`,
  );
  await project.up();
  expect(stage.cluster.objects("Secret").map(({ metadata }) => metadata.name)).toEqual(["shop-pull"]);
  await project.write(program(`${REGISTRY} new MirroredRelease("shop", { ...common, registry });`));
  expectUnchanged(await project.up());
});

it("another release may have the name that one had", async () => {
  const project = await projectOf(`${REGISTRY} new MirroredRelease("web", { ...common, registry });`);
  await project.up();
  const renamed = `new MirroredRelease("shop", { ...common, registry }, ALIASES);`;
  await project.write(program(`${REGISTRY} ${renamed.replace("ALIASES", '{ aliases: [{ name: "web" }] }')}`));
  await project.up();
  const other = `new MirroredRelease("web", { ...common, registry, namespace: "other", createNamespace: true });`;
  await project.write(program(`${REGISTRY} ${renamed.replace("ALIASES", "{}")} ${other}`));
  const up = await project.up();
  expect(Object.values(up.changes)).not.toContain("delete");
  expect(Object.values(up.changes)).not.toContain("replace");
  expect(stage.cluster.releases().map(({ namespace, name }) => `${namespace}/${name.split("-")[0]}`)).toEqual(
    expect.arrayContaining(["default/web", "other/web"]),
  );
  expect(
    stage.cluster
      .objects("Secret")
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
      .sort(),
  ).toEqual(["default/web-pull", "other/web-pull"]);
  expectUnchanged(await project.up());
});
