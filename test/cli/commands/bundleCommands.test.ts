import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../../src/cli/main";
import { makeArtifact, makeImage, pushImage, writeImageArchive, type SyntheticImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

jest.setTimeout(300_000);

const image = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (platform) => [
    { size: 700_000, seed: platform },
    { size: 3000, seed: "shared" },
  ],
});
const small = makeImage({ layers: [{ size: 900, seed: "small" }] });
const later = makeImage({
  layers: [
    { size: 900, seed: "small" },
    { size: 700, seed: "later" },
  ],
});

let folder: string;
let source: TestRegistry;
let target: TestRegistry;
const environment = { ...process.env };

beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
});
afterAll(() => {
  process.env = environment;
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-bundles-"));
  process.env.DOCKER_CONFIG = join(folder, "docker");
  source = await startRegistry();
  target = await startRegistry();
  await pushImage(source, "team/app:1.0", image);
  await pushImage(source, "team/small:2", small);
  await pushImage(source, "team/small:3", later);
});
afterEach(async () => {
  await Promise.all([source.close(), target.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const streams = { out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
  // eslint-disable-next-line @typescript-eslint/require-await -- standard input is read in pieces
  const nothing = (async function* () {
    yield "";
  })();
  const code = await main(args, streams, nothing);
  return { code, ...said };
}

/** A chart with one image by a value, and one that stands literally in its template. */
async function chart(name = "shop", tag = "2"): Promise<string> {
  const root = join(folder, name);
  const files = {
    "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    "values.yaml": `image: ${source.host}/team/app:1.0\n`,
    "templates/pod.yaml":
      `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n` +
      `    - { name: app, image: {{ .Values.image }} }\n    - { name: small, image: "${source.host}/team/small:${tag}" }\n`,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

const out = (name = "shop.tar"): string => join(folder, name);
const from = (): string[] => ["--plain-http-source", source.host];
const to = (): string[] => ["--to", `${target.host}/platform`, "--plain-http"];
const mirror = (): string[] => ["--to", `${target.host}/platform`];
async function expectComplete(repository: string, tag: string, { digest }: SyntheticImage): Promise<void> {
  expect(await target.defects(repository, tag)).toEqual([]);
  expect(target.tag(repository, tag)).toBe(digest);
}

it("carries a chart, its images, its patched copy and its lock file, and brings them once", async () => {
  const saved = await run("save", await chart(), "--out", out(), ...mirror(), ...from());
  expect(saved).toMatchObject({ code: 0 });
  expect(saved.out.split("\n").filter(Boolean).sort()).toEqual([
    `${source.host}/team/app:1.0 (1.3 MiB copied)`,
    expect.stringMatching(/\/team\/small:2 \(\d/),
  ]);
  expect(saved.err).toMatch(/wrote .*shop\.tar: 2 images, 1 chart, 1\.4 MiB\n$/);
  // Inside there is nothing but the archive and the mirror.
  await source.close();
  const lock = out("chart-mirror.lock.yaml");
  const loaded = await run("load", out(), ...to(), "--lock-file", lock);
  expect(loaded).toMatchObject({ code: 0 });
  await expectComplete("platform/team/app", "1.0", image);
  await expectComplete("platform/team/small", "2", small);
  const [plain, patched = "", ...more] = target.tags("platform/charts/shop");
  expect([plain, more]).toEqual(["1.0.0", []]);
  expect(patched).toMatch(/^1\.0\.0_[0-9a-f]{12}$/);
  for (const tag of [plain as string, patched]) expect(await target.defects("platform/charts/shop", tag)).toEqual([]);
  expect(await readFile(lock, "utf8")).toContain(image.digest);
  const again = await run("load", out(), ...to());
  expect(again).toMatchObject({ code: 0, err: "0 images copied (0 B), 4 there already, 0 failed\n" });
  expect((await run("load", out(), ...to(), "--dry-run")).err).toMatch(/^0 images to copy .*, 4 present, 0 failed\n$/);
  // The patches are for one mirror, and the lock file, too.
  const elsewhere = await run("load", out(), "--to", `${target.host}/other`, "--plain-http", "--lock-file", lock);
  expect(elsewhere).toMatchObject({ code: 2 });
  expect(elsewhere.err).toMatch(/is patched for .*\/platform, and is not loaded into .*\/other/);
  expect(elsewhere.err).toMatch(/it has none for .*\/other/);
  expect(target.repositories().filter((repository) => repository.startsWith("other"))).toEqual([]);
});

it("says what a bundle lacks whose mirror is not named, and takes several charts and images", async () => {
  const { code, err } = await run(
    "save",
    await chart(),
    await chart("other", "3"),
    `${source.host}/team/small:2`,
    "--out",
    out(),
    ...from(),
  );
  expect(code).toBe(0);
  expect(err).toContain("shop 1.0.0: the bundle has no lock file, and not the chart with the patches that it needs");
  expect(err).toMatch(/3 images, 2 charts/);
  expect((await run("load", out(), ...to())).code).toBe(0);
  expect(target.repositories().sort()).toEqual([
    "platform/charts/other",
    "platform/charts/shop",
    "platform/team/app",
    "platform/team/small",
  ]);
  await expectComplete("platform/team/small", "3", later);
});

it("brings Docker Hub's images to where their charts look for them", async () => {
  const root = join(folder, "hub");
  await mkdir(join(root, "templates"), { recursive: true });
  await writeFile(join(root, "Chart.yaml"), "apiVersion: v2\nname: hub\nversion: 1.0.0\n");
  await writeFile(
    join(root, "templates/pods.yaml"),
    "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n" +
      "    - { name: short, image: 'nginx:1' }\n    - { name: long, image: 'docker.io/library/redis:2' }\n",
  );
  await pushImage(source, "library/nginx:1", small);
  await pushImage(source, "library/redis:2", later);
  const registries = join(folder, "registries.yaml");
  await writeFile(registries, `- { host: docker.io, location: "${source.host}", plainHttp: true }\n`);
  const saved = await run("save", root, "--out", out(), ...mirror(), "--registries", registries);
  expect(saved).toMatchObject({ code: 0 });
  expect((await run("load", out(), ...to())).code).toBe(0);
  await expectComplete("platform/nginx", "1", small);
  await expectComplete("platform/library/redis", "2", later);
});

it("has what is new since an earlier one alone", async () => {
  const names = [`${source.host}/team/app:1.0`, `${source.host}/team/small:2`];
  await run("save", ...names, "--out", out("1.tar"), ...from());
  const { code } = await run(
    "save",
    ...names,
    `${source.host}/team/small:3`,
    "--out",
    out("2.tar"),
    "--since",
    out("1.tar"),
    ...from(),
  );
  expect(code).toBe(0);
  expect((await stat(out("2.tar"))).size).toBeLessThan(60_000);
  const early = await run("load", out("2.tar"), ...to());
  expect(early.code).toBe(1);
  expect(early.err).toMatch(/2\.tar has what is new since an earlier archive: load that one before it/);
  expect(target.tags("platform/team/app")).toEqual([]);
  expect((await run("load", out("1.tar"), ...to())).code).toBe(0);
  expect((await run("load", out("2.tar"), ...to())).code).toBe(0);
  await expectComplete("platform/team/small", "3", later);
});

it("saves the platforms that are asked for, and signatures", async () => {
  await pushImage(source, "team/app", makeArtifact({ artifactType: "application/vnd.example.sbom", subject: image }));
  const name = `${source.host}/team/app:1.0`;
  expect((await run("save", name, "--out", out(), "--referrers", ...from())).code).toBe(0);
  await run("load", out(), ...to());
  expect(target.requests.find({ method: "PUT", path: /\/manifests\// }).length).toBeGreaterThan(3);
  expect((await run("save", name, "--out", out("arm.tar"), "--platform", "linux/arm64", ...from())).code).toBe(0);
  expect((await stat(out("arm.tar"))).size).toBeLessThan(800_000);
});

it.each<[string, string[], RegExp]>([
  ["nothing to save", ["save", "--out", "x.tar"], /there is nothing to save/],
  ["no archive", ["save", "nginx"], /required option '--out <file>'/],
  ["no mirror", ["load", "x.tar"], /required option '--to/],
  [
    "a missing archive",
    ["load", "missing.tar", "--to", "r.example.com/x"],
    /missing\.tar failed: there is no such file/,
  ],
  ["a missing earlier archive", ["save", "nginx", "--out", "x.tar", "--since", "missing.tar"], /missing\.tar failed/],
])("refuses %s", async (_, args, message) => {
  const { code, err } = await run(...args);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

it("knows images without a tag by the one that is meant, and those with a digest by both", async () => {
  await pushImage(source, "team/small:latest", small);
  await pushImage(source, "library/web:latest", later);
  const registries = join(folder, "registries.yaml");
  await writeFile(registries, `- { host: docker.io, location: "${source.host}", plainHttp: true }\n`);
  const pinned = `${source.host}/team/app:1.0@${image.digest}`;
  const names = [`${source.host}/team/small`, "web", pinned];
  expect((await run("save", ...names, "--out", out(), ...from(), "--registries", registries)).code).toBe(0);
  expect((await run("load", out(), ...to())).code).toBe(0);
  expect(target.repositories().sort()).toEqual(["platform/team/app", "platform/team/small", "platform/web"]);
  await expectComplete("platform/team/small", "latest", small);
  await expectComplete("platform/web", "latest", later);
  await expectComplete("platform/team/app", "1.0", image);
});

it("writes nothing where an image cannot be saved", async () => {
  const { code, err } = await run(
    "save",
    `${source.host}/team/app:1.0`,
    `${source.host}/team/none:1`,
    "--out",
    out(),
    ...from(),
  );
  expect(code).toBe(1);
  expect(err).toMatch(/team\/none:1 was not found/);
  expect(err).toContain(`Nothing was written to ${out()}`);
  expect((await readdir(folder)).filter((name) => name.endsWith(".tar") || name.startsWith("."))).toEqual([]);
});

it("refuses to write over what it reads", async () => {
  await run("save", `${source.host}/team/small:2`, "--out", out(), ...from());
  const { code, err } = await run("save", `${source.host}/team/small:3`, "--out", out(), "--since", out(), ...from());
  expect([code, err]).toEqual([2, expect.stringMatching(/which this run reads/)]);
});

it("brings an archive that another tool has written", async () => {
  await writeImageArchive(out(), {
    "quay.io/team/app:1.0": image,
    "nginx:1.27": small,
    "docker.io/library/redis:7": later,
  });
  expect((await run("load", out(), ...to())).code).toBe(0);
  await expectComplete("platform/team/app", "1.0", image);
  await expectComplete("platform/nginx", "1.27", small);
  await expectComplete("platform/library/redis", "7", later);
});
