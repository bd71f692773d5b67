import { webChart } from "../../support/charts/webChart";
import { DEFAULT_SCOPE, ecrHostName } from "../../support/cloud";
import { EcrStage } from "../../support/cloud/ecrStage";
import { attachedPolicies, callIam } from "../../support/cloud/iam";
import { expectUnchanged } from "../../support/engine";
import { makeImage } from "../../support/images";

jest.setTimeout(900_000);

const HOST = ecrHostName();
const REPOSITORY = "aws:ecr/repository:Repository";
const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";

const CHART = webChart({
  values: "registry: quay.io\nweb: team/web:1.0\n",
  containers: { web: "{{ .Values.registry }}/{{ .Values.web }}" },
});
const image = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] });
const login = { username: "robot", password: "upstream-token" };

const program = (rest: string) => `
  import * as aws from "@pulumi/aws";
  import * as k8s from "@pulumi/kubernetes";
  import * as pulumi from "@pulumi/pulumi";
  import { EcrRegistry, EcrRepositories, EcrScanning, MirroredRelease } from "pulumi-chart-mirror";
  const sourceAccess = [{ host: "quay.io", location: new pulumi.Config().require("sourceHost"), plainHttp: true,
    username: "robot", password: pulumi.secret("upstream-token") }];
  ${rest}
`;

const stage = new EcrStage({
  images: { "team/web:1.0": image },
  source: { auth: { scheme: "basic", users: { [login.username]: login.password } } },
});
const projectOf = (rest: string) => stage.project(program(rest), { program: CHART });

it("serves an upstream through a cache: asks for its images and copies none", async () => {
  const project = await projectOf(`
    const registry = new EcrRegistry("mirror", { path: "platform", pullThrough: [{ upstream: "quay.io", path: "quay",
      login: { username: "robot", password: pulumi.secret("upstream-token") } }] });
    new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
  `);
  const preview = await project.preview({ diff: true });
  expect(preview.step(`${COPY}::mirror/quay.io/team/web:1.0`).inputs).toMatchObject({
    target: `${HOST}/quay/team/web:1.0`,
    method: "pull-through",
    digest: image.digest,
  });
  expect(await stage.repositories()).toEqual([]);
  expect(stage.ecr.requests.all).toEqual([]);

  const up = await project.up();
  expect(stage.ecr.tag("quay/team/web", "1.0")).toBe(image.digest);
  expect(stage.ecr.requests.all.filter(({ method }) => !["GET", "HEAD"].includes(method))).toEqual([]);
  expect(JSON.stringify(stage.cluster.objects("Deployment"))).toContain(`${HOST}/quay/team/web:1.0`);
  expect(up.stdout + up.stderr).not.toContain("upstream-token");
  expect(JSON.stringify(await project.exportState())).not.toContain("upstream-token");

  stage.ecr.requests.clear();
  expectUnchanged(await project.up());
  expect(stage.ecr.requests.all).toEqual([]);

  await project.destroy();
  const { pullThroughCacheRules } = await stage.moto.call<{ pullThroughCacheRules: object[] }>(
    "ecr",
    "DescribePullThroughCacheRules",
  );
  expect(pullThroughCacheRules).toEqual([]);
  expect((await project.exportState()).resources ?? []).toEqual([]);
});

it("says how to take over a repository that another stack or nobody has made, and says so of no other", async () => {
  await stage.moto.call("ecr", "CreateRepository", { repositoryName: "platform/team/web" });
  const release = `new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });`;
  const project = await projectOf(`const registry = new EcrRegistry("mirror", { path: "platform" });\n${release}`);
  const warned = ({ diagnostics }: { diagnostics: readonly { message: string }[] }) =>
    diagnostics.map(({ message }) => message).filter((message) => message.includes("exists already"));
  const warnings = warned(await project.preview());
  expect(warnings).toEqual([expect.stringMatching(/ECR repository platform\/team\/web exists already/)]);
  expect(warnings[0]).toMatch(
    /pulumi import aws:ecr\/repository:Repository 'mirror\/platform\/team\/web' 'platform\/team\/web' --parent 'mirror=urn:pulumi:\S+::mirror'/,
  );
  expect(warnings[0]).toContain("EcrRepositories.Existing");

  // Another stack pushes to it, and makes none of its own.
  await project.write({
    "index.ts": program(
      `const registry = new EcrRegistry("mirror", { path: "platform", repositories: EcrRepositories.Existing });\n${release}`,
    ),
  });
  const up = await project.up();
  expect(up.steps.filter(({ type }) => type === REPOSITORY)).toEqual([]);
  expect(stage.ecr.tag("platform/team/web", "1.0")).toBe(image.digest);

  await project.destroy();
  expect(await stage.repositories()).toEqual(["platform/team/web"]);
});

it("warns of a cache rule that somebody else has made, and takes it when it is told", async () => {
  await stage.moto.call("ecr", "CreatePullThroughCacheRule", {
    ecrRepositoryPrefix: "quay",
    upstreamRegistryUrl: "quay.io",
    credentialArn: await upstreamSecret(),
  });
  const rest = (rule: string) => `
    const registry = new EcrRegistry("mirror", { path: "platform", pullThrough: [{ upstream: "quay.io", path: "quay", ${rule} }] });
    new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });`;
  const project = await projectOf(rest(""));
  const { warnings } = await project.preview();
  expect(warnings).toMatch(
    /rule with the prefix quay exists already.*pulumi import aws:ecr\/pullThroughCacheRule:PullThroughCacheRule 'mirror\/quay' 'quay' --parent 'mirror=urn:\S+::mirror'.*existing: true/,
  );
  const { errors } = await project.up({ expectFailure: true });
  expect(errors).toMatch(/PullThroughCacheRuleAlreadyExistsException/);

  await project.write({ "index.ts": program(rest("existing: true")) });
  const again = await project.up();
  expect(again.warnings).not.toMatch(/exists already/);
  expect(stage.ecr.tag("quay/team/web", "1.0")).toBe(image.digest);
});

it("lets ECR make repositories on push, by a template, and tells its registry what else is asked for", async () => {
  const { moto } = stage;
  await callIam(moto.url, "CreateRole", { RoleName: "nodes", AssumeRolePolicyDocument: "{}" }, DEFAULT_SCOPE);
  const project = await projectOf(`
    const registry = new EcrRegistry("mirror", { path: "platform", repositories: EcrRepositories.CreateOnPush,
      blobMounting: true, replicateTo: ["eu-west-1"], scanning: EcrScanning.Enhanced, pullers: { nodes: "nodes" } });
    new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
  `);
  const up = await project.up();
  expect(up.steps.filter(({ type }) => type === REPOSITORY)).toEqual([]);
  expect(stage.ecr.tag("platform/team/web", "1.0")).toBe(image.digest);
  expect(await stage.moto.call("ecr", "GetAccountSetting", { name: "BLOB_MOUNTING" })).toMatchObject({
    value: "ENABLED",
  });
  expect(await moto.call("ecr", "DescribeRegistry")).toMatchObject({
    replicationConfiguration: {
      rules: [
        {
          destinations: [{ region: "eu-west-1", registryId: DEFAULT_SCOPE.account }],
          repositoryFilters: [{ filter: "platform/", filterType: "PREFIX_MATCH" }],
        },
      ],
    },
  });
  const scanned = () =>
    moto
      .call<{ scanningConfiguration: object }>("ecr", "GetRegistryScanningConfiguration")
      .then(({ scanningConfiguration }) => scanningConfiguration);
  expect(await scanned()).toMatchObject({
    scanType: "ENHANCED",
    rules: [
      { scanFrequency: "CONTINUOUS_SCAN", repositoryFilters: [{ filter: "platform/*", filterType: "WILDCARD" }] },
    ],
  });
  const policies = () => attachedPolicies(moto.url, "nodes", DEFAULT_SCOPE);
  expect(await policies()).toEqual(["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"]);
  expectUnchanged(await project.up());

  await project.destroy();
  expect(await policies()).toEqual([]);
  expect(await scanned()).toMatchObject({ scanType: "BASIC" });
  expect((await project.exportState()).resources ?? []).toEqual([]);
});

async function upstreamSecret(): Promise<string> {
  const SecretString = JSON.stringify({ username: login.username, accessToken: login.password });
  const secret = { Name: "ecr-pullthroughcache/quay", SecretString };
  return (await stage.moto.call<{ ARN: string }>("secretsmanager", "CreateSecret", secret)).ARN;
}

it("hands its options to its children, and keeps what is to be kept", async () => {
  const registry = (options: string) => `
    const first = new aws.ecr.Repository("first", { name: "first" });
    const registry = new EcrRegistry("mirror", { path: "platform", tags: { team: "a" } }, { ${options} });
    new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
  `;
  const project = await projectOf(
    registry(`protect: true, retainOnDelete: true, dependsOn: [first], transforms: [({ type, props, opts }) =>
      type === "${REPOSITORY}" ? { props: { ...props, scanOnPush: undefined, tags: { team: "b" } },
        opts: { ...opts, ignoreChanges: ["tags"] } } : undefined],`),
  );
  await project.up();
  interface Kept {
    urn: string;
    type: string;
    protect?: boolean;
    retainOnDelete?: boolean;
    dependencies?: string[];
    inputs?: { tags?: object };
  }
  const state = ((await project.exportState()).resources ?? []) as Kept[];
  const child = state.find(({ urn }) => urn.endsWith("::mirror/platform/team/web") && urn.includes(REPOSITORY));
  expect(child).toMatchObject({ protect: true, retainOnDelete: true, inputs: { tags: { team: "b" } } });
  expect(child?.dependencies).toEqual([expect.stringMatching(/::first$/)]);

  const refused = await project.destroy({ expectFailure: true });
  expect(refused.everything).toMatch(/protect/);
  await project.write({ "index.ts": program(registry("retainOnDelete: true")) });
  await project.up();
  await project.destroy();
  expect(await stage.repositories()).toEqual(["platform/team/web"]);
  expect((await project.exportState()).resources ?? []).toEqual([]);
});

it("plans for other accounts, regions and clusters that the same update makes", async () => {
  const project = await projectOf(`
    const other = new aws.Provider("other", { region: "eu-central-1",
      assumeRoles: [{ roleArn: "arn:aws:iam::210987654321:role/deployer" }] });
    const cluster = new aws.ecr.Repository("stand-in-for-a-cluster", { name: "cluster" });
    const later = new k8s.Provider("later", { kubeconfig: cluster.arn });
    const here = new EcrRegistry("here", { path: "here" });
    const there = new EcrRegistry("there", { path: "there" }, { providers: [other] });
    new MirroredRelease("one", { chart: "./chart", registry: here, sourceAccess }, { providers: [later] });
    // Nobody answers for that account's registry here.
    new MirroredRelease("two", { chart: "./chart", registry: there, sourceAccess, checkLogins: false });
    new MirroredRelease("three", { chart: "./chart", registry: there, sourceAccess, checkLogins: false });
  `);
  const preview = await project.preview({ diff: true });
  const far = ecrHostName({ account: "210987654321", region: "eu-central-1" });
  expect(preview.step("kubernetes:helm.sh/v3:Release::one").inputs.values).toEqual({ registry: `${HOST}/here` });
  expect(preview.step("kubernetes:helm.sh/v3:Release::two").inputs.values).toEqual({ registry: `${far}/there` });
  const of = (wanted: string) =>
    preview.steps.filter(({ type, name }) => type === wanted && name.includes("team")).map(({ name }) => name);
  expect(of(REPOSITORY).sort()).toEqual(["here/here/team/web", "there/there/team/web"]);
  expect(of(COPY).sort()).toEqual(["here/quay.io/team/web:1.0", "there/quay.io/team/web:1.0"]);
});
