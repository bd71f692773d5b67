import { webChart } from "../../support/charts/webChart";
import { ecrHostName } from "../../support/cloud";
import { EcrStage } from "../../support/cloud/ecrStage";
import { expectUnchanged } from "../../support/engine";
import { yamlProject } from "../../support/engine/yamlProgram";
import { makeImage } from "../../support/images";

jest.setTimeout(900_000);

const HOST = ecrHostName();
/** A login of the double; see ecr_extension.py. */
const TOKEN = /\d{12}\.us-east-1\.\d+\.[0-9a-f]{16}/;
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";
const REPOSITORY = "aws:ecr/repository:Repository";

/** Two images of a host whose place is a value, one of them shared by every release. */
const CHART = webChart({
  values: "registry: quay.io\nweb: team/web:1.0\nproxy: team/proxy:2.0\n",
  containers: { web: "{{ .Values.registry }}/{{ .Values.web }}", proxy: "{{ .Values.registry }}/{{ .Values.proxy }}" },
});
const images = {
  "team/web:1.0": makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] }),
  "team/proxy:2.0": makeImage({ layers: [{ size: 2000, seed: "proxy" }] }),
};
const REPOSITORIES = ["platform/team/proxy", "platform/team/web"];

const program = (registry: string, rest: string) => `
  import * as pulumi from "@pulumi/pulumi";
  import { EcrRegistry, EcrRepositories, EcrTagMutability, MirroredRelease } from "pulumi-chart-mirror";
  const sourceAccess = [{ host: "quay.io", location: new pulumi.Config().require("sourceHost"), plainHttp: true }];
  const registry = new EcrRegistry("mirror", { path: "platform", ${registry} });
  const common = { chart: "./chart", registry, sourceAccess };
  ${rest}
`;
const RELEASE = `new MirroredRelease("web", common);`;

const stage = new EcrStage({ images });
const projectOf = (registry: string, rest = RELEASE) => stage.project(program(registry, rest), { program: CHART });

async function mutability(): Promise<string[]> {
  const answer = await stage.moto.call<{ repositories: { imageTagMutability: string }[] }>(
    "ecr",
    "DescribeRepositories",
  );
  return answer.repositories.map(({ imageTagMutability }) => imageTagMutability);
}

describe("EcrRegistry on the real engine", () => {
  it("lists repositories and copies before anything exists", async () => {
    const project = await projectOf("");
    const preview = await project.preview({ diff: true });
    for (const name of REPOSITORIES)
      expect(preview.step(`${REPOSITORY}::mirror/${name}`)).toMatchObject({ operation: "create", inputs: { name } });
    for (const [name, image] of Object.entries(images))
      expect(preview.step(`${COPY}::mirror/quay.io/${name}`).inputs).toMatchObject({
        target: `${HOST}/platform/${name}`,
        digest: image.digest,
      });
    expect(preview.step("kubernetes:helm.sh/v3:Release::web").inputs.values).toEqual({ registry: `${HOST}/platform` });
    expect(await stage.repositories()).toEqual([]);
  });

  it("creates, copies and deploys, and is unchanged when its token has rotated", async () => {
    const project = await projectOf(`
      tagMutability: EcrTagMutability.Immutable, scanOnPush: true, tags: { team: "platform" },
      pullAccounts: ["111111111111"],
      lifecyclePolicy: JSON.stringify({ rules: [{ rulePriority: 1, selection: {
        tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 }, action: { type: "expire" } }] }),
    `);
    const up = await project.up();
    expect(up.errors).toBe("");
    for (const [name, image] of Object.entries(images)) {
      const [repository = "", tag = ""] = `platform/${name}`.split(":");
      expect(stage.ecr.tag(repository, tag)).toBe(image.digest);
      expect(await stage.ecr.defects(repository, tag)).toEqual([]);
      const { policyText } = await stage.moto.call<{ policyText: string }>("ecr", "GetRepositoryPolicy", {
        repositoryName: repository,
      });
      expect(policyText).toContain("arn:aws:iam::111111111111:root");
    }
    expect(await mutability()).toEqual(["IMMUTABLE", "IMMUTABLE"]);
    expect(JSON.stringify(stage.cluster.objects("Deployment"))).toContain(`${HOST}/platform/team/web:1.0`);
    expect(stage.cluster.objects("Secret")).toEqual([]);
    // The SDK's debug log has every value; what users see and what is stored has no token.
    const shown = up.diagnostics.filter(({ severity }) => severity !== "debug").map(({ message }) => message);
    expect([up.stdout, up.stderr, ...shown].join("\n")).not.toMatch(TOKEN);
    expect(JSON.stringify(await project.exportState())).not.toMatch(TOKEN);

    // Every run gets another token.
    expectUnchanged(await project.up());
    expectUnchanged(await (await project.onAnotherMachine()).up());
  });

  it("makes one repository and one copy of what two releases share", async () => {
    const project = await projectOf(
      "",
      `
      new MirroredRelease("one", { ...common, namespace: "one", createNamespace: true });
      new MirroredRelease("two", { ...common, namespace: "two", createNamespace: true });
    `,
    );
    const { steps } = await project.up();
    const of = (wanted: string) =>
      steps
        .filter(({ type }) => type === wanted)
        .map(({ name }) => name)
        .sort();
    expect(of(REPOSITORY)).toEqual(REPOSITORIES.map((name) => `mirror/${name}`));
    expect(of(COPY)).toEqual(["mirror/quay.io/team/proxy:2.0", "mirror/quay.io/team/web:1.0"]);
    expect(stage.cluster.objects("Deployment")).toHaveLength(2);
  });

  it("changes settings in place", async () => {
    const project = await projectOf("");
    await project.up();
    await project.write({ "index.ts": program("tagMutability: EcrTagMutability.Immutable", RELEASE) });
    expect((await project.up()).changes).toEqual(
      Object.fromEntries(REPOSITORIES.map((name) => [`${REPOSITORY}::mirror/${name}`, "update"])),
    );
    expect(await mutability()).toEqual(["IMMUTABLE", "IMMUTABLE"]);
  });

  it("keeps images when it is destroyed, unless it may delete them", async () => {
    const project = await projectOf("");
    await project.up();
    const refused = await project.destroy({ expectFailure: true });
    expect(refused.errors).toMatch(/RepositoryNotEmptyException/);
    expect(await stage.repositories()).toEqual(REPOSITORIES);

    await project.write({ "index.ts": program("forceDelete: true", RELEASE) });
    await project.up();
    await project.destroy();
    expect(await stage.repositories()).toEqual([]);
    expect((await project.exportState()).resources ?? []).toEqual([]);
  });

  it("pushes to repositories that exist, and creates none", async () => {
    for (const repositoryName of REPOSITORIES) await stage.moto.call("ecr", "CreateRepository", { repositoryName });
    const project = await projectOf("repositories: EcrRepositories.Existing");
    const { steps } = await project.up();
    expect(steps.filter(({ type }) => type === REPOSITORY)).toEqual([]);
    expect(stage.ecr.tag("platform/team/web", "1.0")).toBe(images["team/web:1.0"].digest);
    expectUnchanged(await project.up());
  });

  it("names the remedy when repositories are to exist and do not", async () => {
    const project = await projectOf("repositories: EcrRepositories.Existing");
    const { errors } = await project.up({ expectFailure: true });
    expect(errors).toMatch(/platform\/team\/web/);
    expect(errors).toMatch(/Create it first/);
  });

  it("is made by the plugin for a program in YAML, too", async () => {
    const body = `resources:
  mirror:
    type: chart-mirror:EcrRegistry
    properties:
      path: platform
      tagMutability: IMMUTABLE
      tags: { team: platform }
      forceDelete: true
  web:
    type: chart-mirror:MirroredRelease
    properties:
      chart: ./chart
      registry: \${mirror}
      sourceAccess: [{ host: quay.io, location: "\${sourceHost}", plainHttp: true }]
outputs: { host: "\${mirror.host}" }
`;
    const { program: files, path } = await yamlProject(body, ["sourceHost"]);
    const project = await stage.project("", { program: { ...files, ...CHART }, path });
    const preview = await project.preview({ diff: true });
    for (const name of REPOSITORIES)
      expect(preview.step(`${REPOSITORY}::mirror/${name}`)).toMatchObject({ operation: "create", inputs: { name } });
    expect(preview.step("kubernetes:helm.sh/v3:Release::web").inputs.values).toEqual({ registry: `${HOST}/platform` });
    const up = await project.up();
    expect(up.errors).toBe("");
    for (const [name, image] of Object.entries(images)) {
      const [repository = "", tag = ""] = `platform/${name}`.split(":");
      expect(stage.ecr.tag(repository, tag)).toBe(image.digest);
    }
    expect(await mutability()).toEqual(["IMMUTABLE", "IMMUTABLE"]);
    expect(await project.outputs()).toEqual({ host: HOST });
    expect([up.shown, JSON.stringify(await project.exportState())].join("\n")).not.toMatch(TOKEN);
    expectUnchanged(await project.up());
    await project.destroy();
    expect(await stage.repositories()).toEqual([]);
  });
});
