import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createProject,
  expectUnchanged,
  UnexpectedResult,
  type Project,
  type ProjectOptions,
} from "../../support/engine";

jest.setTimeout(900_000);

const projects: Project[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.dispose();
});

async function projectOf(options: ProjectOptions): Promise<Project> {
  const project = await createProject(options);
  projects.push(project);
  return project;
}

/** A dynamic resource that is a file, so that a test sees with its own eyes what the engine had done. */
const fileResource = `
  import * as pulumi from "@pulumi/pulumi";
  const provider: pulumi.dynamic.ResourceProvider = {
    check: async (_, news) => ({ inputs: news, failures: news.text === "forbidden" ? [{ property: "text", reason: "may not be said" }] : [] }),
    create: async (inputs) => { require("fs").writeFileSync(inputs.path, inputs.text); return { id: inputs.path, outs: inputs }; },
    diff: async (_, olds, news) => ({ changes: olds.text !== news.text || olds.path !== news.path, replaces: olds.path !== news.path ? ["path"] : [] }),
    update: async (id, _, news) => { require("fs").writeFileSync(id, news.text); return { outs: news }; },
    delete: async (id) => require("fs").unlinkSync(id),
  };
  export class File extends pulumi.dynamic.Resource {
    constructor(name: string, args: { path: pulumi.Input<string>; text: pulumi.Input<string> }) {
      super(provider, name, args, undefined, "test", "File");
    }
  }
`;

describe("a project", () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "files-"))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const program = `
    import * as pulumi from "@pulumi/pulumi";
    import { File } from "./file";
    const config = new pulumi.Config();
    new File("note", { path: config.require("folder") + "/note", text: config.requireSecret("text") });
    export const length: pulumi.Output<number> = config.requireSecret("text").apply((text) => text.length);
  `;

  it("goes through preview, up, update and destroy on the real engine", async () => {
    const config = { folder, text: { secret: "hello" } };
    const project = await projectOf({ program: { "index.ts": program, "file.ts": fileResource }, config });
    const note = "pulumi-nodejs:dynamic/test:File::note";

    const preview = await project.preview({ diff: true });
    expect(preview.changes).toEqual({ [note]: "create" });
    const json = JSON.parse((await project.preview({ json: true })).stdout) as { changeSummary: object };
    expect(json.changeSummary).toEqual({ create: 2 });
    await expect(readFile(join(folder, "note"))).rejects.toThrow("ENOENT");

    const created = await project.up();
    expect(created.changes).toEqual({ [note]: "create" });
    expect(await readFile(join(folder, "note"), "utf8")).toBe("hello");
    expect(await project.outputs()).toEqual({ length: 5 });
    expect((await project.exportState()).resources?.map(({ type }) => type)).toContain(
      "pulumi-nodejs:dynamic/test:File",
    );
    expectUnchanged(await project.up());

    await project.setConfig({ text: { secret: "good bye" } });
    expect((await project.up()).changes).toEqual({ [note]: "update" });
    expect(await readFile(join(folder, "note"), "utf8")).toBe("good bye");

    await project.write({ "index.ts": program.replace("/note", "/other") });
    const replaced = await project.up();
    expect(replaced.changes).toEqual({ [note]: "replace" });
    expect(replaced.step("note").replaceKeys).toEqual(["path"]);
    expect(() => expectUnchanged(replaced)).toThrow(UnexpectedResult);

    await project.refresh();
    expect((await project.destroy()).changes).toEqual({ [note]: "delete" });
    await expect(readFile(join(folder, "other"))).rejects.toThrow("ENOENT");
  });

  it("is the same stack for a colleague", async () => {
    const config = { folder, text: { secret: "hello" } };
    const project = await projectOf({ program: { "index.ts": program, "file.ts": fileResource }, config });
    await project.up();
    const colleague = await project.onAnotherMachine();
    expect(colleague.folder).not.toBe(project.folder);
    expectUnchanged(await colleague.up());
    await colleague.destroy();
  });
});

describe("a run that ends otherwise than expected", () => {
  it("is an error with all that it printed", async () => {
    const project = await projectOf({ program: { "index.ts": `throw new Error("broken on purpose");` } });
    await expect(project.preview()).rejects.toThrow("broken on purpose");
    const result = await project.preview({ expectFailure: true });
    expect(result.errors).toContain("broken on purpose");
    expect(result.exitCode).not.toBe(0);

    await project.write({ "index.ts": `export const fine = true;` });
    await expect(project.up({ expectFailure: true })).rejects.toThrow("should have failed");
  });

  it("names the resource of a failed check", async () => {
    const project = await projectOf({
      program: {
        "index.ts": `import { File } from "./file"; new File("note", { path: "/nowhere", text: "forbidden" });`,
        "file.ts": fileResource,
      },
    });
    const { diagnostics } = await project.preview({ expectFailure: true });
    const failure = diagnostics.find(({ severity, urn }) => severity === "error" && urn?.endsWith("::note"));
    expect(failure?.message).toContain("may not be said");
  });
});

it("takes a folder, the project's config and an environment", async () => {
  const folder = await mkdtemp(join(tmpdir(), "program-"));
  await writeFile(
    join(folder, "index.js"),
    `exports.settings = [new (require("@pulumi/pulumi").Config)("web").require("size"), process.env.GREETING, process.env.JEST_WORKER_ID ?? "clean"];`,
  );
  const project = await projectOf({ program: folder, config: { "web:size": "large" }, env: { GREETING: "hi" } });
  await rm(folder, { recursive: true });
  await project.up();
  expect(await project.outputs()).toEqual({ settings: ["large", "hi", "clean"] });
});
