/** A registry in one stack, releases in another. */
import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";
import { webChart } from "../../support/charts/webChart";
import { EcrStage } from "../../support/cloud/ecrStage";
import { expectUnchanged, type Project } from "../../support/engine";
import { makeImage } from "../../support/images";
import { DISTRIBUTION_LOGIN, startDistribution } from "../../support/registry/distribution";

jest.setTimeout(900_000);

const COPY = "pulumi-nodejs:dynamic/chart-mirror:ImageCopy";

/** Two images: one that is copied, and one of a namespace that a cache serves. */
const CHART = webChart({
  values: "web: quay.io/team/web:1.0\nproxy: quay.io/vendor/proxy:2.0\n",
  containers: { web: "{{ .Values.web }}", proxy: "{{ .Values.proxy }}" },
  pullSecrets: true,
});
const web = makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] });
const proxied = makeImage({ layers: [{ size: 2000, seed: "proxy" }] });

const images = { "team/web:1.0": web, "vendor/proxy:2.0": proxied };
const stage = new EcrStage({ images });

const platform = (registry: string) => `
  import * as pulumi from "@pulumi/pulumi";
  import { EcrRegistry, EcrRepositories, ExistingRegistry } from "pulumi-chart-mirror";
  export const mirror = (${registry}).reference;
`;
const APPS = `
  import * as pulumi from "@pulumi/pulumi";
  import { MirroredRelease, SharedRegistry } from "pulumi-chart-mirror";
  const platform = new pulumi.StackReference("organization/platform/test");
  const registry = new SharedRegistry("mirror", platform.requireOutput("mirror"));
  const sourceAccess = [{ host: "quay.io", location: new pulumi.Config().require("sourceHost"), plainHttp: true }];
  new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
`;
const apps = (beside: Project) => stage.project(APPS, { program: CHART, name: "apps", beside });
const copied = (name: string) => `${COPY}::mirror/quay.io/${name}`;

it("of ECR makes repositories on push and serves its caches, by logins of each stack's own", async () => {
  const owner = await stage.project(
    platform(`new EcrRegistry("mirror", { path: "platform", repositories: EcrRepositories.CreateOnPush,
      pullThrough: [{ upstream: "quay.io/vendor", path: "vendor" }] })`),
    { name: "platform" },
  );
  const user = await apps(owner);
  const early = await user.preview({ expectFailure: true });
  expect(early.errors).toMatch(/organization\/platform\/test|unknown stack|mirror/i);

  await owner.up();
  expect(JSON.stringify(await owner.outputs())).not.toMatch(/password/);
  const preview = await user.preview({ diff: true });
  expect(preview.step(copied("team/web:1.0")).inputs).toMatchObject({ target: `${stage.host}/platform/team/web:1.0` });
  expect(preview.step(copied("vendor/proxy:2.0")).inputs).toMatchObject({
    target: `${stage.host}/vendor/proxy:2.0`,
    method: "pull-through",
  });
  expect(await stage.repositories()).toEqual([]);

  const up = await user.up();
  expect(up.steps.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  expect(stage.ecr.tag("platform/team/web", "1.0")).toBe(web.digest);
  expect(stage.ecr.tag("vendor/proxy", "2.0")).toBe(proxied.digest);
  expect(stage.cluster.objects("Secret")).toEqual([]);
  expectUnchanged(await user.up());
  expectUnchanged(await owner.up());

  await user.destroy();
  expect(await stage.repositories()).toEqual(["platform/team/web", "vendor/proxy"]);
  await owner.destroy();
});

it("of any other kind, such as a real one, hands its logins over as secrets", async () => {
  const mirror = await startDistribution();
  try {
    const owner = await stage.project(
      platform(`new ExistingRegistry("mirror", { host: "${mirror.host}", path: "platform", plainHttp: true,
        credentials: { username: "robot", password: new pulumi.Config().requireSecret("password") } })`),
      { name: "platform", config: { password: { secret: DISTRIBUTION_LOGIN.password } } },
    );
    await owner.up();
    const user = await apps(owner);
    const up = await user.up();
    const registries = new Registries({ access: [{ host: mirror.host, plainHttp: true, ...DISTRIBUTION_LOGIN }] });
    for (const [name, { digest }] of Object.entries(images))
      expect(await registries.head(parseReference(`${mirror.host}/platform/${name}`))).toMatchObject({ digest });
    registries.close();
    const config = Buffer.from(
      JSON.stringify(stage.cluster.objects("Secret")).split(/dockerconfigjson":"/)[1] ?? "",
      "base64",
    );
    expect(config.toString()).toContain(DISTRIBUTION_LOGIN.password);
    for (const project of [owner, user])
      expect(JSON.stringify(await project.exportState())).not.toContain(DISTRIBUTION_LOGIN.password);
    const shown = up.diagnostics.filter(({ severity }) => severity !== "debug").map(({ message }) => message);
    expect([up.stdout, up.stderr, ...shown].join("\n")).not.toContain(DISTRIBUTION_LOGIN.password);
    expectUnchanged(await user.up());
  } finally {
    await mirror.close();
  }
});
