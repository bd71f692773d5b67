import { once } from "node:events";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { loadChart, type ChartSourceDeps, type LoadedChart } from "../../../src/chart/source/source";
import type { HttpGet } from "../../../src/chart/source/httpGet";
import { helmAt } from "../../support/providers/kubernetes/helm/helm";
import { ensureTool } from "../../support/tools";
import { chartArchive, chartYaml, temporaryFolder, writeFiles } from "../chartOnDisk";

const LOGIN = { username: "me", password: "hunter2" };

let server: Server;
let url: string;
let helmFolder: string;
/** The requests with a login, and those without one. */
const logins: boolean[] = [];

beforeAll(async () => {
  const files = new Map<string, Buffer>();
  const entries: string[] = [];
  for (const [name, version] of [
    ["db", "1.0.0"],
    ["db", "1.1.0"],
    ["db", "2.0.0-rc.1"],
    ["cache", "3.0.0"],
  ] as const) {
    const archive = await chartArchive(name, { "Chart.yaml": chartYaml(name, version), "templates/a.yaml": "a: 1\n" });
    files.set(`/${name}-${version}.tgz`, archive);
    entries.push(`  - {name: ${name}, version: ${version}, urls: [${name}-${version}.tgz], apiVersion: v2}`);
  }
  files.set("/hostile-1.0.0.tgz", await chartArchive("hostile", { "Chart.yaml": chartYaml("../../hostile") }));
  const index = (name: string): string =>
    `  ${name}:\n${entries.filter((entry) => entry.includes(`: ${name},`)).join("\n")}`;
  const hostile = "  hostile:\n  - {name: hostile, version: 1.0.0, urls: [hostile-1.0.0.tgz]}";
  files.set("/index.yaml", Buffer.from(`apiVersion: v1\nentries:\n${index("db")}\n${index("cache")}\n${hostile}\n`));
  server = createServer((request, response) => {
    const { authorization } = request.headers;
    const path = (request.url ?? "").replace("/private", "");
    logins.push(authorization !== undefined);
    const wanted = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64")}`;
    if (request.url?.startsWith("/private") && authorization !== wanted) response.writeHead(401).end();
    else if (files.has(path)) response.end(files.get(path));
    else response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  helmFolder = await temporaryFolder();
  await writeFile(
    join(helmFolder, "repositories.yaml"),
    `apiVersion: v1\nrepositories:\n- {name: mine, url: "${url}/private", username: me, password: hunter2}\n`,
  );
}, 900_000);
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get: HttpGet = async ({ url: address, login }) => {
  const headers = login && {
    authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`,
  };
  const answer = await fetch(address, { headers: headers ?? {} });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
};
const deps = (): ChartSourceDeps => ({
  get,
  helm: { repositories: join(helmFolder, "repositories.yaml"), cache: join(helmFolder, "cache") },
  oci: {
    tags: () => Promise.resolve(["0.9.0", "1.0.0"]),
    pull: (repository, tag) =>
      chartArchive("queue", { "Chart.yaml": chartYaml("queue", tag), "from.txt": `${repository} ${tag}` }),
  },
});

/** A chart with these dependencies, beside another one. */
async function chart(dependencies: string, more: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
  const of = (text: string): string => `dependencies:\n${text.replaceAll("URL", url)}\n`;
  const folder = await writeFiles({
    "shop/Chart.yaml": chartYaml("shop", "1.0.0", of(dependencies)),
    "beside/Chart.yaml": chartYaml("beside", "4.0.0"),
    "beside/templates/b.yaml": "b: 1\n",
    ...Object.fromEntries(Object.entries(more).map(([path, content]) => [`shop/${path}`, content])),
  });
  return join(folder, "shop");
}

const DB = `- {name: db, version: ^1.0.0, repository: "URL"}`;
const chartsIn = async (folder: string): Promise<string[]> => (await readdir(join(folder, "charts"))).sort();

async function updated(folder: string): Promise<LoadedChart> {
  const loaded = await loadChart({ chart: folder, dependencyUpdate: true }, deps());
  expect(loaded).toMatchObject({ local: true });
  return loaded;
}

const old = (version: string): Promise<Buffer> => chartArchive("old", { "Chart.yaml": chartYaml("old", version) });

describe("dependencyUpdate", () => {
  const fetched: [string, string, Readonly<Record<string, string>>?][] = [
    ["the newest version that fits", DB],
    ["the very version that is named", `- {name: db, version: 1.0.0, repository: "URL/"}`],
    ["one chart under two names", `${DB}\n- {name: db, version: ^1.0.0, repository: "URL", alias: second}`],
    ["two versions of one chart", `${DB}\n- {name: db, version: 1.0.0, repository: "URL", alias: second}`],
    ["a chart beside it", `- {name: beside, version: ">=4", repository: "file://../beside"}`],
    ["a repository with the login that Helm knows", `- {name: cache, version: 3.x, repository: "URL/private"}`],
    ["a repository by Helm's name for it", `- {name: cache, version: 3.x, repository: "@mine"}`],
    ["a repository by Helm's other name for it", `- {name: cache, version: 3.x, repository: "alias:mine"}`],
    [
      "what lies in charts/ without a repository, whatever the lock file says",
      `${DB}\n- {name: own, version: 1.0.0}`,
      {
        "charts/own/Chart.yaml": chartYaml("own"),
        "charts/_notes.txt": "kept",
        "Chart.lock": "dependencies:\n- {name: db, version: 1.0.0}\n",
      },
    ],
  ];
  it.each(fetched.map(([what, dependencies, more = {}]) => [what, dependencies, more] as const))(
    "fetches what helm fetches: %s",
    async (_, dependencies, more) => {
      const folder = await chart(dependencies, { ...more, "charts/old-1.0.0.tgz": await old("1.0.0") });
      const before = await chartsIn(folder);
      const loaded = await updated(folder);
      const byHelm = join(await temporaryFolder(), "shop");
      await cp(join(folder, ".."), join(byHelm, ".."), { recursive: true });
      const env = {
        HOME: helmFolder,
        HELM_REPOSITORY_CONFIG: join(helmFolder, "repositories.yaml"),
        HELM_CACHE_HOME: helmFolder,
      };
      await helmAt(await ensureTool("helm"), env)(["dependency", "update", byHelm]);
      expect(await chartsIn(loaded.folder)).toEqual(await chartsIn(byHelm));
      // The user's folder stays as it is.
      expect(await chartsIn(folder)).toEqual(before);
      await loaded.remove?.();
      await expect(readdir(loaded.folder)).rejects.toMatchObject({ code: "ENOENT" });
    },
  );

  it("fetches from registries, and says what the lock file names otherwise", async () => {
    const folder = await chart(
      `${DB}\n- {name: queue, version: ">=0.1.0", repository: "oci://r.test/charts"}\n- {name: queue, version: 0.9.0, repository: "oci://r.test/charts", alias: q}`,
      { "Chart.lock": `dependencies:\n- {name: db, version: 1.0.0}\n- {name: queue, version: 1.0.0}\n` },
    );
    const { folder: copy, dependencies, remove } = await updated(folder);
    expect(await chartsIn(copy)).toEqual(["db-1.1.0.tgz", "queue-0.9.0.tgz", "queue-1.0.0.tgz"]);
    expect(dependencies?.[0]).toEqual({ name: "db", version: "1.1.0", locked: "1.0.0" });
    expect(dependencies?.[1]).toEqual({ name: "queue", version: "1.0.0" });
    await remove?.();
  });

  it("takes what is there while nothing is missing", async () => {
    const there = await chartArchive("db", { "Chart.yaml": chartYaml("db", "0.1.0") });
    const folder = await chart(DB, { "charts/db-0.1.0.tgz": there });
    const loaded = await updated(folder);
    expect(loaded.folder).toBe(folder);
    expect(loaded.remove).toBeUndefined();
  });

  it("gives a login to nobody but the repository that it is for", async () => {
    logins.splice(0);
    await (await updated(await chart(DB))).remove?.();
    expect(logins).not.toContain(true);
  });

  it.each([
    ["a name that is a URL", "https://evil.test/x.tgz", "URL/private"],
    ["a name that is a reference", "oci://evil.test/x", "URL/private"],
    ["a name that is a reference, of a repository by its name", "oci://evil.test/x", "@mine"],
    ["a name that leads elsewhere in a registry", "../other/x", "oci://r.test/charts"],
    ["a repository whose name is a URL", "x", "@https://evil.test"],
    ["a repository whose name is a reference", "x", "alias:oci://evil.test"],
  ])("asks nobody for %s", async (_, name, repository) => {
    const asked: string[] = [];
    const world = deps();
    const ask = (address: string): Promise<never> => {
      asked.push(address);
      return Promise.reject(new Error("asked"));
    };
    const folder = await chart(`- {name: "${name}", version: 1.0.0, repository: "${repository}"}`);
    const loading = loadChart(
      { chart: folder, dependencyUpdate: true },
      { ...world, get: ({ url: address }) => ask(address), oci: { tags: ask, pull: ask } },
    );
    await expect(loading).rejects.toMatchObject({ code: "UNSAFE_NAME" });
    expect(asked).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["a version that is not there", `- {name: db, version: ^9, repository: "URL"}`, "CHART_VERSION_NOT_FOUND"],
    [
      "a chart beside it in another version",
      `- {name: beside, version: ^5, repository: "file://../beside"}`,
      "CHART_VERSION_NOT_FOUND",
    ],
    ["no chart beside it", `- {name: gone, version: "*", repository: "file://../gone"}`, "NOT_A_CHART"],
    ["no repository, and nothing in charts/", `- {name: own, version: 1.0.0}`, "MISSING_DEPENDENCIES"],
    ["a repository that Helm does not know", `- {name: db, version: "*", repository: "@gone"}`, "CHART_NOT_FOUND"],
    ["another protocol", `- {name: db, version: "*", repository: "s3://bucket"}`, "CHART_REPOSITORY_UNREACHABLE"],
    ["a login that is refused", `- {name: db, version: "*", repository: "URL/private/x/.."}`, "CHART_LOGIN_REFUSED"],
    ["a chart that calls itself a path", `- {name: hostile, version: "*", repository: "URL"}`, "UNSAFE_NAME"],
    [
      "another chart than was asked for",
      `- {name: other, version: "*", repository: "file://../beside"}`,
      "MISSING_DEPENDENCIES",
    ],
  ])("fails for %s", async (_, dependency, code) => {
    const folder = await chart(dependency);
    await expect(loadChart({ chart: folder, dependencyUpdate: true }, deps())).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual(["Chart.yaml"]);
  });

  it("fetches nothing unless it is asked to", async () => {
    await expect(loadChart({ chart: await chart(DB) }, deps())).rejects.toMatchObject({ code: "MISSING_DEPENDENCIES" });
  });

  it("packs a chart beside it to the same bytes on every machine", async () => {
    const beside = `- {name: beside, version: "*", repository: "file://../beside"}`;
    const one = await updated(await chart(beside));
    const other = await updated(await chart(beside));
    const bytes = ({ folder }: LoadedChart): Promise<Buffer> => readFile(join(folder, "charts/beside-4.0.0.tgz"));
    expect(await bytes(one)).toEqual(await bytes(other));
    await one.remove?.();
    await other.remove?.();
  });
});
