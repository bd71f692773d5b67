import { existsSync, statSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { load } from "js-yaml";
import type { Helm } from "./helm";

/** Where a chart comes from, as a Release says it. */
export interface ChartLocation {
  readonly chart: string;
  /** Exact or a constraint; empty for the newest. */
  readonly version: string;
  readonly repository: {
    readonly repo: string;
    readonly username: string;
    readonly password: string;
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
  };
  readonly verify: boolean;
  readonly keyring: string;
  readonly dependencyUpdate: boolean;
  /** Fetch from an OCI registry without TLS. */
  readonly plainHttp?: boolean;
}

export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  readonly appVersion?: string;
  readonly type?: string;
  readonly dependencies?: readonly unknown[];
}

/** A chart on the disk, valid and with all of its dependencies. */
export interface LoadedChart {
  readonly path: string;
  readonly metadata: ChartMetadata;
}

/**
 * Finds a chart, downloads it when it is not local, and hands it to `use`; downloads are deleted afterwards.
 *
 * Relative paths are relative to the working directory, which the engine sets to the program's folder.
 */
export async function withChart<T>(
  helm: Helm,
  location: ChartLocation,
  use: (chart: LoadedChart) => Promise<T>,
): Promise<T> {
  const temporary = await mkdtemp(join(tmpdir(), "kubernetes-double-chart-"));
  try {
    const path = await locate(helm, location, temporary);
    const metadata = load(await helm(["show", "chart", path])) as ChartMetadata;
    if (metadata.dependencies !== undefined) await checkDependencies(helm, path, location);
    return await use({ path, metadata });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function locate(helm: Helm, location: ChartLocation, temporary: string): Promise<string> {
  const { chart, url } = chartReference(location);
  if (url === "") {
    const local = localChart(chart);
    if (local !== undefined) {
      if (location.verify) await helm(["verify", local, "--keyring", location.keyring]);
      return local;
    }
    if (isAbsolute(chart) || chart.startsWith(".")) throw new Error(`path ${JSON.stringify(chart)} not found`);
  }
  return download(helm, location, chart, url, temporary);
}

/** A repository that is no URL is the name of one that the user has added; a chart of it is written `NAME/CHART`. */
function chartReference({ chart, repository }: ChartLocation): { chart: string; url: string } {
  const name = chart.trim();
  if (name.startsWith("oci://")) return { chart: name, url: "" };
  if (URL.canParse(repository.repo)) return { chart: name, url: repository.repo };
  return { chart: repository.repo !== "" && !name.includes("/") ? `${repository.repo}/${name}` : name, url: "" };
}

function localChart(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  // A folder that merely has the chart's name is none.
  if (statSync(path).isDirectory() && !existsSync(join(path, "Chart.yaml"))) return undefined;
  return resolve(path);
}

async function download(
  helm: Helm,
  { version, repository, verify, keyring, plainHttp }: ChartLocation,
  chart: string,
  url: string,
  temporary: string,
): Promise<string> {
  const { username, password, caFile, certFile, keyFile } = repository;
  const flag = (name: string, value: string) => (value === "" ? [] : [name, value]);
  const tls = [...flag("--ca-file", caFile), ...flag("--cert-file", certFile), ...flag("--key-file", keyFile)];
  const destination = join(temporary, "chart");
  const pull = [
    ...["pull", "--untar", "--untardir", destination],
    ...flag("--version", version.trim()),
    ...(verify ? ["--verify", "--keyring", keyring] : []),
    ...(plainHttp ? ["--plain-http"] : []),
  ];
  if (username === "" || password === "") {
    await helm([...pull, chart, ...flag("--repo", url), ...tls]);
  } else if (url === "") {
    const config = join(temporary, "registry.json");
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    const auths = { [new URL(chart.replace(/^oci:/, "https:")).host]: { auth } };
    await writeFile(config, JSON.stringify({ auths }), { mode: 0o600 });
    await helm([...pull, chart, ...tls, "--registry-config", config]);
  } else {
    // As `--repo URL --username --password` does, with the password on the standard input.
    const config = ["--repository-config", join(temporary, "repositories.yaml")];
    const cache = ["--repository-cache", join(temporary, "cache")];
    const login = ["--username", username, "--password-stdin"];
    await helm(["repo", "add", "double", url, ...login, ...tls, ...config, ...cache], password);
    await helm([...pull, `double/${chart}`, ...config, ...cache]).catch((error: Error) => {
      if (!error.message.includes("not found in double index")) throw error;
      const wanted = version === "" ? "" : ` version ${JSON.stringify(version)}`;
      throw new Error(`chart ${JSON.stringify(chart)}${wanted} not found in ${url} repository`, { cause: error });
    });
  }
  const [folder = basename(chart)] = await readdir(destination);
  return join(destination, folder);
}

/** Fails when a dependency that Chart.yaml names is not in charts/, or fetches them all where the user asked for it. */
async function checkDependencies(helm: Helm, path: string, location: ChartLocation): Promise<void> {
  const table = await helm(["dependency", "list", path, "--max-col-width", "0"]);
  const missing = table
    .split("\n")
    .map((row) => row.split("\t").map((cell) => cell.trim()))
    .filter((cells) => cells.at(-1) === "missing" || cells.at(-2) === "missing")
    .map(([name = ""]) => name);
  if (missing.length === 0) return;
  if (location.dependencyUpdate) await helm(["dependency", "update", path]);
  else throw new Error(`found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`);
}
