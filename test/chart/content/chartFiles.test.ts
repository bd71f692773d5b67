import { symlink } from "node:fs/promises";
import { join } from "node:path";
import {
  MissingDependenciesError,
  NotAChartError,
  readChart,
  templateTexts,
} from "../../../src/chart/content/chartFiles";
import type { Chart } from "../../../src/chart/content/chart";
import { CHART_LIMITS } from "../../../src/chart/content/chartLimits";
import { chartArchive, chartYaml, writeFiles } from "../chartOnDisk";

const shape = (chart: Chart): unknown => ({
  name: chart.metadata.name,
  at: chart.valuesPath.join("."),
  ...(chart.subcharts.length > 0 && { subcharts: chart.subcharts.map(shape) }),
});

describe("readChart", () => {
  it("reads metadata, values, schema and text files", async () => {
    const folder = await writeFiles({
      "Chart.yaml": chartYaml("shop", "1.10.0", "appVersion: 3.5\ntype: application\nkubeVersion: '>=1.25'\n"),
      "values.yaml": "image:\n  tag: 0777\n",
      "values.schema.json": '{"type": "object"}',
      "templates/x.yaml": "\uFEFFkind: Pod\n",
      "icon.png": Buffer.from([137, 80, 0, 1]),
    });
    const chart = await readChart(folder);
    expect(chart.metadata).toEqual({
      apiVersion: "v2",
      name: "shop",
      version: "1.10.0",
      appVersion: "3.5",
      type: "application",
      kubeVersion: ">=1.25",
      dependencies: [],
    });
    expect(chart.values).toEqual({ image: { tag: 511 } });
    expect(chart.schema).toEqual({ type: "object" });
    expect(chart.files.map(({ path }) => path)).toEqual([
      "Chart.yaml",
      "templates/x.yaml",
      "values.schema.json",
      "values.yaml",
    ]);
    expect(chart.files.find(({ path }) => path === "templates/x.yaml")?.text).toBe("kind: Pod\n");
  });

  it("reads sub-charts from folders and archives, under their aliases, and nested ones", async () => {
    const redis = await chartArchive("redis", {
      "Chart.yaml": chartYaml("redis", "2.1.0"),
      "templates/r.yaml": "{{ .Values.image }}",
    });
    const folder = await writeFiles({
      "Chart.yaml": chartYaml(
        "shop",
        "1.0.0",
        "dependencies:\n- {name: redis, version: 2.x, alias: cache}\n- {name: redis, version: ^2, alias: queue}\n- {name: db, version: '*'}\n",
      ),
      "charts/redis-2.1.0.tgz": redis,
      "charts/db/Chart.yaml": chartYaml("db"),
      "charts/db/charts/exporter/Chart.yaml": chartYaml("exporter"),
      "charts/extra/Chart.yaml": chartYaml("extra"),
      "charts/_ignored/Chart.yaml": chartYaml("ignored"),
      "charts/README.md": "not a chart",
    });
    const chart = await readChart(folder);
    expect(shape(chart)).toEqual({
      name: "shop",
      at: "",
      subcharts: [
        { name: "extra", at: "extra" },
        { name: "redis", at: "cache" },
        { name: "redis", at: "queue" },
        { name: "db", at: "db", subcharts: [{ name: "exporter", at: "db.exporter" }] },
      ],
    });
    expect(chart.subcharts[1]?.files.map(({ location }) => location)).toContain(
      "charts/redis-2.1.0.tgz/redis/templates/r.yaml",
    );
    expect(templateTexts(chart)).toContainEqual({ scope: ["queue"], text: "{{ .Values.image }}" });
  });

  it("takes the dependencies of old charts from requirements.yaml", async () => {
    const folder = await writeFiles({
      "Chart.yaml": "name: shop\nversion: 1.0.0\n",
      "requirements.yaml":
        "dependencies:\n- name: db\n  version: 1.x\n  condition: db.on\n  tags: [a]\n  import-values: [data, {child: c, parent: p}]\n",
      "charts/db/Chart.yaml": chartYaml("db"),
    });
    const { metadata, subcharts } = await readChart(folder);
    expect(metadata.apiVersion).toBe("v1");
    expect(subcharts[0]?.dependency).toEqual({
      name: "db",
      version: "1.x",
      condition: "db.on",
      tags: ["a"],
      importValues: [
        { child: "exports.data", parent: "." },
        { child: "c", parent: "p" },
      ],
    });
  });

  it("leaves out what .helmignore names, and follows links", async () => {
    const folder = await writeFiles({
      "Chart.yaml": chartYaml("shop"),
      ".helmignore": "docs/\n",
      "docs/x.md": "x",
      "shared.tpl": "{{ .Values.a }}",
    });
    await symlink(join(folder, "shared.tpl"), join(folder, "linked.tpl"));
    await symlink(join(folder, "nowhere"), join(folder, "dangling"));
    const { files } = await readChart(folder);
    expect(files.map(({ path }) => path)).toEqual([".helmignore", "Chart.yaml", "linked.tpl", "shared.tpl"]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ["no Chart.yaml", { "values.yaml": "" }, /it has no Chart\.yaml/],
    ["a Chart.yaml without a name", { "Chart.yaml": "version: 1.0.0" }, /it has no name/],
    ["a Chart.yaml without a version", { "Chart.yaml": "name: a" }, /it has no version/],
    [
      "values that are no YAML",
      { "Chart.yaml": chartYaml("a"), "values.yaml": "a: [" },
      /values\.yaml is no valid YAML/,
    ],
    ["values that are a list", { "Chart.yaml": chartYaml("a"), "values.yaml": "- a" }, /values\.yaml holds no map/],
    [
      "a packed sub-chart that is none",
      { "Chart.yaml": chartYaml("a"), "charts/x.tgz": "not gzipped" },
      /charts\/x\.tgz cannot be unpacked/,
    ],
  ])("refuses %s", async (_, files, message) => {
    const reading = readChart(await writeFiles(files));
    await expect(reading).rejects.toThrow(NotAChartError);
    await expect(reading).rejects.toThrow(message);
  });

  it("refuses a folder in charts/ that has the name of an archive", async () => {
    const folder = await writeFiles({ "Chart.yaml": chartYaml("a"), "charts/x.tgz/Chart.yaml": chartYaml("x") });
    await expect(readChart(folder)).rejects.toThrow("charts/x.tgz is a folder, but Helm takes what ends in .tgz");
  });

  it("refuses a folder that is not there", async () => {
    await expect(readChart("/nonexistent/chart")).rejects.toThrow("there is no such folder");
  });

  it("says which dependencies are missing and how to get them", async () => {
    const folder = await writeFiles({
      "Chart.yaml": chartYaml(
        "shop",
        "1.0.0",
        "dependencies:\n- {name: redis, version: 1.x}\n- {name: db, version: 1.x}\n",
      ),
      "charts/db/Chart.yaml": chartYaml("db", "1.0.0", "dependencies:\n- {name: deeper, version: 1.x}\n"),
    });
    const reading = readChart(folder);
    await expect(reading).rejects.toThrow(MissingDependenciesError);
    await expect(reading).rejects.toMatchObject({
      dependencies: ["redis"],
      remedy: `Run: helm dependency build ${folder}`,
    });
  });
});

describe("a chart's limits", () => {
  const tooLarge = async (files: Record<string, string | Buffer>, message: RegExp): Promise<void> => {
    const reading = readChart(await writeFiles(files));
    await expect(reading).rejects.toMatchObject({ code: "CHART_TOO_LARGE" });
    await expect(reading).rejects.toThrow(message);
  };
  const aliases = (name: string, count: number): string =>
    `dependencies:\n${Array.from({ length: count }, (_, i) => `- {name: ${name}, version: '*', alias: a${i}}\n`).join("")}`;

  it("end archives within archives", async () => {
    let inner = await chartArchive("deep", { "Chart.yaml": chartYaml("deep") });
    for (let i = 0; i < CHART_LIMITS.depth; i++)
      inner = await chartArchive("deep", { "Chart.yaml": chartYaml("deep"), "charts/deep.tgz": inner });
    await tooLarge({ "Chart.yaml": chartYaml("a"), "charts/deep.tgz": inner }, /lies deeper than 16 charts/);
  });

  it("count what archives in archives unpack to together", async () => {
    const zeros = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`f${i}`, Buffer.alloc(4_500_000)]));
    const packed = await chartArchive("z", { "Chart.yaml": chartYaml("z"), ...zeros });
    const six = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`charts/z${i}.tgz`, packed]));
    await tooLarge({ "Chart.yaml": chartYaml("a"), ...six }, /unpacks to more than 104857600 bytes/);
  });

  it("count aliases of aliases", async () => {
    const chain = Object.fromEntries(
      [1, 2, 3, 4].map((i) => [
        `${"charts/x/".repeat(i)}Chart.yaml`,
        chartYaml("x", "1.0.0", i < 4 ? aliases("x", 30) : ""),
      ]),
    );
    await tooLarge({ "Chart.yaml": chartYaml("a", "1.0.0", aliases("x", 30)), ...chain }, /more than 1000 sub-charts/);
  });

  it("count the values of a sub-chart as often as dependencies name it", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join("");
    const files = { "charts/x/Chart.yaml": chartYaml("x"), "charts/x/values.yaml": lines };
    const root = (count: number): string => chartYaml("a", "1.0.0", aliases("x", count));
    await expect(readChart(await writeFiles({ "Chart.yaml": root(20), ...files }))).resolves.toBeDefined();
    await tooLarge({ "Chart.yaml": root(30), ...files }, /its values are more than 1000000 maps, lists and scalars/);
  });

  it("count dependencies", async () => {
    await tooLarge({ "Chart.yaml": chartYaml("a", "1.0.0", aliases("x", 1001)) }, /names more than 1000 dependencies/);
  });

  const dependencies = (more: string, count = 1): string =>
    `dependencies:\n${Array.from({ length: count }, (_, i) => `- {name: x, version: '*', alias: a${i}, ${more}}\n`).join("")}`;
  const TEXT = /dependencies \(names, versions, conditions, tags, import-values\) have more than 200000 characters/;
  it.each([
    ["a condition", `condition: '${"a.b,".repeat(60_000)}'`],
    ["a version", `version: '${">1 || ".repeat(40_000)}*'`],
    ["tags", `tags: [${"a,".repeat(120_000)}]`],
    ["import-values", `import-values: [${"a,".repeat(40_000)}]`],
    ["a path to import to", `import-values: [{child: a, parent: ${"a.".repeat(120_000)}a}]`],
  ])("count the text of dependencies: %s", async (_, more) => {
    await tooLarge({ "Chart.yaml": chartYaml("a", "1.0.0", dependencies(more)) }, TEXT);
  });

  it("count the text of dependencies as often as it is named", async () => {
    const alias = `condition: *c`;
    const named = dependencies(`condition: &c '${"a,".repeat(1000)}'`).replace(/\n$/, `\n${dependencies(alias, 120)}`);
    const once = named.replace(/\ndependencies:\n/, "\n");
    await tooLarge({ "Chart.yaml": chartYaml("a", "1.0.0", once) }, TEXT);
    const inner = chartYaml("x", "1.0.0", dependencies(`condition: '${"a,".repeat(10_000)}'`));
    const files = { "charts/x/Chart.yaml": inner, "charts/x/charts/x/Chart.yaml": chartYaml("x") };
    await tooLarge({ "Chart.yaml": chartYaml("a", "1.0.0", aliases("x", 20)), ...files }, TEXT);
  });

  it.each(["values.yaml", "values.schema.json"])("count %s of all sub-charts before more are read", async (name) => {
    const lists = `{"a": [${"[],".repeat(400_000)}[]]}`;
    const files = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [
        [`charts/x${i}/Chart.yaml`, i < 7 ? chartYaml(`x${i}`) : "never read: ["],
        [`charts/x${i}/${name}`, i < 7 ? lists : "a: ["],
      ]).flat(),
    ) as Record<string, string>;
    await tooLarge(
      { "Chart.yaml": chartYaml("a"), ...files },
      /metadata, values and schemas are more than 2000000 maps/,
    );
  });

  it.each(["Chart.yaml", "values.yaml", "values.schema.json", "requirements.yaml"])("are those of %s", async (name) => {
    const laughs = ["a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]"];
    for (const [i, key] of [..."bcdefghij"].entries()) {
      const before = "abcdefghij"[i] as string;
      laughs.push(`${key}: &${key} [${Array(9).fill(`*${before}`).join(", ")}]`);
    }
    const files = {
      "Chart.yaml": chartYaml("a"),
      [name]: `${name === "Chart.yaml" ? chartYaml("a") : ""}${laughs.join("\n")}\n`,
    };
    await tooLarge(files, new RegExp(`${name}: it has more than 1000000 maps, lists and scalars`));
  });

  // What looked at each sub-chart for each file took longer than the test may.
  it("let thousands of files and sub-charts be read", async () => {
    const many: Record<string, string> = { "Chart.yaml": chartYaml("a") };
    for (let i = 0; i < 900; i++) {
      many[`charts/s${i}/Chart.yaml`] = chartYaml(`s${i}`);
      for (let k = 0; k < 8; k++) many[`charts/s${i}/templates/${k}.yaml`] = "a: b\n";
    }
    const folder = await writeFiles(many);
    expect((await readChart(folder)).subcharts).toHaveLength(900);
  }, 60_000);
});
