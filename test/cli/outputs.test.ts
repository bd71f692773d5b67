import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { main } from "../../src/cli/main";
import { readChartFolder } from "../../src/chart/content/chartFolder";
import { ChartBudget } from "../../src/chart/content/chartLimits";
import { digestOf } from "../../src/image/digest";
import { filesIn } from "../../src/files/writtenFiles";
import { chartArchive } from "../chart/chartOnDisk";
import { ensureTool } from "../support/tools";

const ROOT = resolve(__dirname, "../..");
const LIST = "templates/.chart-mirror.json";
const chartFiles = (name = "app"): Record<string, string> => ({
  "Chart.yaml": `apiVersion: v2\nname: ${JSON.stringify(name)}\nversion: 1.0.0\n`,
  "values.yaml": "image: quay.io/team/app:1\n",
  "templates/app.yaml": [
    "apiVersion: v1",
    "kind: Pod",
    "metadata: { name: app }",
    "spec:",
    "  containers:",
    '    - { name: app, image: "{{ .Values.image }}" }',
    "    - { name: literal, image: ghcr.io/team/literal:2 }",
    "",
  ].join("\n"),
});

let folder: string;
let chart: string;
const helmBefore = process.env.HELM;
beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
}, 600_000);
afterAll(() => {
  if (helmBefore === undefined) delete process.env.HELM;
  else process.env.HELM = helmBefore;
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-outputs-"));
  chart = join(folder, "app");
  await put(chart, chartFiles());
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(place: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), text);
  }
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await main(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

const values = (...args: string[]) => run("values", chart, "--to", "mirror.test", ...args);
const REFUSED = { code: 2, out: "", err: expect.stringMatching(/^error: writing .* was refused: [^\n]*\nSee \S+#output_refused\n$/) as string }; // prettier-ignore

describe("values --chart-out", () => {
  it("replaces what a former run wrote, and what is written is the chart alone for Helm", async () => {
    const copy = join(folder, "copy");
    expect((await values("--chart-out", copy)).code).toBe(0);
    const first = await filesIn(copy);
    expect([...first.keys()].sort()).toEqual(["Chart.yaml", LIST, "templates/app.yaml", "values.yaml"].sort());
    // What Helm reads, packs and renders.
    expect((await readChartFolder(copy, new ChartBudget(copy))).map(({ path }) => path)).not.toContain(LIST);
    await put(chart, { "templates/more.yaml": "" });
    expect((await values("--chart-out", copy)).code).toBe(0);
    expect((await filesIn(copy)).has("templates/more.yaml")).toBe(true);
    // A copy is a chart like any other.
    const again = join(folder, "again");
    expect((await run("values", copy, "--to", "mirror.test", "--chart-out", again)).code).toBe(0);
    expect([...(await filesIn(again)).keys()]).toEqual([...(await filesIn(copy)).keys()]);
  });

  it.each<[string, () => string]>([
    ["a folder with others' files", () => join(folder, "others")],
    ["the chart's own folder", () => chart],
    ["the chart's own folder by another name", () => join(folder, "link")],
    ["a folder above the chart", () => folder],
    ["a folder in the chart", () => join(chart, "charts/copy")],
    ["a link to an empty folder", () => join(folder, "link-to-empty")],
    ["a file", () => join(folder, "others/notes.txt")],
  ])("touches nothing where it is %s, forced or not", async (_, place) => {
    await put(folder, { "others/notes.txt": "precious", "others/sub/x": "precious" });
    await mkdir(join(folder, "empty"));
    await symlink(chart, join(folder, "link"));
    await symlink(join(folder, "empty"), join(folder, "link-to-empty"));
    const before = await filesIn(folder);
    for (const force of [[], ["--force"]]) {
      expect(await values("--chart-out", place(), ...force)).toEqual(REFUSED);
      expect(await filesIn(folder)).toEqual(before);
    }
  });

  it("replaces what somebody changed in a copy only when forced, and keeps what was added", async () => {
    const copy = join(folder, "copy");
    await values("--chart-out", copy);
    await put(copy, { "values.yaml": "mine: true\n", "templates/mine.yaml": "# mine\n" });
    const refused = await values("--chart-out", copy);
    expect(refused).toEqual(REFUSED);
    expect(refused.err).toMatch(/templates\/mine\.yaml was added and values\.yaml was changed\. .*--force/);
    expect((await values("--chart-out", copy, "--force")).code).toBe(0);
    expect(await readFile(join(copy, "values.yaml"), "utf8")).toBe("image: quay.io/team/app:1\n");
    expect(await readFile(join(copy, "templates/mine.yaml"), "utf8")).toBe("# mine\n");
  });

  it("leaves the copy of a former run where a later one fails", async () => {
    const copy = join(folder, "copy");
    await values("--chart-out", copy);
    const before = await filesIn(copy);
    await put(chart, { "templates/app.yaml": "{{ fail `no` }}" });
    expect((await values("--chart-out", copy)).code).toBe(2);
    expect(await filesIn(copy)).toEqual(before);
  });

  it("is no place for the values, which would be a file of the chart", async () => {
    const copy = join(folder, "copy");
    expect(await values("--chart-out", copy, "--values-out", join(copy, "mirror.yaml"))).toEqual(REFUSED);
    expect(await readdir(folder)).toEqual(["app"]);
  });
});

describe("a file that a command reads", () => {
  const inputs: [string, string][] = [
    ["the file of -f", "mine.yaml"],
    ["the file of -f in another spelling", "app/../mine.yaml"],
    ["a link to the file of -f", "link.yaml"],
    ["the chart's own values", "app/values.yaml"],
    ["a template", "app/templates/app.yaml"],
  ];
  it.each([
    ...inputs.map((input) => ["values --values-out", ...input] as const),
    ...inputs.map((input) => ["lock --lock-file", ...input] as const),
  ])("is not replaced by %s: %s", async (option, _, output) => {
    await writeFile(join(folder, "mine.yaml"), "# mine\nimage: quay.io/team/mine:1\n");
    await symlink("mine.yaml", join(folder, "link.yaml"));
    const before = await filesIn(folder);
    const [command = "", name = ""] = option.split(" ");
    const args = [chart, "--to", "mirror.test", "-f", join(folder, "mine.yaml"), name, `${folder}/${output}`];
    expect(await run(command, ...args)).toEqual(REFUSED);
    expect(await filesIn(folder)).toEqual(before);
  });

  it("is not replaced by lock where it is no lock file, or a folder", async () => {
    await writeFile(join(folder, "notes.yaml"), "mine: true\n");
    for (const place of ["notes.yaml", "app"])
      expect(await run("lock", chart, "--to", "mirror.test", "--lock-file", join(folder, place))).toEqual(REFUSED);
    expect(await readFile(join(folder, "notes.yaml"), "utf8")).toBe("mine: true\n");
  });

  it("is not replaced by node-config --out, unless with what it holds already; no link is followed", async () => {
    const image = "kind: Image\napiVersion: config.openshift.io/v1\nmetadata: { name: cluster }\nspec: {}\n";
    await writeFile(join(folder, "image.yaml"), image);
    const args = ["node-config", "openshift", "--to", "mirror.test", "--plain-http", "--existing"];
    expect(await run(...args, join(folder, "image.yaml"), "--out", folder)).toEqual(REFUSED);
    expect(await readFile(join(folder, "image.yaml"), "utf8")).toBe(image);
    const certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    await put(folder, { "certs.d/mirror.test/ca.crt": certificate });
    const authority = join(folder, "certs.d/mirror.test/ca.crt");
    const containerd = ["node-config", "containerd", "--to", "mirror.test", "--out", join(folder, "certs.d")];
    expect((await run(...containerd, "--ca-file", authority)).code).toBe(0);
    await rm(join(folder, "certs.d/mirror.test"), { recursive: true });
    await symlink(chart, join(folder, "certs.d/mirror.test"));
    expect(await run(...containerd)).toEqual(REFUSED);
    expect(await readdir(chart)).not.toContain("hosts.toml");
  });
});

describe("a process of its own", () => {
  /** Runs the command line with a temporary folder of its own, and tells what is left there. */
  async function alone(args: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
    const temporary = join(folder, "tmp");
    await put(temporary, { "file-of-another-program": "precious" });
    const script = `require(${JSON.stringify(join(ROOT, "src/cli/main"))}).main(process.argv.slice(1)).then((code) => { process.exitCode = code; });`; // prettier-ignore
    const typescript = join(ROOT, "test/support/typescript.js");
    const env = { TMPDIR: temporary, ...environment };
    const result = await new Promise<{ code: unknown; out: string; err: string }>((done) =>
      execFile(process.execPath, ["--require", typescript, "-e", script, "--", ...args], { env, cwd: folder }, (error, out, err) =>
        done({ code: error ? error.code : 0, out, err }),
      ),
    ); // prettier-ignore
    // The compiler of these tests keeps something of its own there.
    const left = (await readdir(temporary)).filter((name) => !name.startsWith("swc-")).sort();
    return { ...result, temporary: left };
  }

  it.each(["..", "../victim", "/etc", "a/b"])(
    "deletes nothing for a chart named %j, which it refuses",
    async (name) => {
      await put(chart, chartFiles(name));
      await cp(chart, join(folder, "victim"), { recursive: true });
      for (const command of ["plan", "values", "push-chart", "lock"]) {
        const { code, err, temporary } = await alone([command, chart, "--to", "mirror.test"]);
        expect({ code, temporary }).toEqual({ code: 2, temporary: ["file-of-another-program"] });
        expect(err).toMatch(/^error: The name ".*" of a chart \(.*Chart\.yaml\) cannot be used: /);
      }
      expect((await readdir(join(folder, "victim"))).sort()).toEqual((await readdir(chart)).sort());
    },
    60_000,
  );

  it("takes no chart that somebody has put where others may write, and leaves nothing there", async () => {
    const archive = await chartArchive("app", chartFiles());
    await writeFile(join(folder, "app.tgz"), archive);
    const planted = { ...chartFiles(), "values.yaml": "image: evil.test/team/app:1\n" };
    await put(join(folder, "tmp/pulumi-chart-mirror/charts", digestOf(archive).replace(":", "-")), planted);
    const { HOME: _, XDG_CACHE_HOME: __, ...env } = process.env;
    const { code, out, temporary } = await alone(["images", "app.tgz", "-o", "json"], env);
    expect(code).toBe(0);
    expect(out).toContain("quay.io/team/app:1");
    expect(temporary).toEqual(["file-of-another-program", "pulumi-chart-mirror"]);
  }, 60_000);

  it("says in words, without a stack, what the file system refuses", async () => {
    const { code, err } = await alone(["values", chart, "--to", "mirror.test", "--chart-out", join(folder, "n".repeat(300))]); // prettier-ignore
    expect(code).toBe(2);
    expect(err).toMatch(
      /^error: writing .* of --chart-out failed: ENAMETOOLONG: the name is longer than [^\n]*\nSee \S+\n$/,
    );
    await symlink("loop", join(folder, "loop"));
    const loop = await alone(["images", "./loop"]);
    expect(loop).toMatchObject({ code: 1, err: expect.stringMatching(/^error: looking at .*loop failed: ELOOP: [^\n]*\nSee \S+\n$/) as string }); // prettier-ignore
    const nowhere = await alone(["plan", chart, "--to", "mirror.test"], {
      ...process.env,
      TMPDIR: join(folder, "nowhere"),
    });
    expect(nowhere.err).toMatch(/^error: making a temporary folder in .*nowhere failed: ENOENT: .* Set TMPDIR to [^\n]*\nSee \S+\n$/); // prettier-ignore
  }, 60_000);
});

describe("an output that cannot be written", () => {
  const NOBODY = "127.0.0.1:9";
  it.each<[string, string[]]>([
    ["values --values-out", ["values", `oci://${NOBODY}/app`, "--to", "mirror.test", "--values-out"]],
    ["values --chart-out", ["values", `oci://${NOBODY}/app`, "--to", "mirror.test", "--chart-out"]],
    ["lock --lock-file", ["lock", `oci://${NOBODY}/app`, "--to", "mirror.test", "--lock-file"]],
    ["save --out", ["save", `${NOBODY}/app:1`, "--out"]],
    ["load --lock-file", ["load", "none.tar", "--to", NOBODY, "--lock-file"]],
  ])("is told before anything is read or fetched: %s", async (named, args) => {
    const option = named.split(" ")[1] as string;
    await writeFile(join(folder, "file"), "");
    // Folders are made, also above an output that is one.
    for (const place of option === "--chart-out" ? ["file/below"] : ["file/below", "none/below"]) {
      const { code, out, err } = await run(...args, join(folder, place));
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(
        new RegExp(`^error: writing \\S+/below of ${option} failed: (?:ENOTDIR|ENOENT): .*\\nSee \\S+\\n$`),
      );
    }
    expect((await readdir(folder)).sort()).toEqual(["app", "file"]);
  });
});
