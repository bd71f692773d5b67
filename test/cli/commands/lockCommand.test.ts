import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { main } from "../../../src/cli/main";
import { readRegistries } from "../../../src/cli/options/registriesOption";
import { digestOf } from "../../../src/image/digest";
import type { PlanReport } from "../../../src/plan/report/planReport";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

const FILES: Record<string, string> = {
  "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "values.yaml": "web: { image: quay.io/shop/web:1 }\napi: { image: quay.io/shop/api:1 }\nhint: ghcr.io/doubt/ful:1\n",
  "templates/shop.yaml": [
    "apiVersion: v1",
    "kind: Pod",
    "metadata: { name: shop }",
    "spec:",
    "  containers:",
    "    - { name: web, image: {{ .Values.web.image }} }",
    "    - { name: api, image: {{ .Values.api.image }} }",
    "    - { name: literal, image: quay.io/shop/literal:1 }",
    "",
  ].join("\n"),
};
const images = {
  "shop/web:1": makeImage({ platforms: ["linux/amd64", "linux/arm64"], layers: [{ size: 3000, seed: "web" }] }),
  "shop/api:1": makeImage({ layers: [{ size: 2000, seed: "api" }] }),
  "shop/literal:1": makeImage({ layers: [{ size: 1000, seed: "literal" }] }),
};

describe("chart-mirror lock", () => {
  let source: TestRegistry;
  let folder: string;
  let chart: string;
  let lockFile: string;
  const helmBefore = process.env.HELM;

  beforeAll(async () => {
    process.env.HELM = await ensureTool("helm");
  }, 600_000);
  afterAll(() => {
    if (helmBefore === undefined) delete process.env.HELM;
    else process.env.HELM = helmBefore;
  });
  beforeEach(async () => {
    source = await startRegistry();
    for (const [name, image] of Object.entries(images)) await pushImage(source, name, image);
    folder = await mkdtemp(join(tmpdir(), "chart-mirror-lock-"));
    chart = join(folder, "shop");
    lockFile = join(folder, "chart-mirror.lock.yaml");
    for (const [file, text] of Object.entries(FILES)) await put(join("shop", file), text);
    await put("registries.yaml", `- host: quay.io\n  location: ${source.host}\n  plainHttp: true\n`);
  });
  afterEach(async () => {
    await source.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function put(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }

  function lock(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    return run("lock", chart, "--to", "mirror.test/team", "--lock-file", lockFile, ...args);
  }

  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = "";
    let err = "";
    const code = await main([...args, "--registries", join(folder, "registries.yaml")], {
      out: (text) => (out += text),
      err: (text) => (err += text),
    });
    return { code, out, err };
  }

  it("writes all that is known of the chart, and finds it up to date without asking anybody", async () => {
    expect(await lock()).toMatchObject({ code: 0, err: expect.stringContaining(`wrote ${lockFile}`) as string });
    const written = await readFile(lockFile, "utf8");
    for (const [name, image] of Object.entries(images)) {
      expect(written).toContain(
        `source: quay.io/${name}\n    target: mirror.test/team/${name}\n    digest: ${image.digest}`,
      );
      expect(written).toContain(`size: ${image.size}`);
    }
    expect(written).toMatch(/patches:\n {2}- file: templates\/shop\.yaml\n {4}line: 8\n/);
    await source.close();
    expect(await lock("--check")).toEqual({ code: 0, out: "", err: `${lockFile} is up to date: 3 images\n` });
    source = await startRegistry();
  });

  it("pins digests in the values, the lock file and the plan, and says what it cannot pin", async () => {
    const pinnedTo = (name: keyof typeof images): string => `mirror.test/team/${name}@${images[name].digest}`;
    const written = await lock("--pin-digests");
    expect(written.code).toBe(0);
    expect(written.err).toMatch(/warning: quay\.io\/shop\/literal:1 is pulled by its tag: .* in Pod shop at spec\./);
    const text = await readFile(lockFile, "utf8");
    for (const part of ["web", "api"] as const) {
      expect(text).toContain(`target: ${pinnedTo(`shop/${part}:1`)}\n`);
      expect(text).toContain(`${part}.image: ${pinnedTo(`shop/${part}:1`)}\n`);
    }
    expect(text).toContain("target: mirror.test/team/shop/literal:1\n");

    const values = await run("values", chart, "--to", "mirror.test/team", "--pin-digests");
    expect(load(values.out)).toEqual({
      web: { image: pinnedTo("shop/web:1") },
      api: { image: pinnedTo("shop/api:1") },
    });
    const against = ["--against", lockFile, "--output", "json"];
    const plan = await run("plan", chart, "--to", "mirror.test/team", "--pin-digests", ...against);
    const report = JSON.parse(plan.out) as PlanReport;
    expect(report.summary).toMatchObject({ images: 3, same: 3, warnings: 1 });
    expect(report.overrides.map(({ value, change }) => [value, change])).toEqual([
      [pinnedTo("shop/api:1"), "same"],
      [pinnedTo("shop/web:1"), "same"],
    ]);

    await source.close();
    expect((await lock("--check", "--pin-digests")).code).toBe(0);
    expect(await lock("--check")).toMatchObject({ code: 4, err: expect.stringContaining("value web.image") as string });
    source = await startRegistry();
  });

  it("has one platform alone, as values, plan and copy have it, and is stale for others", async () => {
    const AMD64 = ["--platform", "linux/amd64", "--pin-digests"];
    expect((await lock(...AMD64)).code).toBe(0);
    const [, subset = ""] = /targetDigest: (\S+)/.exec(await readFile(lockFile, "utf8")) ?? [];
    const whole = images["shop/web:1"].digest;
    const locked = load(await readFile(lockFile, "utf8")) as { platforms: string[]; images: object[] };
    expect(locked.platforms).toEqual(["linux/amd64"]);
    const web = { source: "quay.io/shop/web:1", digest: whole, targetDigest: subset, platforms: ["linux/amd64"] };
    expect(locked.images).toContainEqual(expect.objectContaining(web));

    const values = await run("values", chart, "--to", "mirror.test/team", ...AMD64);
    expect(values.out).toContain(`web:1@${subset}`);
    const planned = await run("plan", chart, "--to", "mirror.test/team", ...AMD64, "--against", lockFile, "-o", "json");
    const { images: reported, summary } = JSON.parse(planned.out) as PlanReport;
    expect(reported.map(({ change }) => change)).toEqual(["same", "same", "same"]);
    expect(reported.map(({ digest }) => digest)).toContain(subset);
    expect(JSON.stringify(summary)).not.toContain("undefined");
    const target = await startRegistry();
    const reach = `- host: quay.io\n  location: ${source.host}\n  plainHttp: true\n- host: ${target.host}\n  plainHttp: true\n`;
    await put("registries.yaml", reach);
    const copied = await run(
      "copy",
      chart,
      "--to",
      `${target.host}/team`,
      "--platform",
      "linux/amd64",
      "--ignore-image",
      "ghcr.io/*",
    );
    expect([copied.code, target.tag("team/shop/web", "1")]).toEqual([0, subset]);
    const held = await run("plan", chart, "--to", `${target.host}/team`, ...AMD64.slice(0, 2), "-o", "json");
    expect((JSON.parse(held.out) as PlanReport).images.map(({ change }) => change)).toEqual(["same", "same", "same"]);
    await target.close();

    expect(await lock(...AMD64, "--check")).toMatchObject({ code: 0 });
    const stale = await lock("--pin-digests", "--check");
    expect([stale.code, stale.err]).toEqual([
      4,
      expect.stringContaining("of each image all platforms shall be copied, the lock file has linux/amd64"),
    ]);
    expect(await lock(...AMD64, "--tags", "pin")).toMatchObject({ code: 0 });
    expect(load(await readFile(lockFile, "utf8"))).toEqual(locked);
    const lacking = await lock("--platform", "linux/s390x");
    expect(lacking.err).toMatch(/3 problems[^]*has no linux\/s390x\. It has linux\/amd64, linux\/arm64/);
  });

  it("changes the lines of a moved image alone, and keeps it when it is told so", async () => {
    await lock();
    const before = (await readFile(lockFile, "utf8")).split("\n");
    const moved = makeImage({ layers: [{ size: 2500, seed: "api again" }] });
    await pushImage(source, "shop/api:1", moved);
    expect((await lock("--check")).code).toBe(0);
    expect(await lock("--check", "--tags", "fail")).toMatchObject({
      code: 4,
      err: expect.stringContaining(`it is ${moved.digest}, the lock file has ${images["shop/api:1"].digest}`) as string,
    });
    expect((await lock("--tags", "pin")).code).toBe(0);
    expect((await readFile(lockFile, "utf8")).split("\n")).toEqual(before);
    expect(await lock("--tags", "fail")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/The tag of quay\.io\/shop\/api:1 has moved/) as string,
    });
    await lock();
    const after = (await readFile(lockFile, "utf8")).split("\n");
    const changed = after.filter((line, i) => line !== before[i]).map((line) => line.trim().split(":")[0]);
    expect(changed).toEqual(["digest", "size", "checksum"]);
  });

  it("tells by name what is stale, and the command that renews it", async () => {
    await lock();
    await pushImage(source, "shop/web:2", images["shop/web:1"]);
    await put("shop/values.yaml", (FILES["values.yaml"] as string).replace("web:1", "web:2"));
    const { code, err } = await lock("--check");
    expect(code).toBe(4);
    expect(err).toMatch(/the content of chart shop 1\.0\.0 is another one/);
    expect(err).toContain("image quay.io/shop/web:2 is not in the lock file");
    expect(err).toContain("image quay.io/shop/web:1 is not in the chart any more");
    expect(err).toContain(`: chart-mirror lock ${chart} --to mirror.test/team --lock-file ${lockFile} --registries`);
    expect(err).not.toContain("--check");
    expect((await lock()).code).toBe(0);
    expect((await lock("--check")).code).toBe(0);
  });

  it.each([
    ["missing", undefined, "LOCK", /there is no such file/],
    [
      "tampered",
      (text: string) => text.replace(images["shop/web:1"].digest, digestOf("evil")),
      "",
      /was changed after it was locked/,
    ],
    ["broken", () => "lockVersion: [", "", /it is no YAML/],
  ])("fails when the file is %s, and writes it anew when asked", async (_, change, __, message) => {
    await lock();
    if (change) await writeFile(lockFile, change(await readFile(lockFile, "utf8")));
    else await rm(lockFile);
    expect(await lock("--check")).toMatchObject({ code: 2, err: expect.stringMatching(message) as string });
    expect((await lock()).code).toBe(0);
    expect((await lock("--check")).code).toBe(0);
  });

  it("is what plan compares another version of the chart with", async () => {
    await lock();
    const moved = makeImage({ layers: [{ size: 2500, seed: "api again" }] });
    await pushImage(source, "shop/api:1", moved);
    await pushImage(source, "shop/web:2", images["shop/web:1"]);
    await put("shop/Chart.yaml", (FILES["Chart.yaml"] as string).replace("1.0.0", "1.1.0"));
    await put("shop/values.yaml", (FILES["values.yaml"] as string).replace("web:1", "web:2"));
    const plan = await run("plan", chart, "--to", "mirror.test/team", "--against", lockFile, "--output", "json");
    expect(plan).toMatchObject({ code: 0, err: "" });
    const report = JSON.parse(plan.out) as PlanReport;
    expect(report.chart).toMatchObject({ version: "1.1.0", previousVersion: "1.0.0" });
    expect(report.images.map(({ source, change, previous }) => [source, change, previous])).toEqual([
      ["quay.io/shop/api:1", "moved", { digest: images["shop/api:1"].digest }],
      ["quay.io/shop/literal:1", "same", undefined],
      ["quay.io/shop/web:2", "changed", { source: "quay.io/shop/web:1", digest: images["shop/web:1"].digest }],
    ]);
    expect(report.summary).toMatchObject({ images: 3, bytesToCopy: moved.size + images["shop/web:1"].size });
    const markdown = await run("plan", chart, "--to", "mirror.test/team", "--against", lockFile, "-o", "markdown");
    expect(markdown.out).toMatch(/^<!-- chart-mirror: shop -->\n### shop 1\.0\.0 → 1\.1\.0 → /);
    const page = await run("plan", chart, "--to", "mirror.test/team", "--against", lockFile, "-o", "html");
    expect(page.out).toMatch(/^<!doctype html>[\s\S]*<h1>shop 1\.0\.0 → 1\.1\.0 → mirror\.test\/team<\/h1>/);
    // The layers of the images that are not as they were when the lock file was written.
    expect(page.out).toMatch(/id="layers"[\s\S]*in 2 images/);
  });

  it("says once that a registry does not answer, however many images it has", async () => {
    await lock();
    await source.close();
    const { code, err } = await run("plan", chart, "--to", "mirror.test/team", "--against", lockFile);
    expect(code).toBe(0);
    expect(err.match(/could not be reached/g)).toHaveLength(1);
    source = await startRegistry();
  });

  it("plans against what the mirror holds", async () => {
    const mirror = await startRegistry();
    try {
      await pushImage(mirror, "team/shop/web:1", images["shop/web:1"]);
      await put(
        "registries.yaml",
        `- { host: quay.io, location: "${source.host}", plainHttp: true }\n- { host: "${mirror.host}", plainHttp: true }\n`,
      );
      const { code, out } = await run("plan", chart, "--to", `${mirror.host}/team`);
      expect(code).toBe(0);
      expect(out).toContain("3 images: 2 new; ");
      expect(out).toMatch(/^same +quay\.io\/shop\/web:1 /m);
      expect(out).toMatch(/^new +quay\.io\/shop\/api:1 /m);
      expect(out).toMatch(/^web\.image +"quay\.io\/shop\/web:1" → /m);
    } finally {
      await mirror.close();
    }
  });

  it("goes with a chart that was pushed into the mirror, patched, with one digest whoever pushes it", async () => {
    const mirror = await startRegistry();
    try {
      await put(
        "registries.yaml",
        `- { host: quay.io, location: "${source.host}", plainHttp: true }\n- { host: "${mirror.host}", plainHttp: true }\n`,
      );
      const pushed = await run("push-chart", chart, "--to", `${mirror.host}/team`);
      expect(pushed.code).toBe(0);
      const [, version = "", digest] =
        new RegExp(`^oci://${mirror.host}/team/charts/shop (1\\.0\\.0\\+[0-9a-f]{12}) (sha256:\\S+)\n$`).exec(
          pushed.out,
        ) ?? [];
      expect(mirror.tag("team/charts/shop", version.replace("+", "_"))).toBe(digest);

      await cp(chart, join(folder, "elsewhere", "shop"), { recursive: true });
      await utimes(join(folder, "elsewhere/shop/values.yaml"), 1, 1);
      expect((await run("push-chart", join(folder, "elsewhere/shop"), "--to", `${mirror.host}/team`)).out).toBe(
        pushed.out,
      );

      // The real helm reads it from there, with the patched line.
      const helm = promisify(execFile);
      const archive = ["pull", `oci://${mirror.host}/team/charts/shop`, "--version", version, "--plain-http"];
      await helm(process.env.HELM as string, [...archive, "--destination", folder], { env: { HOME: folder } });
      const [archiveFile = ""] = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
      const { stdout } = await helm(process.env.HELM as string, ["template", join(folder, archiveFile)], {
        env: { HOME: folder },
      });
      expect(stdout).toContain(`image: ${mirror.host}/team/shop/literal:1`);
    } finally {
      await mirror.close();
    }
  });

  it("names every image that cannot be found, and writes nothing", async () => {
    source.deleteManifest("shop/api", images["shop/api:1"].digest);
    source.deleteManifest("shop/web", images["shop/web:1"].digest);
    const { code, err } = await lock();
    expect(code).toBe(2);
    expect(err).toContain("quay.io/shop/api:1");
    expect(err).toContain("quay.io/shop/web:1");
    await expect(readFile(lockFile)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("--registries", () => {
  it("says how a registry is reached, with files beside it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chart-mirror-registries-"));
    try {
      for (const name of ["ca", "client", "key"]) await writeFile(join(folder, `${name}.pem`), `the ${name}`);
      const entry = "host: a.test, caFile: ca.pem, certFile: client.pem, keyFile: key.pem, tokenServices: [sso.test]";
      await writeFile(
        join(folder, "registries.yaml"),
        `- { ${entry}, location: b.test/proxy, plainHttp: false, internalRedirects: true }`,
      );
      expect(await readRegistries(join(folder, "registries.yaml"))).toEqual([
        {
          host: "a.test",
          location: "b.test/proxy",
          plainHttp: false,
          caCertificates: ["the ca"],
          clientCertificate: { cert: "the client", key: "the key" },
          tokenServices: ["sso.test"],
          internalRedirects: true,
        },
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ["a map", "host: a.test", /it holds no list/],
    ["an entry without a host", "- { plainHttp: true }", /an entry has no host/],
    ["a login", "- { host: a.test, password: hunter2 }", /an entry has the unknown key password/],
    ["a word for plainHttp", "- { host: a.test, plainHttp: 'yes' }", /plainHttp of a\.test is neither true nor false/],
    ["a location that is a number", "- { host: a.test, location: 1 }", /the location of a\.test is no text/],
    ["a number for a certificate", "- { host: a.test, certFile: 1, keyFile: k }", /the certFile of a\.test is no text/],
    ["a certificate without its key", "- { host: a.test, certFile: c.pem }", /one of certFile and keyFile without/],
    ["one token service", "- { host: a.test, tokenServices: sso.test }", /tokenServices of a\.test is no list/],
    [
      "a word for internalRedirects",
      "- { host: a.test, internalRedirects: x }",
      /internalRedirects of a\.test is neither/,
    ],
    ["a certificate that is not there", "- { host: a.test, caFile: none.pem }", /ENOENT/],
  ])("refuses %s", async (_, text, message) => {
    const folder = await mkdtemp(join(tmpdir(), "chart-mirror-registries-"));
    try {
      await writeFile(join(folder, "registries.yaml"), text);
      const read = readRegistries(join(folder, "registries.yaml"));
      await expect(read).rejects.toMatchObject({
        code: "INVALID_REGISTRIES",
        message: expect.stringMatching(message) as string,
      });
      await expect(read).rejects.not.toThrow(/hunter2/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
