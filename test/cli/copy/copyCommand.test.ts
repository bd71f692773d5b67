import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { main } from "../../../src/cli/main";
import type { Streams } from "../../../src/cli/output/streams";
import { makeImage, makeSignature, pushImage, seededBlob, tagFor, type SyntheticImage } from "../../support/images";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

const PASSWORD = "cli-secret-7a31";
const users = { robot: PASSWORD };

const image = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (platform) => [
    { size: 700_000, seed: platform },
    { size: 3000, seed: "shared" },
  ],
});
const small = makeImage({ layers: [{ size: 900, seed: "small" }] });

let folder: string;
let source: TestRegistry;
let target: TestRegistry;
const environment = { ...process.env };

beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-copy-"));
  // No login of this machine may help.
  process.env.DOCKER_CONFIG = join(folder, "docker");
}, 600_000);
afterAll(async () => {
  process.env = environment;
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  source = await startRegistry();
  await pushImage(source, "team/app:1.0", image);
  await pushImage(source, "team/small:2", small);
  target = await startRegistry();
});
afterEach(async () => {
  process.env.DOCKER_CONFIG = join(folder, "docker");
  await Promise.all([source.close(), target.close()]);
});

interface Run {
  code: number;
  out: string;
  err: string;
}

async function run(args: readonly string[], input: readonly string[] = [], columns?: number): Promise<Run> {
  let out = "";
  let err = "";
  const streams: Streams = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...(columns !== undefined && { columns: () => columns }),
  };
  // eslint-disable-next-line @typescript-eslint/require-await -- standard input is read in pieces
  const pieces = (async function* () {
    yield* input;
  })();
  const code = await main(["copy", ...args], streams, pieces);
  return { code, out, err };
}

const at = (name: string): string => `${source.host}/${name}`;
/** Where to, both ends without TLS. */
const to = (path = ""): string[] => ["--to", target.host + path, "--plain-http", "--plain-http-source", source.host];
const expectComplete = async (repository: string, tag: string, { digest }: SyntheticImage): Promise<void> => {
  expect(await target.defects(repository, tag)).toEqual([]);
  expect(target.tag(repository, tag)).toBe(digest);
};

async function chart(files: Record<string, string>, name = "app"): Promise<string> {
  const root = await mkdtemp(join(folder, "chart-"));
  const all = { "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`, ...files };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

const pod = (name: string, ...images: string[]): string =>
  [
    `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers:`,
    ...images.map((reference, i) => `    - { name: c${i}, image: "${reference}" }`),
  ].join("\n");

describe("references", () => {
  it("are copied, with a line for each and a summary; again, and nothing moves", async () => {
    const names = [at("team/app:1.0"), at("team/small:2")];
    const first = await run([...names, ...to("/mirror")]);
    expect(first.code).toBe(0);
    expect(first.out.split("\n").sort()).toEqual([
      "",
      `${at("team/app:1.0")} -> ${target.host}/mirror/team/app:1.0 (1.3 MiB copied)`,
      expect.stringContaining(`${at("team/small:2")} -> ${target.host}/mirror/team/small:2 (`) as string,
    ]);
    expect(first.err).toMatch(/^2 images copied \(1\.3 MiB\), 0 there already, 0 failed\n$/);
    await expectComplete("mirror/team/app", "1.0", image);
    await expectComplete("mirror/team/small", "2", small);
    const again = await run([...names, ...to("/mirror")]);
    expect(again).toMatchObject({ code: 0, err: "0 images copied (0 B), 2 there already, 0 failed\n" });
    expect(again.out).toContain(`${target.host}/mirror/team/app:1.0 (was there already)\n`);
  });

  it("are listed by a dry run with size and state, in their order, and nothing is written", async () => {
    await pushImage(target, "team/small:2", small);
    target.requests.clear();
    const names = [at("team/small:2"), at("team/app:1.0"), at("team/app:1.0")];
    const { code, out, err } = await run([...names, ...to(), "--dry-run"]);
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        `${at("team/small:2")} -> ${target.host}/team/small:2 (${expectedSize(small)}, present)\n`,
        `${at("team/app:1.0")} -> ${target.host}/team/app:1.0 (1.3 MiB, new)\n`,
      ].join(""),
    });
    expect(err).toBe("1 image to copy (at most 1.3 MiB), 1 present, 0 failed\n");
    expect(target.requests.all.every(({ method }) => method === "HEAD" || method === "GET")).toBe(true);
    // What is there is not read from its source, which may count readings.
    expect(source.requests.find({ method: "GET", path: /small/ })).toEqual([]);
  });

  it("go below their host with --keep-host, and with one platform alone", async () => {
    const { code } = await run([at("team/app:1.0"), ...to(), "--keep-host", "--platform", "linux/arm64"]);
    expect(code).toBe(0);
    const repository = `${source.host.replace(":", "_")}/team/app`;
    expect(await target.defects(repository, "1.0")).toEqual([]);
    const index = JSON.parse(String(target.manifest(repository, "1.0")?.bytes)) as { manifests: unknown[] };
    expect(index.manifests).toMatchObject([{ platform: { architecture: "arm64" } }]);
    const listed = await run([at("team/app:1.0"), ...to(), "--keep-host", "--platform", "linux/arm64", "--dry-run"]);
    expect(listed.out).toMatch(/\(687 KiB, present\)\n$/);
  });

  it("come with all platforms where a digest names them, and say so", async () => {
    const pinned = `${at("team/app:1.0")}@${image.digest}`;
    const { code, err } = await run([pinned, at("team/small:2"), ...to(), "--platform", "linux/amd64"]);
    expect([code, err]).toEqual([0, expect.stringContaining(`${pinned} is copied with all its platforms`)]);
    expect(err).not.toContain("small:2 is copied");
    await expectComplete("team/app", "1.0", image);
  });

  it("come with several platforms, with commas between or one by one", async () => {
    const { code } = await run([at("team/app:1.0"), ...to(), "--platform", "linux/arm64,linux/amd64"]);
    expect(code).toBe(0);
    await expectComplete("team/app", "1.0", image);
    const none = await run([
      at("team/app:1.0"),
      ...to("/none"),
      "--platform",
      "linux/arm64",
      "--platform",
      "linux/s390x",
    ]);
    expect(none).toMatchObject({
      code: 1,
      err: expect.stringContaining("has no linux/s390x. It has linux/amd64") as string,
    });
    expect(target.tag("none/team/app", "1.0")).toBeUndefined();
  });

  it("are left to the mirror where it serves their upstream itself", async () => {
    const served = `${source.host}/team=cache/team`;
    const names = [at("team/app:1.0"), at("team/app:1.0"), at("other/small:2")];
    await pushImage(source, "other/small:2", small);
    const { code, out, err } = await run([...names, ...to(), "--upstream", served]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${at("other/small:2")} -> [^\n]*\n$`));
    expect(err).toBe(
      `${at("team/app:1.0")} is not copied: the mirror serves ${source.host}/team itself, as ${target.host}/cache/team/app:1.0\n` +
        `1 image copied (${expectedSize(small)}), 0 there already, 0 failed\n`,
    );
    expect(target.tag("team/app", "1.0")).toBeUndefined();
  });

  it("come with their signatures on request", async () => {
    await pushImage(source, `team/small:${tagFor(small, ".sig")}`, makeSignature(small, "team/small:2"));
    await run([at("team/small:2"), ...to("/bare")]);
    await run([at("team/small:2"), ...to("/signed"), "--referrers"]);
    expect(target.tags("bare/team/small")).toEqual(["2"]);
    expect(target.tags("signed/team/small")).toEqual(["2", tagFor(small, ".sig")]);
  });

  it("are copied by as many transfers at once as is told", async () => {
    const { code } = await run([at("team/app:1.0"), ...to(), "--concurrency", "1"]);
    expect(code).toBe(0);
    await expectComplete("team/app", "1.0", image);
  });

  it("that fail are told together, and the others are there", async () => {
    source.faults.add({ match: { path: /small\/blobs/, times: Infinity }, action: { kind: "answer", status: 404 } });
    const names = [at("none:1"), at("team/small:2"), at("team/app:1.0"), at("none:2")];
    const { code, out, err } = await run([...names, ...to()]);
    expect(code).toBe(1);
    expect(out).toBe(`${at("team/app:1.0")} -> ${target.host}/team/app:1.0 (1.3 MiB copied)\n`);
    expect(err).toMatch(/1 image copied .*, 3 failed\nerror: copying images: 3 problems\n/);
    expect(err).not.toContain("team/app");
    for (const name of ["none:1", "none:2", "team/small"]) expect(err).toContain(`${source.host}/${name}`);
    await expectComplete("team/app", "1.0", image);
  });

  it.each(["copy", "dry run"])("are data with --output: %s", async (kind) => {
    const { code, out } = await run([
      at("team/app:1.0"),
      ...to(),
      "-o",
      "json",
      ...(kind === "copy" ? [] : ["--dry-run"]),
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([
      { source: at("team/app:1.0"), target: `${target.host}/team/app:1.0`, digest: image.digest },
    ]);
  });
});

describe("a bar", () => {
  it("stands on a terminal below the lines, fits into it, and is gone in the end", async () => {
    const { out, err } = await run([at("team/app:1.0"), at("team/small:2"), ...to()], [], 50);
    expect(out.split("\n")).toHaveLength(3);
    const drawn = err.split("\r\u001b[K");
    expect(drawn.some((text) => text.startsWith("[") && text.includes("/2 images"))).toBe(true);
    for (const text of drawn) for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
    expect(drawn.filter((text) => text.startsWith("[")).every((text) => text.length < 50)).toBe(true);
    expect(err.endsWith("\r\u001b[K2 images copied (1.3 MiB), 0 there already, 0 failed\n")).toBe(true);
  });
});

it("a bar counts the images that a dry run has asked for, below no line that it lists", async () => {
  const { code, out, err } = await run([at("team/app:1.0"), at("team/small:2"), ...to(), "--dry-run"], [], 80);
  expect(code).toBe(0);
  expect(out.split("\n")).toHaveLength(3);
  const drawn = err.split("\r\u001b[K");
  expect(drawn).toContain("[############............] 1/2 images");
  expect(drawn).toContain("[########################] 2/2 images");
});

it("a bar stands on a terminal that tells no width, too", async () => {
  const { err } = await run([at("team/small:2"), ...to()], [], 0);
  expect(err).toContain("1/1 images");
});

describe("logins", () => {
  const secured: RegistryOptions = { auth: { scheme: "bearer", users } };

  beforeEach(async () => {
    await target.close();
    target = await startRegistry(secured);
  });

  it("are those of docker's configuration", async () => {
    const config = join(folder, "with-login");
    await mkdir(config, { recursive: true });
    const auth = Buffer.from(`robot:${PASSWORD}`).toString("base64");
    await writeFile(join(config, "config.json"), JSON.stringify({ auths: { [target.host]: { auth } } }));
    process.env.DOCKER_CONFIG = config;
    expect((await run([at("team/app:1.0"), ...to()])).code).toBe(0);
    await expectComplete("team/app", "1.0", image);
  });

  it("at the mirror may come from standard input, and are told to nobody", async () => {
    const login = ["--username", "robot", "--password-stdin"];
    const { code, out, err } = await run([at("team/app:1.0"), ...to(), ...login], [PASSWORD, "\n"]);
    expect(code).toBe(0);
    expect(out + err).not.toContain(PASSWORD);
    expect(source.requests.all.some(({ headerNames }) => headerNames.includes("authorization"))).toBe(false);
    const wrong = await run([at("team/small:2"), ...to(), ...login], ["not-it-55"]);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(/refused the login of user "robot"/);
    expect(wrong.out + wrong.err).not.toContain("not-it-55");
  });

  it("at the mirror serve its other repositories, too, from which images are promoted", async () => {
    const login = ["--username", "robot", "--password-stdin"];
    const plain = ["--plain-http", "--plain-http-source", source.host, "--plain-http-source", target.host];
    const first = await run([at("team/app:1.0"), "--to", `${target.host}/test`, ...plain, ...login], [PASSWORD]);
    expect(first.code).toBe(0);
    const tested = `${target.host}/test/team/app:1.0`;
    for (const plainHttp of [plain, plain.slice(1)])
      expect(await run([tested, "--to", `${target.host}/live`, ...plainHttp, ...login], [PASSWORD])).toMatchObject({
        code: 0,
        out: expect.stringContaining(tested) as string,
      });
    await expectComplete("live/test/team/app", "1.0", image);
  });

  it("that lack are named once for all images", async () => {
    const { code, err } = await run([at("team/app:1.0"), at("team/small:2"), ...to()]);
    expect(code).toBe(1);
    expect(err).toMatch(/wants a login/);
  });
});

it("a mirror with a certificate of its own is trusted with --ca-file", async () => {
  await target.close();
  target = await startRegistry({ tls: true });
  const file = join(folder, "ca.pem");
  await writeFile(file, target.ca as string);
  const args = [at("team/small:2"), "--to", target.host, "--plain-http-source", source.host];
  expect((await run([...args, "--ca-file", file])).code).toBe(0);
  await expectComplete("team/small", "2", small);
  expect(await run(args)).toMatchObject({ code: 1, err: expect.stringContaining("not trusted") as string });
});

it("registries of --registries are reached as the file says; single options go before it", async () => {
  const secured = await startRegistry({ tls: true });
  try {
    await pushImage(secured, "team/small:2", small);
    await writeFile(join(folder, "source-ca.pem"), secured.ca as string);
    const file = join(folder, "registries.yaml");
    await writeFile(
      file,
      `- { host: "${secured.host}", caFile: source-ca.pem }\n- { host: "${target.host}", caFile: source-ca.pem }\n`,
    );
    const args = [`${secured.host}/team/small:2`, "--to", target.host, "--registries", file];
    expect(await run([...args, "--plain-http"])).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^1 image copied/) as string,
    });
    await expectComplete("team/small", "2", small);
    expect(await run(args)).toMatchObject({ code: 1, err: expect.stringMatching(/--plain-http/) as string });
    expect(await run([...args.slice(0, 3), "--plain-http"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/not trusted.*--registries/) as string,
    });
  } finally {
    await secured.close();
  }
});

describe("a chart", () => {
  it("has its images copied, each once, to where its values will point", async () => {
    const root = await chart({
      "templates/a.yaml": pod("a", at("team/small:2"), at("team/app:1.0")),
      "templates/b.yaml": pod("b", at("team/app:1.0"), "{{ .Values.extra }}"),
    });
    const args = ["--set", `extra=${at("ignored/image:3")}`, "--ignore-image", "*/ignored/*"];
    const { code, out } = await run([root, ...to("/p"), ...args]);
    expect(code).toBe(0);
    expect(out.split("\n").length).toBe(3);
    await expectComplete("p/team/app", "1.0", image);
    await expectComplete("p/team/small", "2", small);
  });

  it("may be named by -c, with references beside it", async () => {
    const root = await chart({ "templates/a.yaml": pod("a", at("team/app:1.0")) });
    const { code, out } = await run(["-c", root, at("team/small:2"), ...to(), "--dry-run"]);
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => line.split(" ")[0])).toEqual([at("team/app:1.0"), at("team/small:2"), ""]);
  });

  it.each(["--plain-http-source", "--registries"])(
    "may lie in a registry that is reached as %s says",
    async (option) => {
      const root = await chart({ "templates/a.yaml": pod("a", at("team/small:2")) });
      const archives = await mkdtemp(join(folder, "archives-"));
      const helm = (args: string[]): Promise<unknown> => promisify(execFile)(process.env.HELM as string, args);
      await helm(["package", root, "-d", archives]);
      await helm(["push", "--plain-http", join(archives, "app-1.0.0.tgz"), `oci://${source.host}/charts`]);
      const file = join(folder, "registries.yaml");
      await writeFile(file, `- { host: "${source.host}", plainHttp: true }\n`);
      const args = ["--plain-http", option, option === "--registries" ? file : source.host];
      const { code, out } = await run([`oci://${source.host}/charts/app`, "--to", target.host, ...args]);
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(at("team/small:2")) as string });
      await expectComplete("team/small", "2", small);
    },
  );

  it("with two images for one place is refused before anything is copied", async () => {
    const root = await chart({ "templates/a.yaml": pod("a", at("team/app:1.0"), "quay.io/team/app:1.0") });
    const { code, err } = await run([root, ...to()]);
    expect(code).toBe(2);
    expect(err).toContain("both would be");
    expect(target.requests.all).toEqual([]);
  });
});

describe("in place of StackState's copy_images.sh", () => {
  // The lines of https://docs.stackstate.com's guide, whose chart wants a licence before it renders.
  const REGISTRY = "57413481473.dkr.ecr.eu-west-1.amazonaws.com";
  const templates = {
    "templates/a.yaml": [
      '{{ required "a licence" .Values.stackstate.license.key }}',
      '{{ required "a password" .Values.stackstate.admin.authentication.password }}',
      '{{ required "a URL" .Values.stackstate.baseUrl }}',
    ]
      .map((line) => line.replace(/^/, "# "))
      .join("\n")
      .concat(
        "\n",
        pod(
          "a",
          "justwatch/elasticsearch_exporter:1.1.0",
          "quay.io/stackstate/stackgraph-console:3.6.14",
          "quay.io/stackstate/stackstate-server-stable:4.2.2",
          "quay.io/stackstate/wait:1.0.0",
        ),
      ),
  };
  const LISTING = [
    `Copying justwatch/elasticsearch_exporter:1.1.0 to ${REGISTRY}/justwatch/elasticsearch_exporter:1.1.0 (dry-run)`,
    `Copying quay.io/stackstate/stackgraph-console:3.6.14 to ${REGISTRY}/stackstate/stackgraph-console:3.6.14 (dry-run)`,
    `Copying quay.io/stackstate/stackstate-server-stable:4.2.2 to ${REGISTRY}/stackstate/stackstate-server-stable:4.2.2 (dry-run)`,
    `Copying quay.io/stackstate/wait:1.0.0 to ${REGISTRY}/stackstate/wait:1.0.0 (dry-run)`,
    "",
  ].join("\n");

  it("-t lists as the guide shows it, without values of the user's and without a registry", async () => {
    const root = await chart(templates, "stackstate");
    expect(await run(["-c", root, "-d", REGISTRY, "-t"])).toEqual({ code: 0, out: LISTING, err: "" });
  });

  it("gives its values to any chart, and leaves them out where a schema refuses them", async () => {
    const other = await chart(templates, "another");
    expect(await run(["-c", other, "-d", REGISTRY, "-t"])).toEqual({ code: 0, out: LISTING, err: "" });
    expect(await run([other, "--to", REGISTRY, "--dry-run"])).toMatchObject({ code: 2 });
    const schema = JSON.stringify({ type: "object", additionalProperties: false, properties: { own: {} } });
    const strict = await chart({ "values.schema.json": schema, "templates/a.yaml": pod("a", "nginx:1") }, "strict");
    expect(await run(["-c", strict, "-d", REGISTRY, "-t"])).toMatchObject({
      code: 0,
      out: `Copying nginx:1 to ${REGISTRY}/nginx:1 (dry-run)\n`,
    });
  });

  it("-d copies, and -r with -c names a chart in a repository", async () => {
    const root = await chart({ "templates/a.yaml": pod("a", at("team/app:1.0")) }, "stackstate");
    const { code } = await run(["-c", root, "-d", target.host, "--plain-http", "--plain-http-source", source.host]);
    expect(code).toBe(0);
    await expectComplete("team/app", "1.0", image);
    const absent = await run(["-c", "stackstate", "-r", `http://${source.host}/charts`, "-d", target.host, "-t"]);
    expect(absent).toMatchObject({ code: 2, out: "" });
    expect(source.requests.find({ path: /\/charts\/index\.yaml/ })).toHaveLength(1);
  });
});

describe("what cannot be meant is answered with 2", () => {
  test.each<[string, string[], RegExp]>([
    ["nothing to copy", ["--to", "r.test"], /nothing to copy/],
    ["no mirror", ["nginx:1"], /no mirror is named/],
    ["two mirrors", ["nginx:1", "--to", "r.test", "-d", "r.test"], /give one of them/],
    ["two charts", ["./a", "./b", "--to", "r.test"], /one chart at a time/],
    ["a broken reference", ["a:b:c", "--to", "r.test"], /is not an image reference/],
    ["several broken references", ["a:b:c", "nginx", "b//c", "--to", "r.test"], /: 2 problems\n.*"a:b:c"[^]*"b\/\/c"/],
    [
      "a reference of skopeo",
      ["docker://r.test/a:1", "--to", "r.test"],
      /"docker:\/\/r.test\/a:1" is not an image reference/,
    ],
    ["a platform that is none", ["nginx:1", "--to", "r.test", "--platform", "amd64"], /is no platform/],
    [
      "a platform that is none among others",
      ["nginx:1", "--to", "r.test", "--platform", "linux/amd64,"],
      /"" is no platform/,
    ],
    ["no transfers at all", ["nginx:1", "--to", "r.test", "--concurrency", "0"], /no number from 1 to 1000/],
    ["fewer transfers than none", ["nginx:1", "--to", "r.test", "--concurrency", "-1"], /no number from 1 to 1000/],
    ["too many transfers", ["nginx:1", "--to", "r.test", "--concurrency", "1001"], /no number from 1 to 1000/],
    ["transfers in words", ["nginx:1", "--to", "r.test", "--concurrency", "many"], /no number from 1 to 1000/],
    ["a login without password", ["nginx:1", "--to", "r.test", "--username", "a"], /need each other/],
    ["a certificate for http", ["nginx:1", "--to", "r.test", "--plain-http", "--ca-file", "x"], /no certificate/],
    ["a certificate that is not there", ["nginx:1", "--to", "r.test", "--ca-file", "/none.pem"], /none\.pem/],
    ["a source with a path", ["nginx:1", "--to", "r.test", "--plain-http-source", "a/b"], /not a registry host/],
    [
      "an empty password",
      ["nginx:1", "--to", "r.test", "--username", "a", "--password-stdin"],
      /standard input is empty/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });
});

function expectedSize({ size }: SyntheticImage): string {
  return size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} KiB`;
}

describe("layers that their owner keeps outside registries", () => {
  beforeEach(async () => {
    const urls = [`http://${source.host}/v2/owner/blobs/${seededBlob(4000, "w").digest}`];
    await pushImage(source, "team/windows:1", makeImage({ layers: [{ foreign: { urls, size: 4000, seed: "w" } }] }));
    await source.putBlob("owner", seededBlob(4000, "w").digest, seededBlob(4000, "w").read());
  });
  const copy = (...more: string[]) => run([at("team/windows:1"), ...to(), ...more]);
  const { digest } = seededBlob(4000, "w");

  it("are left there, with a warning that names the option", async () => {
    const { code, err } = await copy();
    expect(code).toBe(0);
    expect(err).toMatch(
      new RegExp(`^warning: .*${digest} is not copied: nodes pull it from .*--foreign-layers copy`, "m"),
    );
    expect(target.has("team/windows", digest)).toBe(false);
  });

  it("are copied or refused where it is said", async () => {
    expect(await copy("--foreign-layers", "refuse")).toMatchObject({
      code: 1,
      err: expect.stringMatching(new RegExp(`foreign layer ${digest}.*--foreign-layers copy`)) as string,
    });
    expect(target.tags("team/windows")).toEqual([]);
    expect(await copy("--foreign-layers", "copy")).toMatchObject({ code: 0 });
    expect(target.has("team/windows", digest)).toBe(true);
    expect(await copy("--foreign-layers", "keep")).toMatchObject({ code: 2 });
  });
});
