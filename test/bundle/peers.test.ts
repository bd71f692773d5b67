import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeImage, pushImage, writeImageLayout, type SyntheticImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";
import { load, save } from "./bundles";

jest.setTimeout(900_000);

const run = promisify(execFile);
const multi = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (platform) => [
    { size: 70_000, seed: platform },
    { size: 3000, seed: "shared" },
  ],
});
const single = makeImage({ layers: [{ size: 40_000, seed: "single" }] });

let folder: string;
let source: TestRegistry;
let target: TestRegistry;
let tools: Readonly<Record<"skopeo" | "crane" | "regctl" | "oras", string>>;

beforeAll(async () => {
  tools = {
    skopeo: await ensureTool("skopeo"),
    crane: await ensureTool("crane"),
    regctl: await ensureTool("regctl"),
    oras: await ensureTool("oras"),
  };
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-peers-"));
  source = await startRegistry();
  target = await startRegistry();
  await pushImage(source, "team/multi:1.0", multi);
  await pushImage(source, "team/single:2", single);
});
afterEach(async () => {
  await Promise.all([source.close(), target.close()]);
  await rm(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);

async function tool(name: keyof typeof tools, ...args: string[]): Promise<string> {
  const env = { ...process.env, HOME: folder, DOCKER_CONFIG: folder, REGCTL_CONFIG: path("regctl.json") };
  return (await run(tools[name], args, { env })).stdout;
}

const skopeo = (...args: string[]): Promise<string> =>
  tool("skopeo", "--insecure-policy", "--tmpdir", folder, "copy", "--all", "--preserve-digests", ...args);
/** As regctl is told of registries without TLS. */
const plain = (registry: TestRegistry): Promise<string> =>
  tool("regctl", "registry", "set", "--tls", "disabled", "--skip-check", registry.host);

async function expectSame(repository: string, tag: string, image: SyntheticImage): Promise<void> {
  expect(await target.defects(repository, tag)).toEqual([]);
  expect(target.tag(repository, tag)).toBe(image.digest);
}

async function bundle(): Promise<string> {
  await save(path("shop.tar"), source, ["team/multi:1.0", "team/single:2"]);
  return path("shop.tar");
}

/** The same as a folder, which some tools want. */
async function unpacked(): Promise<string> {
  await mkdir(path("layout"));
  await run("tar", ["-xf", await bundle(), "-C", path("layout")]);
  return path("layout");
}

describe("a bundle is read", () => {
  it("by skopeo, as an archive and as a folder", async () => {
    const name = `${source.host}/team/multi:1.0`;
    const to = (tag: string): string[] => ["--dest-tls-verify=false", `docker://${target.host}/out/app:${tag}`];
    const archive = await bundle();
    await skopeo(`oci-archive:${archive}:${name}`, ...to("archive"));
    await expectSame("out/app", "archive", multi);
    await mkdir(path("layout"));
    await run("tar", ["-xf", archive, "-C", path("layout")]);
    await skopeo(`oci:${path("layout")}:${source.host}/team/single:2`, ...to("folder"));
    await expectSame("out/app", "folder", single);
  });

  it("by crane, which pushes all of it as one index", async () => {
    await tool("crane", "push", "--insecure", "--index", await unpacked(), `${target.host}/out/all:1`);
    expect(await target.defects("out/all", "1")).toEqual([]);
    for (const { digest } of [multi, single]) expect(await target.defects("out/all", digest)).toEqual([]);
    await save(path("one.tar"), source, ["team/single:2"]);
    await mkdir(path("one"));
    await run("tar", ["-xf", path("one.tar"), "-C", path("one")]);
    await tool("crane", "push", "--insecure", path("one"), `${target.host}/out/one:1`);
    await expectSame("out/one", "1", single);
  });

  it("by oras, as an archive and as a folder, by name and by digest", async () => {
    const to = (tag: string): string[] => ["--to-plain-http", `${target.host}/out/app:${tag}`];
    const archive = await bundle();
    await tool("oras", "cp", "--from-oci-layout-path", archive, `${source.host}/team/multi:1.0`, ...to("archive"));
    await expectSame("out/app", "archive", multi);
    await mkdir(path("layout"));
    await run("tar", ["-xf", archive, "-C", path("layout")]);
    await tool("oras", "cp", "--from-oci-layout", `${path("layout")}@${single.digest}`, ...to("digest"));
    await expectSame("out/app", "digest", single);
  });

  it("by regctl, by tag and by digest", async () => {
    await plain(target);
    const layout = await unpacked();
    await tool("regctl", "image", "copy", `ocidir://${layout}:1.0`, `${target.host}/out/app:tag`);
    await expectSame("out/app", "tag", multi);
    await tool("regctl", "image", "copy", `ocidir://${layout}@${single.digest}`, `${target.host}/out/app:digest`);
    await expectSame("out/app", "digest", single);
  });
});

describe("what others write is loaded", () => {
  it("of oras: a folder and an archive, whose names are tags", async () => {
    const name = `${source.host}/team/multi:1.0`;
    await tool("oras", "cp", "--recursive", "--from-plain-http", name, "--to-oci-layout", `${path("oras")}:1.0`);
    await load([path("oras")], target);
    await expectSame("m", "1.0", multi);
    await tool("oras", "backup", "--plain-http", "--output", path("oras.tar"), `${source.host}/team/single:2`);
    await load([path("oras.tar")], target);
    await expectSame("m", "2", single);
  });

  it("of skopeo: an archive and a folder", async () => {
    const from = (name: string): string[] => ["--src-tls-verify=false", `docker://${source.host}/${name}`];
    await skopeo(...from("team/multi:1.0"), `oci-archive:${path("s.tar")}:quay.io/team/multi:1.0`);
    await load([path("s.tar")], target);
    await expectSame("m/team/multi", "1.0", multi);
    await skopeo(...from("team/single:2"), `oci:${path("s")}:quay.io/team/single:2`);
    await load([path("s")], target);
    await expectSame("m/team/single", "2", single);
  });

  it("of crane: a folder whose images say their names", async () => {
    const name = `${source.host}/team/multi:1.0`;
    await tool("crane", "pull", "--insecure", "--format=oci", "--annotate-ref", name, path("crane"));
    await load([path("crane")], target);
    await expectSame("m/team/multi", "1.0", multi);
  });

  it("of regctl: a folder, whose names are tags", async () => {
    await plain(source);
    await tool("regctl", "image", "copy", `${source.host}/team/multi:1.0`, `ocidir://${path("reg")}:1.0`);
    await load([path("reg")], target);
    await expectSame("m", "1.0", multi);
  });

  it("of tar: a folder that somebody has packed", async () => {
    await writeImageLayout(path("layout"), { "quay.io/team/multi:1.0": multi });
    await run("tar", ["-cf", path("packed.tar"), "-C", path("layout"), "."]);
    await load([path("packed.tar")], target);
    await expectSame("m/team/multi", "1.0", multi);
  });
});
