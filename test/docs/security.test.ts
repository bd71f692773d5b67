import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHART_LIMITS } from "../../src/chart/content/chartLimits";
import { MAX_JSON_NODES } from "../../src/json";
import { MAX_YAML_DEPTH, MAX_YAML_NODES } from "../../src/chart/content/yamlBudget";
import { MAX_RENDERED_NODES } from "../../src/chart/render/kubernetesManifest";
import { MAX_INDEX } from "../../src/chart/source/chartRepository";
import { DOWNLOAD_TIMEOUT, MAX_DOWNLOAD } from "../../src/chart/source/httpGet";
import { MAX_ARTIFACT_BYTES } from "../../src/oci/manifest/artifact";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");
const MIB = 1024 * 1024;
const number = (value: number): string => value.toLocaleString("en-US");

/** The row of a table that begins so, its columns with one space around. */
function row(start: string): string {
  const line = page.split("\n").find((text) => text.startsWith(`| ${start}`));
  return (line ?? "").replace(/ +/g, " ");
}

describe("docs/security.md", () => {
  it.each([
    ["a chart with its sub-charts", CHART_LIMITS.unpacked / MIB, "MiB,"],
    ["a chart with its sub-charts", CHART_LIMITS.file / MIB, "MiB;"],
    ["a chart with its sub-charts", CHART_LIMITS.entries, "files"],
    ["its sub-charts", CHART_LIMITS.subcharts, ""],
    ["its sub-charts", CHART_LIMITS.depth, "deep"],
    ["its sub-charts", CHART_LIMITS.dependencies, "dependencies"],
    ["its sub-charts", CHART_LIMITS.dependencyText, "characters"],
    ["its `.helmignore`", CHART_LIMITS.ignoreFile / 1024, "KiB"],
    ["its values", CHART_LIMITS.yaml, "with"],
    ["a text of JSON", MAX_JSON_NODES, "maps"],
    ["an index of a chart repository", MAX_JSON_NODES, "maps"],
    ["its values", CHART_LIMITS.values, "maps"],
    ["one YAML text", MAX_YAML_NODES, "maps"],
    ["one YAML text", MAX_YAML_DEPTH, "deep"],
    ["a render", MAX_RENDERED_NODES, "maps"],
    ["a download", MAX_DOWNLOAD / MIB, "MiB (an index"],
    ["a download", MAX_INDEX / MIB, "MiB)"],
    ["a download", DOWNLOAD_TIMEOUT / 60, "minutes"],
    ["a chart from an OCI registry", MAX_ARTIFACT_BYTES / MIB, "MiB"],
  ])("has the limit that the code has: %s, %d %s", (start, limit, unit) => {
    expect(row(start)).toContain(` ${number(limit)}${unit && ` ${unit}`}`.trimEnd());
  });

  it("gives a reason for each dependency, and none has an install script", () => {
    const { dependencies, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      scripts: Record<string, string>;
    };
    const section = page.slice(page.indexOf("## What the package brings"), page.indexOf("## Reporting"));
    expect([...section.matchAll(/`([^`]+)`(?=[^|]*\|[^|]+\|)/g)].map(([, name]) => name).sort()).toEqual(
      Object.keys(dependencies).sort(),
    );
    expect(["preinstall", "install", "postinstall", "prepare"].filter((name) => name in scripts)).toEqual([]);
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { dev?: boolean; peer?: boolean; hasInstallScript?: boolean }>;
    };
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripted.filter(([, { dev, peer }]) => !dev && !peer).map(([name]) => name)).toEqual([]);
  });
});
