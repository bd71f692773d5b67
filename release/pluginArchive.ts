/**
 * Makes the archive that `pulumi plugin install resource chart-mirror VERSION` takes, with all that the plugin runs on:
 *
 *     npm run plugin:archive -- FOLDER
 *
 * It holds the package as npm publishes it and, as `npm ci` has installed and verified them here, its dependencies and the
 * SDKs that it works with. Nothing in it is of one platform, so the archives of all platforms are the same.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { create } from "tar";

const checkout = resolve(__dirname, "..");

/** The platforms that Pulumi asks archives for. */
const PLATFORMS = ["darwin-amd64", "darwin-arm64", "linux-amd64", "linux-arm64"];

const EXECUTABLE = `#!/usr/bin/env node
"use strict";
require("./node_modules/pulumi-chart-mirror/plugin/pulumi-resource-chart-mirror");
`;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** Writes the archives into a folder, and answers their paths. */
export async function pluginArchives(folder: string, platforms: readonly string[] = PLATFORMS): Promise<string[]> {
  const { version } = manifestOf(checkout);
  const stage = mkdtempSync(join(tmpdir(), "plugin-archive-"));
  try {
    layOut(stage);
    mkdirSync(folder, { recursive: true });
    const archives = platforms.map((platform) =>
      join(folder, `pulumi-resource-chart-mirror-v${version}-${platform}.tar.gz`),
    );
    const [first = "", ...others] = archives;
    await create({ file: first, cwd: stage, gzip: true, portable: true }, readdirSync(stage).sort());
    for (const other of others) cpSync(first, other);
    return archives;
  } finally {
    rmSync(stage, { recursive: true });
  }
}

function layOut(stage: string): void {
  const own = join(stage, "node_modules/pulumi-chart-mirror");
  const pack = ["pack", "--json", "--ignore-scripts", "--dry-run"];
  const [{ files }] = JSON.parse(execFileSync("npm", pack, { cwd: checkout, encoding: "utf8" })) as [
    { files: { path: string }[] },
  ];
  for (const { path } of files)
    if (/^(?:dist|plugin)\/|^package\.json$|^LICENSE$/.test(path) && runs(path))
      cpSync(join(checkout, path), join(own, path));
  for (const needed of neededPackages()) copyPackage(needed, join(stage, relative(checkout, needed)));
  writeFileSync(join(stage, "pulumi-resource-chart-mirror"), EXECUTABLE, { mode: 0o755 });
}

/** Types and source maps, which nothing reads that runs, are most of the SDKs. */
const runs = (path: string): boolean => !/\.(?:[cm]?ts|map)$/.test(path);

/** The folders of all packages that the plugin may load. */
function neededPackages(): Set<string> {
  const found = new Set<string>();
  const add = (from: string, names: Readonly<Record<string, string>> = {}, optional = false): void => {
    for (const name of Object.keys(names)) {
      const folder = findPackage(from, name);
      if (!folder && !optional) throw new Error(`${name}, which ${from} needs, is not installed. Run: npm ci`);
      if (!folder || found.has(folder)) continue;
      found.add(folder);
      const { dependencies, optionalDependencies } = manifestOf(folder);
      add(folder, dependencies);
      add(folder, optionalDependencies, true);
    }
  };
  const { dependencies, peerDependencies } = manifestOf(checkout);
  add(checkout, dependencies);
  add(checkout, peerDependencies);
  return found;
}

/** Where Node.js finds a package from another one's folder. */
function findPackage(from: string, name: string): string | undefined {
  const folder = join(from, "node_modules", name);
  if (existsSync(join(folder, "package.json"))) return folder;
  return from === checkout ? undefined : findPackage(dirname(from), name);
}

/** Without the packages inside it, which are copied by themselves. */
function copyPackage(from: string, to: string): void {
  const inner = join(from, "node_modules");
  cpSync(from, to, { recursive: true, filter: (path) => path !== inner && runs(path) });
}

if (require.main === module)
  pluginArchives(resolve(process.argv[2] ?? "archives")).then(
    (archives) => process.stdout.write(`${archives.join("\n")}\n`),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
