/** The Python program of docs/languages.md, with the SDK that is generated from the plugin's schema. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectUnchanged, type Project, type RunResult } from "../../support/engine";
import { documentedProgram } from "../../support/languages/documentedProgram";
import { DocumentedStage } from "../../support/languages/documentedStage";
import { pythonRuntime } from "../../support/languages/pythonRuntime";

jest.setTimeout(900_000);

const COPY = "chart-mirror:index:ImageCopy";
const PROJECT = `
name: shop
runtime: python
plugins:
  providers:
    - { name: chart-mirror, path: node_modules/pulumi-chart-mirror/plugin }
`;

const stage = new DocumentedStage();
const ROTATED = "push-secret-2";

let packages: string;
let runtime: Awaited<ReturnType<typeof pythonRuntime>>;
beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), "python-packages-"));
  runtime = await pythonRuntime(packages);
});
afterAll(() => rm(packages, { recursive: true }));

const projectOf = (program: string): Promise<Project> =>
  stage.project({ program: { "Pulumi.yaml": PROJECT, "__main__.py": program }, ...runtime });

const expectNoSecret = (...texts: string[]): void => {
  for (const text of texts)
    for (const secret of [...Object.values(stage.users), ROTATED]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString("base64"));
    }
};
/** The messages of a run at one resource. */
const toldAt = ({ diagnostics }: RunResult, end: string): string =>
  diagnostics.flatMap(({ urn, message }) => (urn?.endsWith(end) ? [message] : [])).join("\n");

it("plans, copies, deploys, heals and goes away, and no password is seen", async () => {
  const { mirror, images, host } = stage;
  const project = await projectOf(documentedProgram("python"));
  const preview = await project.preview({ diff: true });
  for (const [name, image] of Object.entries(images))
    expect(preview.step(`${COPY}::mirror/quay.io/${name}`)).toMatchObject({
      operation: "create",
      inputs: { digest: image.digest, size: image.size, target: `${host}/platform/${name}` },
    });
  expect(preview.step("kubernetes:helm.sh/v3:Release::shop").inputs.values).toMatchObject({
    replicas: 2,
    web: `${host}/platform/team/web:1.0`,
    imagePullSecrets: [{ name: "shop-pull" }],
  });
  expect(mirror.repositories()).toEqual([]);

  const up = await project.up();
  for (const [name, image] of Object.entries(images)) {
    const [repository = "", tag = ""] = `platform/${name}`.split(":");
    expect(mirror.tag(repository, tag)).toBe(image.digest);
    expect(toldAt(up, `${COPY}::mirror/quay.io/${name}`)).toContain(`${host}/platform/${name}`);
  }
  expect(stage.cluster.objects("Deployment")).toHaveLength(1);
  expect((await project.outputs()).images).toHaveLength(2);
  const unchanged = await project.up();
  expectUnchanged(unchanged);

  const healedImage = "team/proxy:2.0";
  mirror.deleteManifest("platform/team/proxy", images[healedImage].digest);
  const healed = await project.up();
  expect(healed.changes).toEqual({ [`${COPY}::mirror/quay.io/${healedImage}`]: "update" });
  expect(toldAt(healed, `${COPY}::mirror/quay.io/${healedImage}`)).toContain("it will be copied again");
  expect(mirror.tag("platform/team/proxy", "2.0")).toBe(images[healedImage].digest);

  mirror.setPassword("ci", ROTATED);
  await project.setConfig({ registryPassword: { secret: ROTATED } });
  const rotated = await project.preview({ diff: true });
  const runs = [preview, up, unchanged, healed, rotated].map(({ shown }) => shown);
  expectUnchanged(await project.up());
  expectNoSecret(...runs, JSON.stringify(await project.exportState()));

  await project.destroy();
  expect(stage.cluster.objects("Deployment")).toEqual([]);
  expect((await project.exportState()).resources ?? []).toEqual([]);
});

it("says in the program's words what is wrong with an argument", async () => {
  const project = await projectOf(documentedProgram("python").replace('chart="./chart"', 'chart="./charts"'));
  const { errors, shown } = await project.preview({ expectFailure: true });
  expect(errors).toContain("finding chart ./charts failed: there is no such folder or archive");
  expectNoSecret(shown);
});
