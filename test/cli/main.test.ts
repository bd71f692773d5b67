import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../src/cli/main";
import { parseHelmYaml } from "../../src/chart/content/helmYaml";
import { ensureTool } from "../support/tools";

const FILES: Record<string, string> = {
  "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
  "values.yaml": "image: { repository: quay.io/team/app, tag: '1' }\nreplicas: 1\n",
  "templates/app.yaml": [
    "apiVersion: apps/v1",
    "kind: Deployment",
    "metadata: { name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }} }",
    "spec:",
    "  replicas: {{ .Values.replicas }}",
    "  template:",
    "    spec:",
    "      {{- with .Values.pullSecrets }}",
    "      imagePullSecrets: {{ toYaml . | nindent 8 }}",
    "      {{- end }}",
    "      containers:",
    '        - { name: app, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" }',
    "        {{- if .Values.literal }}",
    "        - { name: literal, image: ghcr.io/team/literal:2 }",
    "        {{- end }}",
    '        {{- if .Capabilities.APIVersions.Has "example.test/v1" }}',
    "        - { name: extra, image: quay.io/team/extra:{{ .Capabilities.KubeVersion.Minor }} }",
    "        {{- end }}",
    "",
  ].join("\n"),
};

describe("chart-mirror", () => {
  let folder: string;
  let chart: string;
  const helmBefore = process.env.HELM;

  beforeAll(async () => {
    process.env.HELM = await ensureTool("helm");
    folder = await mkdtemp(join(tmpdir(), "chart-mirror-cli-"));
    chart = join(folder, "app");
    for (const [file, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(chart, file)), { recursive: true });
      await writeFile(join(chart, file), text);
    }
  }, 600_000);
  afterAll(async () => {
    if (helmBefore === undefined) delete process.env.HELM;
    else process.env.HELM = helmBefore;
    await rm(folder, { recursive: true, force: true });
  });

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = "";
    let err = "";
    const code = await main(args, { out: (text) => (out += text), err: (text) => (err += text) });
    return { code, out, err };
  }

  test("images lists what the chart pulls, as a table", async () => {
    expect(await run("images", chart)).toEqual({
      code: 0,
      out: [
        "IMAGE                CERTAINTY   WHERE",
        "quay.io/team/app:1   certain     Deployment/release spec.template.spec.containers[0].image",
        "",
      ].join("\n"),
      err: "1 image in 1 place\n",
    });
  });

  test.each(["json", "yaml"])("images prints %s", async (format) => {
    const { code, out } = await run("images", chart, "--output", format);
    expect(code).toBe(0);
    expect(parseHelmYaml(out)).toMatchObject([{ reference: "quay.io/team/app:1", places: [{ kind: "Deployment" }] }]);
  });

  test("images renders for the cluster, release and values that it is told", async () => {
    const values = join(folder, "mine.yaml");
    await writeFile(values, "image: { tag: '3' }\n");
    const { out } = await run(
      ...["images", chart, "--api-versions", "example.test/v1", "--kube-version", "1.31.0"],
      ...["--values", values, "--set", "image.repository=quay.io/me/app", "--output", "json"],
      ...["--namespace", "apps", "--release-name", "mine"],
    );
    const images = parseHelmYaml(out) as { reference: string; places: { name: string; namespace: string }[] }[];
    expect(images.map((image) => image.reference)).toEqual(["quay.io/me/app:3", "quay.io/team/extra:31"]);
    expect(images[0]?.places[0]).toMatchObject({ name: "mine", namespace: "apps" });
  });

  test("values prints the values on standard output and words on standard error", async () => {
    expect(await run("values", chart, "--to", "mirror.test/p")).toEqual({
      code: 0,
      out: "image:\n  repository: mirror.test/p/team/app\n",
      err: expect.stringMatching(/^1 image moved by 1 value, 0 escape, \d+ renders\n$/) as string,
    });
  });

  test("values and verify know what the mirror serves itself", async () => {
    const args = [chart, "--to", "mirror.test/p", "--upstream", "docker.io=hub", "--upstream", "quay.io/team=team"];
    const { code, out } = await run("values", ...args);
    expect({ code, out }).toEqual({ code: 0, out: "image:\n  repository: mirror.test/team/app\n" });
    expect((await run("verify", ...args, "--set", "image.repository=mirror.test/team/app")).code).toBe(0);
    expect((await run("verify", ...args, "--set", "image.repository=mirror.test/other/app")).code).toBe(3);
    expect((await run("verify", chart, "--to", "mirror.test", "--upstream", "quay.io")).code).toBe(2);
  });

  test("values writes a file, gives pods a pull secret and prints the plan", async () => {
    const file = join(folder, "out.yaml");
    const { code, out } = await run(
      ...["values", chart, "--to", "mirror.test", "--pull-secret", "pull"],
      ...["--values-out", file, "--output", "json"],
    );
    expect(code).toBe(0);
    expect(parseHelmYaml(await readFile(file, "utf8"))).toEqual({
      image: { repository: "mirror.test/team/app" },
      pullSecrets: [{ name: "pull" }],
    });
    expect(JSON.parse(out)).toMatchObject({
      chart: { name: "app", version: "1.0.0" },
      images: [{ source: "quay.io/team/app:1", target: "mirror.test/team/app:1" }],
      pods: [{ kind: "Deployment", name: "release", serviceAccount: "default", via: "pod" }],
    });
  });

  test.each([
    ["3", [], 3],
    ["0 when told so", ["--allow-escapes"], 0],
    ["0 when the image may stay", ["--ignore-image", "ghcr.io/team/*"], 0],
  ])("values answers an escape with %s", async (_, more, expected) => {
    const { code, err } = await run("values", chart, "--to", "mirror.test", "--set", "literal=true", ...more);
    expect(code).toBe(expected);
    if (!more.includes("--ignore-image")) expect(err).toMatch(/ghcr\.io\/team\/literal:2 would still be pulled/);
  });

  test("values --chart-out writes a copy that is whole", async () => {
    const copy = join(folder, "copy");
    const file = join(folder, "copy.yaml");
    const args = ["--set", "literal=true", "--to", "mirror.test"];
    const { code, err } = await run("values", chart, ...args, "--chart-out", copy, "--values-out", file);
    expect(code).toBe(0);
    expect(err).toMatch(/^2 images moved by 1 value and 1 patch, 0 escape, /);
    // Charts write their version into labels and selectors, so it stays.
    expect(await readFile(join(copy, "Chart.yaml"), "utf8")).toBe(await readFile(join(chart, "Chart.yaml"), "utf8"));
    expect((await run("verify", copy, ...args, "--values", file)).code).toBe(0);
  });

  test("says what escapes, and what can be done, in its own words", async () => {
    const own = {
      ...FILES,
      "templates/app.yaml": "kind: Pod\nspec: {containers: [{name: a, image: quay.io/a/b:1}]}\n",
    };
    const literal = join(folder, "literal");
    for (const [file, text] of Object.entries(own)) {
      await mkdir(dirname(join(literal, file)), { recursive: true });
      await writeFile(join(literal, file), text);
    }
    const alone = await run("values", literal, "--to", "mirror.test");
    expect(alone.err).toMatch(/let a copy of the chart be patched \(--chart-out\), or allow it with --ignore-image\n/);
    await writeFile(join(literal, "Chart.yaml"), `${FILES["Chart.yaml"]}kubeVersion: "<1.20.0-0"\n`);
    const { code, err } = await run("values", literal, "--to", "mirror.test");
    expect(code).toBe(2);
    expect(err).toContain("Name the version of your cluster with --kube-version");
  });

  test("counts images that no node can pull, alike in values and verify", async () => {
    const args = [chart, "--to", "mirror.test", "--values", join(folder, "numeric.yaml")];
    await writeFile(join(folder, "numeric.yaml"), "image: {repository: quay.io/team/app, tag: 45980468}\n");
    const { code, err } = await run("values", ...args, "--values-out", join(folder, "moved.yaml"));
    expect(code).toBe(0);
    expect(err).toMatch(/quote it in the values \(tag: "45980468"\)[^]*0 escape, 1 cannot be pulled, /);
    const verified = await run("verify", ...args, "--values", join(folder, "moved.yaml"));
    expect(verified.code).toBe(0);
    expect(verified.err).toMatch(/quote it[^]*0 of 1 images come from outside the mirror, 1 cannot be pulled\n$/);
    // As an integer of --set it is none: Helm writes all of its digits.
    const set = await run("images", chart, "--set", "image.tag=45980468");
    expect(set.out).toContain("quay.io/team/app:45980468");
  });

  test("images, values and verify know what an upgrade alone has", async () => {
    const upgrade = join(folder, "upgrade");
    await mkdir(join(upgrade, "templates"), { recursive: true });
    await writeFile(join(upgrade, "Chart.yaml"), "apiVersion: v2\nname: upgrade\nversion: 1.0.0\n");
    await writeFile(join(upgrade, "values.yaml"), "app: quay.io/team/app:1\nmigrate: quay.io/team/migrate:2\n");
    const pod = (name: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { containers: [{ name: c, image: {{ .Values.${name} }} }] }\n`;
    await writeFile(
      join(upgrade, "templates/pods.yaml"),
      `${pod("app")}{{ if .Release.IsUpgrade }}\n---\n${pod("migrate")}{{ end }}\n`,
    );
    expect((await run("images", upgrade)).out).toContain("quay.io/team/migrate:2");
    const given = ["--to", "mirror.test"];
    expect((await run("values", upgrade, ...given)).out).toContain("migrate: mirror.test/team/migrate:2");
    const { code, out } = await run("verify", upgrade, ...given, "--set", "app=mirror.test/team/app:1");
    expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining("quay.io/team/migrate:2") as unknown });
  });

  test("says that a chart on this machine goes before --repo, as helm does", async () => {
    const told =
      /^warning: the chart is app 1\.0\.0 of \S+\/app, which goes first, as with Helm: the repository https:\/\/charts\.invalid\/x is not asked\. /m;
    const { code, out, err } = await run("images", chart, "--repo", "https://me:s3cr3t@charts.invalid/x");
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("quay.io/team/app:1") as unknown });
    expect(err).toMatch(told);
    expect(err).not.toContain("s3cr3t");
    expect((await run("images", chart)).err).not.toContain("warning");
  });

  test("says how much was found where that is nothing, and prints no headings", async () => {
    const none = join(folder, "none");
    await mkdir(none, { recursive: true });
    await writeFile(join(none, "Chart.yaml"), "apiVersion: v2\nname: none\nversion: 1.0.0\n");
    expect(await run("images", none)).toEqual({ code: 0, out: "", err: "0 images in 0 places\n" });
    const to = ["--to", "mirror.test"];
    const verified = await run("verify", none, ...to);
    expect(verified).toEqual({ code: 0, out: "", err: "0 of 0 images come from outside the mirror\n" });
    const values = await run("values", none, ...to, "--output", "table");
    expect(values).toMatchObject({ code: 0, out: "", err: expect.stringMatching(/^0 images moved/) as string });
    expect(JSON.parse((await run("images", none, "--output", "json")).out)).toEqual([]);
  });

  test("verify names what comes from elsewhere", async () => {
    const { code, out, err } = await run("verify", chart, "--to", "mirror.test");
    expect(code).toBe(3);
    expect(out).toContain("quay.io/team/app:1   Deployment/release");
    expect(err).toBe(
      "1 of 1 images come from outside the mirror\n" +
        `The values that bring them there, and what no value can, are told by: chart-mirror values ${chart} --to mirror.test\n`,
    );
  });

  test("verify takes what values takes: images that may stay, and the secret that pods must get", async () => {
    const args = [
      "verify",
      chart,
      "--to",
      "mirror.test",
      "--set",
      "image.repository=mirror.test/team/app,literal=true",
    ];
    const remedy = (more: string): string =>
      `The values that bring them there, and what no value can, are told by: chart-mirror values ${chart} --to mirror.test ` +
      `--set 'image.repository=…' ${more} (… is what you gave there)\n`;
    expect((await run(...args)).code).toBe(3);
    const { code, err } = await run(...args, "--ignore-image", "ghcr.io/team/*", "--pull-secret", "pull");
    expect({ code, err }).toEqual({
      code: 3,
      err:
        "error: the pods of Deployment release do not get the pull secret pull\n" +
        "0 of 2 images come from outside the mirror\n1 of 1 pods lack the pull secret\n" +
        remedy("--ignore-image 'ghcr.io/team/*' --pull-secret pull"),
    });
    const served = await run(...args, "--pull-secret", "pull", "--set", "pullSecrets[0].name=pull");
    expect(served.err).toBe(
      `1 of 2 images come from outside the mirror\n0 of 1 pods lack the pull secret\n${remedy("--pull-secret pull --set 'pullSecrets[0].name=…'")}`,
    );
    // It is given to commands that move images; there is nothing of it that a render could show.
    expect((await run(...args, "--extra-image", "quay.io/a/b:1")).code).toBe(2);
  });

  test.each([
    ["--values-out", ["values", "--to", "mirror.test"]],
    ["--chart-out", ["values", "--to", "mirror.test"]],
    ["--out", ["node-config", "k3s", "--to", "mirror.test"]],
  ])("says that %s cannot be written, without a stack trace", async (option, [command = "", ...args]) => {
    const path = join(folder, "file.yaml", "below");
    await writeFile(join(folder, "file.yaml"), "");
    const subject = command === "values" ? [chart] : [];
    const { code, out, err } = await run(command, ...subject, ...args, option, path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      new RegExp(
        `^error: writing .*/file\\.yaml/below of ${option} failed: ENOTDIR.*\\. Name a place [^\\n]*\\nSee \\S+\\n$`,
      ),
    );
  });

  test.each<[string, string[], RegExp]>([
    ["no chart", ["images", "/nowhere/at/all"], /^error: /],
    ["no mirror", ["values", "x"], /required option '--to/],
    ["a mirror with a scheme", ["values", "x", "--to", "https://mirror.test"], /it has a scheme/],
    ["a mirror without a dot", ["values", "x", "--to", "mirror"], /not a registry host/],
    ["a mirror with a wrong path", ["values", "x", "--to", "mirror.test/A"], /not a repository path/],
    ["a mirror by its IPv6 address", ["values", "x", "--to", "[fd00::1]:5000/x"], /a bracket begins a list of YAML/],
    ["an unknown option", ["images", "x", "--nope"], /unknown option/],
    ["an unknown format", ["images", "x", "--output", "xml"], /Allowed choices are table, json, yaml/],
    ["a required option that is misspelled", ["values", "x", "--too", "y"], /^chart-mirror values --help says/m],
    ["an unknown command", ["nope"], /unknown command[^]*^chart-mirror --help says/m],
  ])("answers %s with 2", async (_, args, message) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });

  test.each([
    ["a values file that is not there", ["--values", "/nowhere.yaml"], /reading values from \/nowhere\.yaml/],
    ["a broken --set", ["--set", "a"], /reading --set …: a key has no value/],
    ["values that the chart refuses", ["--set", "replicas=["], /^error: rendering chart/],
  ])("answers %s with 2", async (_, more, message) => {
    const { code, err } = await run("images", chart, ...more);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it("tells its own version, and leaves --version behind a command to the chart", async () => {
    const { version } = JSON.parse(await readFile(join(__dirname, "../../package.json"), "utf8")) as {
      version: string;
    };
    for (const option of ["--version", "-V"])
      expect(await run(option)).toEqual({ code: 0, out: `${version}\n`, err: "" });
    const { code, out } = await run("images", chart, "--version", "1.0.0");
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("quay.io/team/app:1") as string });
  });

  it("tells no default of options that may be repeated, and that of others", async () => {
    const { out } = await run("copy", "--help");
    expect(out).not.toContain("[]");
    expect(out).toMatch(/default:\s+"release"/);
  });

  test("explains itself", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    expect(out).toMatch(/ images [^]* values [^]* verify /);
    expect(out).toMatch(/Exit codes:[^]* 3 {2}an image would still be pulled from outside the mirror, or a pod lacks/);
  });
});
