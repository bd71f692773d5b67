import { chmod, readFile, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { load } from "js-yaml";
import { createProject, type Project } from "../../support/engine";
import { run, type Finished } from "../../support/engine/process";
import { checkout } from "../../support/engine/projectFolder";
import { makeImage, pushImage } from "../../support/images";
import { memoryCluster, type MemoryClusterHandle } from "../../support/providers/kubernetes";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { pulumiPath } from "../../support/tools";

jest.setTimeout(900_000);

const PROGRAM = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "image: quay.io/team/web:1.0\n",
  "chart/templates/web.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: web, image: {{ .Values.image }} }] }\n",
  "index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
    const config = new pulumi.Config();
    const registry = new ExistingRegistry("mirror", { host: config.require("mirrorHost"), path: "team", plainHttp: true });
    const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
    new MirroredRelease("web", { chart: "./chart", registry, sourceAccess });
  `,
};
/** Stand for what posts: they write down how they were called, and list the comments that a test gives. */
const STUBS = {
  gh: `#!/bin/bash
printf '%s\\n' "$*" >> calls.txt
case "$*" in *--method*) cp comment.md posted.md ;; *) cat old.txt ;; esac
`,
  curl: `#!/bin/bash
printf '%s\\n' "$*" >> calls.txt
cat > header.txt
case "$*" in *--request*) cp comment.md posted.md ;; *) cat notes.json ;; esac
`,
};

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

let source: TestRegistry;
let mirror: TestRegistry;
let cluster: MemoryClusterHandle;
let project: Project;

beforeEach(async () => {
  source = await startRegistry();
  mirror = await startRegistry();
  await pushImage(source, "team/web:1.0", makeImage({ layers: [{ size: 1000, seed: "web" }] }));
  cluster = await memoryCluster();
  project = await createProject({
    program: {
      ...PROGRAM,
      "registries.yaml": `[{ host: quay.io, location: "${source.host}", plainHttp: true }, { host: "${mirror.host}", plainHttp: true }]`,
      "stubs/gh": STUBS.gh,
      "stubs/curl": STUBS.curl,
      "old.txt": "",
      "notes.json": "[]",
    },
    providers: [cluster.provider],
    config: { mirrorHost: mirror.host, sourceHost: source.host },
  });
  for (const stub of Object.keys(STUBS)) await chmod(join(project.folder, "stubs", stub), 0o755);
  await project.write({ "node_modules/.bin/.keep": "" });
  await symlink(join(checkout, "bin/chart-mirror"), join(project.folder, "node_modules/.bin/chart-mirror"));
});
afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
  await source.close();
  await mirror.close();
});

/** Runs a script as the services do: with bash, which ends at the first command that fails. */
async function bash(script: string, env: Readonly<Record<string, string>>): Promise<Finished> {
  const path = [join(project.folder, "stubs"), dirname(process.execPath), cluster.provider.folder, await pulumiPath()];
  return run("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
    cwd: project.folder,
    env: {
      PATH: [...path, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
      HOME: project.home,
      PULUMI_HOME: join(project.home, ".pulumi"),
      PULUMI_BACKEND_URL: `file://${project.stateFolder}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      ...cluster.provider.env,
      ...env,
    },
  });
}

const here = (): Record<string, string> => ({ CHART: "./chart", MIRROR: `${mirror.host}/team`, PULUMI_STACK: "test" });
const written = (file: string): Promise<string> => readFile(join(project.folder, file), "utf8");

describe("the workflow for GitHub Actions", () => {
  const values: Readonly<Record<string, string>> = {
    "${{ github.event.number }}": "7",
    "${{ github.token }}": "token-of-github",
  };

  /** Runs the steps in their order; after one that fails, only those that say so. */
  async function workflow(): Promise<Record<string, number>> {
    const text = await readFile(join(checkout, "examples/github-actions/.github/workflows/mirror.yaml"), "utf8");
    const { jobs } = load(text) as { jobs: { preview: { steps: Step[]; env: Record<string, string> } } };
    // Every variable of the job is set here, to what stands for the user's own.
    expect(Object.keys(jobs.preview.env).sort()).toEqual(Object.keys(here()).sort());
    const codes: Record<string, number> = {};
    for (const { name = "", run: script, if: condition, env = {} } of jobs.preview.steps) {
      // Installing needs the published package; test/engine/docs/packaging.test.ts installs it.
      if (script === undefined || name === "Install") continue;
      const failed = Object.values(codes).some((code) => code !== 0);
      if (failed && condition !== "${{ !cancelled() }}") continue;
      const own = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, values[value] ?? ""]));
      const github = { GITHUB_BASE_REF: "main", GITHUB_REPOSITORY: "shop/web" };
      codes[name] = (await bash(script, { ...here(), ...github, ...own })).exitCode;
    }
    return codes;
  }

  it("comments with the plan and the preview, and replaces its comment", async () => {
    expect(await workflow()).toEqual({ Plan: 0, Preview: 0, Comment: 0 });
    const comment = await written("posted.md");
    expect(comment).toMatch(/^<!-- chart-mirror: web -->\n### web 1\.2\.3 → /);
    expect(comment).toContain("1 image: 1 new;");
    expect(comment).toContain("pulumi preview: passed");
    expect(comment).toContain("mirror/quay.io/team/web:1.0");
    expect(await written("calls.txt")).toContain(
      "--method POST repos/shop/web/issues/7/comments --field body=@comment.md",
    );
    await project.write({ "old.txt": "42\n" });
    await workflow();
    expect(await written("calls.txt")).toContain("--method PATCH repos/shop/web/issues/comments/42");
  });

  it("fails and comments when the preview fails", async () => {
    await project.write({ "index.ts": `throw new Error("no such program");` });
    expect(await workflow()).toEqual({ Plan: 0, Preview: 1, Comment: 0 });
    expect(await written("posted.md")).toMatch(/pulumi preview: failed[\s\S]*no such program/);
  });
});

describe("the pipeline for GitLab", () => {
  async function pipeline(): Promise<Finished> {
    const { mirror: job } = load(await readFile(join(checkout, "examples/gitlab/.gitlab-ci.yml"), "utf8")) as {
      mirror: { script: string[]; variables: Record<string, string> };
    };
    expect(Object.keys(job.variables).sort()).toEqual([...Object.keys(here()), "GIT_DEPTH"].sort());
    // The runner puts a job's commands into one script.
    return bash(job.script.join("\n"), {
      ...here(),
      CI_API_V4_URL: "https://gitlab.test/api/v4",
      CI_PROJECT_ID: "3",
      CI_MERGE_REQUEST_IID: "7",
      CI_MERGE_REQUEST_DIFF_BASE_SHA: "main",
      NOTE_TOKEN: "token-of-gitlab",
    });
  }

  it("writes a note with the plan and the preview, replaces it, and shows its token to curl alone", async () => {
    expect((await pipeline()).exitCode).toBe(0);
    expect(await written("posted.md")).toMatch(
      /^<!-- chart-mirror: web -->[\s\S]*1 image: 1 new;[\s\S]*pulumi preview: passed/,
    );
    expect(await written("header.txt")).toBe("PRIVATE-TOKEN: token-of-gitlab\n");
    const notes = [
      { id: 1, body: "hello" },
      { id: 42, body: "<!-- chart-mirror: web -->" },
    ];
    await project.write({ "notes.json": JSON.stringify(notes), "index.ts": `throw new Error("no such program");` });
    expect((await pipeline()).exitCode).toBe(1);
    expect(await written("posted.md")).toMatch(/pulumi preview: failed[\s\S]*no such program/);
    const calls = await written("calls.txt");
    expect(calls).toMatch(/--request POST .*merge_requests\/7\/notes\n/);
    expect(calls).toMatch(/--request PUT .*merge_requests\/7\/notes\/42\n/);
    expect(calls).not.toContain("token-of-gitlab");
  });
});
