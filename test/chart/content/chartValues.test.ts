import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readChart } from "../../../src/chart/content/chartFiles";
import { coalescedValues, enabledChart, settableValues } from "../../../src/chart/content/chartValues";
import { parseHelmYaml } from "../../../src/chart/content/helmYaml";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import type { JsonObject } from "../../../src/json";
import { ensureTool } from "../../support/tools";
import { chartArchive, chartYaml, writeFiles } from "../chartOnDisk";

const DUMP = "kind: ConfigMap\nmetadata: {name: dump}\ndata:\n  values: {{ toJson .Values | quote }}\n";

async function shop(): Promise<string> {
  const cache = await chartArchive("cache", {
    "Chart.yaml": chartYaml("cache", "2.1.0"),
    "values.yaml":
      "global: {region: eu, hub: {host: docker.io, secure: true}}\nimage: {repository: redis, tag: '7'}\nsize: 1\nempty: null\nexports: {data: {fromCache: yes, port: 1}}\nmetrics: {port: 9121}\n",
  });
  return writeFiles({
    "Chart.yaml": chartYaml(
      "shop",
      "1.0.0",
      [
        "dependencies:",
        "- {name: cache, version: 2.x, alias: hot, condition: 'hot.on,cold.on'}",
        "- {name: cache, version: ^2.0.0, tags: [caches]}",
        "- {name: db, version: 9.x, condition: db.enabled}",
        "- name: imports",
        "  version: 1.x",
        "  import-values: [data, {child: inner, parent: imported.here}]",
        "",
      ].join("\n"),
    ),
    "values.yaml":
      "global: {zone: a, hub: {host: quay.io}}\nimage: {registry: quay.io, repository: shop/web}\nport: 80\nhot: {size: 5, image: {tag: '6'}}\ndb: {enabled: false}\n",
    "templates/dump.yaml": DUMP,
    "charts/cache-2.1.0.tgz": cache,
    "charts/db/Chart.yaml": chartYaml("db", "1.0.0"),
    "charts/db/values.yaml": "image: postgres\n",
    "charts/imports/Chart.yaml": chartYaml("imports", "1.0.0"),
    "charts/imports/values.yaml": "exports: {data: {port: 8080, fromImports: 1}}\ninner: {a: 1, b: null}\n",
    "charts/free/Chart.yaml": chartYaml("free"),
    "charts/free/values.yaml": "a: {b: 1, c: 2}\nglobal: {own: 1}\n",
    "charts/free/charts/deep/Chart.yaml": chartYaml("deep"),
    "charts/free/charts/deep/values.yaml": "image: {tag: x}\n",
  });
}

describe("coalescedValues", () => {
  let helm: string;
  let folder: string;
  beforeAll(async () => {
    helm = await ensureTool("helm", () => undefined);
    folder = await shop();
  }, 900_000);

  it.each<[string, JsonObject]>([
    ["nothing", {}],
    ["a value of a map", { image: { repository: "other" } }],
    ["a null for a value", { port: null, image: { registry: null } }],
    ["a null for nothing", { nothing: null, image: { nothing: null } }],
    ["a null for a sub-chart's value", { hot: { image: { tag: null }, size: null }, free: { a: null } }],
    ["a null for a deep value", { free: { deep: { image: { tag: null } } } }],
    ["globals", { global: { hub: { host: "mirror", path: "x" }, own: 2 } }],
    ["a global of a sub-chart alone", { hot: { global: { region: "us", hub: { secure: false } } } }],
    ["a global that is no map for one that is", { global: { hub: "mirror" } }],
    ["a scalar for a map", { image: "nginx" }],
    ["a map for a scalar", { port: { http: 80 } }],
    ["a list", { hot: { image: { tags: [1, { a: null }] } } }],
    ["a sub-chart switched off", { hot: { on: false }, db: { enabled: false } }],
    ["the second condition", { cold: { on: false } }],
    ["a condition that is no boolean", { hot: { on: "false" } }],
    ["a tag off", { tags: { caches: false } }],
    ["a chart of another version than is asked for", { db: { enabled: true } }],
    ["an imported value set", { fromImports: 7, imported: { here: { a: 9 } } }],
    ["an import's source set", { imports: { inner: { a: 5 } } }],
  ])("equals what templates see with %s", async (_, user) => {
    const running = promisify(execFile)(helm, ["template", "r", folder, "--values=-"]);
    running.child.stdin?.end(JSON.stringify(user));
    const [dump] = parseManifests((await running).stdout);
    const seen = parseHelmYaml((dump?.object.data as JsonObject).values as string);
    expect(coalescedValues(enabledChart(await readChart(folder), user), user)).toEqual(seen);
  });

  it("changes none of its arguments", async () => {
    const chart = await readChart(folder);
    const before = structuredClone(chart);
    const user = { hot: { image: { tag: null } }, global: { hub: { host: "m" } } };
    settableValues(enabledChart(chart, user), user);
    expect(chart).toEqual(before);
    expect(user).toEqual({ hot: { image: { tag: null } }, global: { hub: { host: "m" } } });
  });
});

describe("settableValues", () => {
  it("lifts the globals of sub-charts to where a user sets them", async () => {
    const chart = enabledChart(await readChart(await shop()), {});
    const values = settableValues(chart, {});
    expect(values.global).toEqual({ zone: "a", hub: { host: "quay.io", secure: true }, region: "eu", own: 1 });
    expect(JSON.stringify({ ...values, global: 0 })).not.toContain('"global":{');
  });
});

describe("values that are imported", () => {
  const importing = (imports: string, values: string) =>
    writeFiles({
      "Chart.yaml": chartYaml(
        "shop",
        "1.0.0",
        `dependencies:\n- {name: sub, version: "*", import-values: [${imports}]}\n`,
      ),
      "charts/sub/Chart.yaml": chartYaml("sub"),
      "charts/sub/values.yaml": values,
    });

  it.each([
    ["often", "data,".repeat(1000), `exports: {data: {a: [${"1,".repeat(10_000)}]}}\n`, "more than 1000000 maps"],
    ["deep", `{child: x, parent: ${"a.".repeat(10_000)}a},`.repeat(2), "x: {y: 1}\n", "nests deeper than 100"],
  ])("end where they come %s", async (_, imports, values, reason) => {
    const chart = await readChart(await importing(imports, values));
    expect(() => enabledChart(chart, {})).toThrow(expect.objectContaining({ code: "CHART_TOO_LARGE" }) as Error);
    expect(() => enabledChart(chart, {})).toThrow(reason);
  });
});
