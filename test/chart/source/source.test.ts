import { existsSync } from "node:fs";
import { mkdir, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { DownloadTooLargeError, type HttpGet, type HttpRequest } from "../../../src/chart/source/httpGet";
import { repositoryFindings } from "../../../src/chart/source/ignoredRepository";
import { loadChart, type ChartSource, type ChartSourceDeps, type OciCharts } from "../../../src/chart/source/source";
import { MirrorError } from "../../../src/error";
import { digestOf } from "../../../src/image/digest";
import { chartArchive, chartYaml, temporaryFolder, writeFiles } from "../chartOnDisk";
import { rawArchive } from "../rawArchive";

const INDEX = `entries:
  web:
  - {name: web, version: 1.0.0, urls: [charts/web-1.0.0.tgz]}
  - {name: web, version: 1.1.0, urls: ["https://files.example.org/web-1.1.0.tgz"]}
  - {name: web, version: 1.2.0, urls: ["oci://r.example.org/charts/web"]}
  - {name: web, version: 0.1.0}
`;
const web = (version: string): Promise<Buffer> => chartArchive("web", { "Chart.yaml": chartYaml("web", version) });

interface World {
  readonly deps: ChartSourceDeps;
  readonly requests: HttpRequest[];
  readonly pulls: string[];
}

/** A web of pages, and a registry with tags; every page answers, the rest is not found. */
async function world(
  pages: Record<string, Buffer | string | number | Error> = {},
  tags: string[] = [],
): Promise<World> {
  const requests: HttpRequest[] = [];
  const pulls: string[] = [];
  const get: HttpGet = (request) => {
    requests.push(request);
    const page = pages[request.url] ?? 404;
    if (page instanceof Error) return Promise.reject(page);
    if (typeof page === "number") return Promise.resolve({ status: page, body: Buffer.alloc(0) });
    return Promise.resolve({ status: 200, body: Buffer.from(page) });
  };
  const oci: OciCharts = {
    tags: () => Promise.resolve(tags),
    pull: (repository, tag) => {
      pulls.push(`${repository} ${tag}`);
      return web(tag.replace("_", "+"));
    },
  };
  const home = await temporaryFolder();
  const helm = { repositories: join(home, "repositories.yaml"), cache: join(home, "cache") };
  return { deps: { get, oci, helm }, requests, pulls };
}

const URL_ = "https://charts.example.org/stable";
const repository = { url: URL_, username: "me", password: "hunter2" };

describe("loadChart from this machine", () => {
  it("reads a folder where it lies", async () => {
    const folder = await writeFiles({ "Chart.yaml": chartYaml("web") });
    const { deps } = await world();
    const loaded = await loadChart({ chart: folder, version: "9" }, deps);
    expect(loaded).toMatchObject({ folder, metadata: { name: "web", version: "1.0.0" } });
    expect(loaded.digest).toBeUndefined();
  });

  it("takes a chart on this machine although a repository is named, as Helm does, and says so", async () => {
    const { deps, requests } = await world({
      [`${URL_}/index.yaml`]: INDEX,
      [`${URL_}/charts/web-1.0.0.tgz`]: await web("1.0.0"),
    });
    const folder = await writeFiles({ "Chart.yaml": chartYaml("web", "1.0.0") });
    const file = join(await writeFiles({ "web.tgz": await web("1.0.0") }), "web.tgz");
    for (const chart of [folder, file]) {
      const loaded = await loadChart({ chart, repository: { url: "https://me:s3cr3t@charts.example.org/x" } }, deps);
      expect(repositoryFindings(loaded)).toMatchObject([{ severity: "warning", code: "CHART_REPOSITORY_IGNORED" }]);
      const message = String(repositoryFindings(loaded)[0]?.message);
      expect(message).toContain(`the chart is web 1.0.0 of ${chart}, which goes first`);
      expect(message).toContain("https://charts.example.org/x is not asked");
      await loaded.remove?.();
    }
    expect(requests).toEqual([]);
    expect(repositoryFindings(await loadChart({ chart: folder }, deps))).toEqual([]);
    const fetched = await loadChart({ chart: "web", version: "1.0.0", repository }, deps);
    expect(repositoryFindings(fetched)).toEqual([]);
    await fetched.remove?.();
  });

  it("unpacks an archive into a folder of its own that only this user can look into, and takes none that is there", async () => {
    const archive = await web("1.0.0");
    const file = join(await writeFiles({ "web.tgz": archive }), "web.tgz");
    const { deps } = await world();
    const loaded = await loadChart({ chart: file }, deps);
    expect(loaded).toMatchObject({ digest: digestOf(archive), metadata: { version: "1.0.0" } });
    expect((await stat(loaded.folder)).mode & 0o777).toBe(0o700);
    await writeFile(join(loaded.folder, "Chart.yaml"), chartYaml("web", "6.6.6"));
    const again = await loadChart({ chart: file }, deps);
    expect(again.metadata.version).toBe("1.0.0");
    expect(again.folder).not.toBe(loaded.folder);
    await Promise.all([loaded.remove?.(), again.remove?.()]);
    expect(existsSync(loaded.folder) || existsSync(again.folder)).toBe(false);
  });

  it.each(["..", ".", "../up", "a/b", "a\\b"])("refuses a chart whose name %j is no name of a file", async (name) => {
    const files = { "Chart.yaml": chartYaml(JSON.stringify(name)) };
    const { deps } = await world();
    await expect(loadChart({ chart: await writeFiles(files) }, deps)).rejects.toMatchObject({ code: "UNSAFE_NAME" });
    const file = join(await writeFiles({ "x.tgz": await chartArchive("web", files) }), "x.tgz");
    await expect(loadChart({ chart: file }, deps)).rejects.toMatchObject({ code: "UNSAFE_NAME" });
    const parent = { "Chart.yaml": chartYaml("web"), "charts/x/Chart.yaml": files["Chart.yaml"] };
    await expect(loadChart({ chart: await writeFiles(parent) }, deps)).rejects.toMatchObject({ code: "UNSAFE_NAME" });
  });

  it.each<[string, ChartSource, string, RegExp]>([
    ["a folder that is not there", { chart: "./nonexistent" }, "CHART_NOT_FOUND", /no such folder or archive/],
    ["an archive that is not there", { chart: "nonexistent.tgz" }, "CHART_NOT_FOUND", /no such folder or archive/],
    ["a name without a repository", { chart: "nonexistent" }, "CHART_NOT_FOUND", /no repository is given/],
    ["an alias that Helm does not know", { chart: "acme/web" }, "CHART_NOT_FOUND", /Run: helm repo add acme URL/],
  ])("refuses %s", async (_, source, code, message) => {
    const { deps } = await world();
    const loading = loadChart(source, deps);
    await expect(loading).rejects.toMatchObject({ code });
    await expect(loading).rejects.toThrow(message);
  });

  it("tells of what lies beside a path that is not there, or that nothing does", async () => {
    const folder = await writeFiles({ "shop/Chart.yaml": chartYaml("shop"), "shop-1.0.0.tgz": "", "notes.txt": "" });
    const { deps } = await world();
    const told = (chart: string) => loadChart({ chart }, deps).catch((error: Error) => error.message);
    expect(await told(`${folder}/shp`)).toContain(`Did you mean ${folder}/shop?`);
    expect(await told(`${folder}/shop-1.0.1.tgz`)).toContain(`Did you mean ${folder}/shop-1.0.0.tgz, ${folder}/shop?`);
    expect(await told(`${folder}/elsewhere`)).toContain(`It was looked for in ${folder}`);
    expect(await told(`${folder}/none/shop`)).toContain(`There is no folder ${folder}/none either`);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      "lacks a dependency",
      { "Chart.yaml": chartYaml("web", "1.0.0", "dependencies:\n- {name: redis, version: 1.x}\n") },
      /redis, which charts\/ does not hold\. Take an archive that holds them/,
    ],
    ["is a library", { "Chart.yaml": chartYaml("web", "1.0.0", "type: library\n") }, /it is a library/],
    ["holds no values", { "Chart.yaml": chartYaml("web"), "values.yaml": "[" }, /values\.yaml is no valid YAML/],
  ])("names an archive that %s as the user did, not the cache", async (_, files, message) => {
    const { deps } = await world({ "https://charts.example.org/web.tgz": await chartArchive("web", files) });
    const loading = loadChart({ chart: "https://charts.example.org/web.tgz" }, deps);
    await expect(loading).rejects.toThrow(/^reading chart https:\/\/charts\.example\.org\/web\.tgz failed/);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.not.toThrow(tmpdir());
  });

  it("refuses a folder that is no chart, an archive that is none, and a library", async () => {
    const folder = await writeFiles({
      "x.txt": "",
      "a.tgz": "hello",
      "library/Chart.yaml": chartYaml("l", "1.0.0", "type: library\n"),
    });
    const { deps } = await world();
    await expect(loadChart({ chart: folder }, deps)).rejects.toThrow("it has no Chart.yaml");
    // Without reading all that there is.
    await expect(loadChart({ chart: "/" }, deps)).rejects.toThrow("it has no Chart.yaml");
    await expect(loadChart({ chart: join(folder, "a.tgz") }, deps)).rejects.toThrow("it is no chart archive");
    await expect(loadChart({ chart: join(folder, "library") }, deps)).rejects.toThrow("it is a library");
    const bare = join(await writeFiles({ "b.tgz": await chartArchive("b", { "x.txt": "" }) }), "b.tgz");
    await expect(loadChart({ chart: bare }, deps)).rejects.toMatchObject({ code: "NOT_A_CHART" });
  });
});

describe("loadChart's limits", () => {
  it("end an archive on this machine that is too large, unread", async () => {
    const file = join(await writeFiles({ "huge.tgz": "" }), "huge.tgz");
    await truncate(file, 101 * 2 ** 20);
    const { deps } = await world();
    const loading = loadChart({ chart: file }, deps);
    await expect(loading).rejects.toMatchObject({ code: "CHART_TOO_LARGE" });
    await expect(loading).rejects.toThrow("its archive is larger than 104857600 bytes");
  });

  it("are given to each download, and told", async () => {
    const { deps, requests } = await world({
      [`${URL_}/index.yaml`]: INDEX,
      [`${URL_}/charts/web-1.0.0.tgz`]: new DownloadTooLargeError("too large"),
    });
    const loading = loadChart({ chart: "web", version: "1.0.0", repository }, deps);
    await expect(loading).rejects.toMatchObject({ code: "CHART_TOO_LARGE", chart: "web" });
    expect(requests.map(({ limit }) => limit)).toEqual([64 * 2 ** 20, 100 * 2 ** 20]);
    const { deps: other } = await world({ [`${URL_}/index.yaml`]: new DownloadTooLargeError("the file is too large") });
    await expect(loadChart({ chart: "web", repository }, other)).rejects.toMatchObject({
      code: "CHART_REPOSITORY_UNREACHABLE",
      problem: expect.stringContaining("the file is too large") as string,
    });
  });

  it("name the archive as it was named, and the archive inside of it", async () => {
    const { deps } = await world();
    const sub = rawArchive([{ name: "sub/../x" }]);
    const archive = await chartArchive("app", { "Chart.yaml": chartYaml("app"), "charts/sub.tgz": sub });
    const file = join(await writeFiles({ "no-ending": archive }), "no-ending");
    await expect(loadChart({ chart: file }, deps)).rejects.toThrow(
      `reading chart ${file} failed: the entry "sub/../x" of its archive charts/sub.tgz names a place outside of itself`,
    );
  });
});

describe("loadChart from a repository", () => {
  it("finds the chart's archive beside the index, and logs in there", async () => {
    const { deps, requests } = await world({
      [`${URL_}/index.yaml`]: INDEX,
      [`${URL_}/charts/web-1.0.0.tgz`]: await web("1.0.0"),
    });
    const loaded = await loadChart({ chart: "web", version: "1.0.0", repository }, deps);
    expect(loaded.metadata.version).toBe("1.0.0");
    expect(requests.map(({ url, login }) => [url, login?.username])).toEqual([
      [`${URL_}/index.yaml`, "me"],
      [`${URL_}/charts/web-1.0.0.tgz`, "me"],
    ]);
  });

  it.each([
    [undefined, undefined],
    [true, "me"],
  ])("sends the login to another host only if told so: %s", async (passCredentials, username) => {
    const { deps, requests } = await world({
      [`${URL_}/index.yaml`]: INDEX,
      "https://files.example.org/web-1.1.0.tgz": await web("1.1.0"),
    });
    const options = { ...repository, ...(passCredentials && { passCredentials }) };
    await loadChart({ chart: "web", version: "~1.1", repository: options }, deps);
    expect(requests[1]?.login?.username).toBe(username);
  });

  it("keeps the query of a repository's URL, takes a login from it, and shows neither", async () => {
    const url = "https://me:hunter2@charts.example.org/stable/?sig=abc";
    const { deps, requests } = await world({ "https://charts.example.org/stable/index.yaml?sig=abc": INDEX });
    const loading = loadChart({ chart: "web", version: "1.0.0", repository: { url } }, deps);
    const error: unknown = await loading.catch((e: unknown) => e);
    expect(String(error)).toContain("https://charts.example.org/stable/charts/web-1.0.0.tgz: it answers with HTTP 404");
    expect(String(error)).not.toMatch(/hunter2|sig=/);
    expect(requests[0]?.login).toEqual({ username: "me", password: "hunter2" });
  });

  it.each<[string, ChartSource, Record<string, string>]>([
    ["an archive that is not there", { chart: "https://me:s3cr3t@x.org/web.tgz?sig=s3cr3t" }, {}],
    ["an archive that is none", { chart: "https://me:s3cr3t@x.org/web.tgz" }, { "https://x.org/web.tgz": "none" }],
    ["an archive's URL that is none", { chart: "https://me:s3c/s3cr3t@x.org/web.tgz" }, {}],
    ["a path", { chart: "./me:s3cr3t@x.org/web" }, {}],
    ["a name", { chart: "me:s3cr3t@x.org/web" }, {}],
    ["a reference", { chart: "oci://me:s3cr3t@x.org/web" }, {}],
    ["a reference with a version", { chart: "oci://me:s3cr3t@x.org/web:1.0.0" }, {}],
    ["a registry", { chart: "web", repository: { url: "oci://me:s3cr3t@x.org" } }, {}],
    ["a repository without a scheme", { chart: "web", repository: { url: "me:s3cr3t@x.org" } }, {}],
    ["a repository's URL that is none", { chart: "web", repository: { url: "https://me:s3c/s3cr3t@x.org" } }, {}],
    ["a repository's URL with a space", { chart: "web", repository: { url: "https://me:s3cr3t@x org" } }, {}],
    ["a repository that does not answer", { chart: "web", repository: { url: "https://me:s3cr3t@x.org" } }, {}],
    [
      "a repository whose index tells no URL",
      { chart: "web", repository: { url: "https://me:s3cr3t@x.org" } },
      { "https://x.org/index.yaml": "entries: {web: [{version: 1.0.0, urls: ['https://']}]}" },
    ],
    [
      "an archive in an index that nobody can fetch",
      { chart: "web", repository: { url: "https://x.org" } },
      {
        "https://x.org/index.yaml":
          "entries: {web: [{version: 1.0.0, urls: ['ftp://me:s3cr3t@x.org/web.tgz?at=a@b&sig=s3cr3t#s3cr3t']}]}",
      },
    ],
  ])("does not tell a login in the address of %s", async (_, source, pages) => {
    const { deps } = await world(pages);
    const error: unknown = await loadChart(source, deps).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MirrorError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3c/);
  });

  it.each(["s3cr3t", "s3cr3t:", "s3cr3t:x-oauth-basic"])(
    "does not tell a token in the place of a user that is refused: %s",
    async (login) => {
      const { deps } = await world();
      const get: ChartSourceDeps["get"] = () => Promise.resolve({ status: 401, body: Buffer.alloc(0) });
      const repository = { url: `https://${login}@x.org` };
      const error: unknown = await loadChart({ chart: "web", repository }, { ...deps, get }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "CHART_LOGIN_REFUSED" });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
    },
  );

  it("takes a percent sign in a login for one where it starts no escape", async () => {
    const { deps, requests } = await world();
    const repository = { url: "https://me:100%@charts.example.org" };
    await expect(loadChart({ chart: "web", repository }, deps)).rejects.toMatchObject({
      code: "CHART_REPOSITORY_UNREACHABLE",
    });
    expect(requests[0]?.login).toEqual({ username: "me", password: "100%" });
  });

  it("follows an index into a registry", async () => {
    const { deps, pulls } = await world({ [`${URL_}/index.yaml`]: INDEX });
    const loaded = await loadChart({ chart: "web", repository }, deps);
    expect([pulls, loaded.metadata.version]).toEqual([["r.example.org/charts/web 1.2.0"], "1.2.0"]);
  });

  it("takes a URL for an archive", async () => {
    const { deps } = await world({ "https://x.org/web.tgz": await web("1.0.0") });
    expect((await loadChart({ chart: "https://x.org/web.tgz" }, deps)).metadata.name).toBe("web");
  });

  it("reads the user's own certificates for the repository", async () => {
    const folder = await writeFiles({ ca: "CA", cert: "CERT", key: "KEY" });
    const { deps, requests } = await world({
      [`${URL_}/index.yaml`]: INDEX,
      "https://files.example.org/web-1.1.0.tgz": await web("1.1.0"),
    });
    const files = { caFile: join(folder, "ca"), certFile: join(folder, "cert"), keyFile: join(folder, "key") };
    await loadChart({ chart: "web", version: "1.1.0", repository: { url: URL_, ...files } }, deps);
    expect(requests.map(({ tls }) => tls)).toEqual([{ ca: "CA", cert: "CERT", key: "KEY" }, { ca: "CA" }]);
  });

  it.each<[string, Record<string, string | number | Error>, ChartSource, string, RegExp]>([
    [
      "a login refused",
      { [`${URL_}/index.yaml`]: 401 },
      { chart: "web", repository },
      "CHART_LOGIN_REFUSED",
      /charts\.example\.org refused the login of user me \(HTTP 401\)/,
    ],
    [
      "no login given",
      { [`${URL_}/index.yaml`]: 403 },
      { chart: "web", repository: { url: URL_ } },
      "CHART_LOGIN_REFUSED",
      /refused access without a login/,
    ],
    [
      "a server in trouble",
      { [`${URL_}/index.yaml`]: 500 },
      { chart: "web", repository },
      "CHART_REPOSITORY_UNREACHABLE",
      /HTTP 500/,
    ],
    [
      "no server",
      { [`${URL_}/index.yaml`]: new Error("ECONNREFUSED") },
      { chart: "web", repository },
      "CHART_REPOSITORY_UNREACHABLE",
      /ECONNREFUSED/,
    ],
    [
      "a page that is no index",
      { [`${URL_}/index.yaml`]: "<html>" },
      { chart: "web", repository },
      "CHART_REPOSITORY_UNREACHABLE",
      /no index of charts/,
    ],
    [
      "a chart that is not there",
      { [`${URL_}/index.yaml`]: INDEX },
      { chart: "wev", repository },
      "CHART_NOT_FOUND",
      /Did you mean web\?/,
    ],
    [
      "a version that is not there",
      { [`${URL_}/index.yaml`]: INDEX },
      { chart: "web", version: "2", repository },
      "CHART_VERSION_NOT_FOUND",
      /The newest there are 1\.2\.0/,
    ],
    [
      "a version without a URL",
      { [`${URL_}/index.yaml`]: INDEX },
      { chart: "web", version: "0.1.0", repository },
      "CHART_NOT_FOUND",
      /no URL of version 0\.1\.0/,
    ],
  ])("explains %s", async (_, pages, source, code, message) => {
    const { deps } = await world(pages);
    const error: unknown = await loadChart(source, deps).catch((e: unknown) => e);
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain("hunter2");
  });
});

describe("loadChart from Helm's repositories", () => {
  const repositories = `repositories:\n- {name: acme, url: "${URL_}", username: me, password: hunter2}\n- {name: reg, url: "oci://r.example.org/x"}\n`;

  it("fetches with what Helm knows", async () => {
    const { deps, requests } = await world({
      [`${URL_}/index.yaml`]: INDEX,
      [`${URL_}/charts/web-1.0.0.tgz`]: await web("1.0.0"),
    });
    await writeFile(deps.helm.repositories, repositories);
    await loadChart({ chart: "acme/web", version: "1.0.0" }, deps);
    expect(requests.map(({ login }) => login?.password)).toEqual(["hunter2", "hunter2"]);
  });

  it.each([
    ["another host", "https://charts.test/x", "oci://evil.test/charts", undefined],
    ["another port", "https://charts.test/x", "oci://charts.test:5000/charts", undefined],
    ["the repository's own host", "https://charts.test/x", "oci://charts.test/charts", "hunter2"],
    ["the repository's own port", "http://charts.test:5000", "oci://charts.test:5000/charts", "hunter2"],
  ])("gives a registry that an index points to no login, but its own: %s", async (_, url, at, password) => {
    const index = `entries: {web: [{version: 1.0.0, urls: ["${at}/web"]}]}\n`;
    const { deps } = await world({ [`${url}/index.yaml`]: index });
    const got: unknown[] = [];
    const pull: OciCharts["pull"] = async (_repository, _tag, options) => {
      got.push(options.username, options.password);
      return web("1.0.0");
    };
    const repository = { url, username: "me", password: "hunter2" };
    const asked = { ...deps, oci: { ...deps.oci, pull } };
    await loadChart({ chart: "web", version: "1.0.0", repository }, asked);
    expect(got).toEqual([password && "me", password]);
  });

  it("goes by the index that Helm would go by", async () => {
    const { deps, requests } = await world({ [`${URL_}/old.tgz`]: await web("0.9.0") });
    await writeFile(deps.helm.repositories, repositories);
    await mkdir(deps.helm.cache, { recursive: true });
    await writeFile(join(deps.helm.cache, "acme-index.yaml"), "entries: {web: [{version: 0.9.0, urls: [old.tgz]}]}\n");
    expect((await loadChart({ chart: "acme/web" }, deps)).metadata.version).toBe("0.9.0");
    expect(requests).toHaveLength(1);
  });

  it("knows registries by short names, too", async () => {
    const { deps, pulls } = await world();
    await writeFile(deps.helm.repositories, repositories);
    await loadChart({ chart: "reg/web", version: "1.0.0" }, deps);
    expect(pulls).toEqual(["r.example.org/x/web 1.0.0"]);
  });
});

describe("loadChart from a registry", () => {
  const tags = ["1.0.0", "1.1.0_build.1", "2.0.0-rc.1", "latest"];
  it.each<[string, ChartSource, string]>([
    ["a version", { chart: "oci://r.io:5000/charts/web", version: "1.0.0" }, "r.io:5000/charts/web 1.0.0"],
    [
      "a version with a plus",
      { chart: "oci://r.io/charts/web", version: "1.1.0+build.1" },
      "r.io/charts/web 1.1.0_build.1",
    ],
    ["a tag", { chart: "oci://r.io/charts/web:1.0.0" }, "r.io/charts/web 1.0.0"],
    [
      "a digest",
      { chart: `oci://r.io/charts/web@sha256:${"a".repeat(64)}` },
      `r.io/charts/web sha256:${"a".repeat(64)}`,
    ],
    ["the newest", { chart: "oci://r.io/charts/web" }, "r.io/charts/web 1.1.0_build.1"],
    ["a range", { chart: "oci://r.io/charts/web", version: ">=1.0.0-0" }, "r.io/charts/web 2.0.0-rc.1"],
    ["the newest of all", { chart: "oci://r.io/charts/web", devel: true }, "r.io/charts/web 2.0.0-rc.1"],
    [
      "a repository and a name",
      { chart: "web", version: "1.0.0", repository: { url: "oci://r.io/charts/" } },
      "r.io/charts/web 1.0.0",
    ],
  ])("pulls %s", async (_, source, expected) => {
    const { deps, pulls } = await world({}, tags);
    await loadChart(source, deps);
    expect(pulls).toEqual([expected]);
  });

  it("explains that there is no such version", async () => {
    const { deps } = await world({}, tags);
    const loading = loadChart({ chart: "oci://r.io/charts/web", version: "^9" }, deps);
    await expect(loading).rejects.toMatchObject({
      code: "CHART_VERSION_NOT_FOUND",
      newest: ["2.0.0-rc.1", "1.1.0+build.1", "1.0.0"],
    });
  });
});

it("a name that is empty, as of a variable that is not set, is not the folder in which the program runs", async () => {
  const { deps } = await world();
  for (const chart of ["", " "])
    await expect(loadChart({ chart }, deps)).rejects.toMatchObject({
      code: "CHART_NOT_FOUND",
      message: expect.stringContaining("its name is empty") as string,
    });
});
