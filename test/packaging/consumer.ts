import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { minVersion } from "semver";
import { createProject, type Project } from "../support/engine";
import { run } from "../support/engine/process";
import { checkout, writeFiles } from "../support/engine/projectFolder";
import type { MemoryClusterHandle } from "../support/providers/kubernetes";
import { ensureTool, pulumiPath } from "../support/tools";
import { layoutOf, type Cell } from "./cells";
import { chart, programFiles } from "./programs";

/** The package as `npm publish` would send it. */
export interface PackedPackage {
  readonly tarball: string;
  dispose(): Promise<void>;
}

/** Packs the checkout's dist/; whoever calls has built it. */
export async function packPackage(): Promise<PackedPackage> {
  const folder = await mkdtemp(join(tmpdir(), "packaging-"));
  // Without scripts: `prepack` would build anew under other tests that run from dist/.
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { exitCode, stdout, stderr } = await run("npm", args, { cwd: checkout, env: userEnvironment() });
  if (exitCode !== 0) throw new Error(`npm pack failed.\n${stdout}\n${stderr}`);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return { tarball: join(folder, filename), dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Package managers run as they do for the user of this machine: with its cache, proxies and certificates. */
export function userEnvironment(path = process.env.PATH ?? ""): Record<string, string> {
  // What an enclosing `npm run` tells its children is not the user's.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return { ...(Object.fromEntries(own) as Record<string, string>), PATH: path, CI: "true" };
}

/** The versions that the checkout itself has, so that the doubles fit. */
export function version(name: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a JSON file, by a name known at run time only
  return (require(`${name}/package.json`) as { version: string }).version;
}

/** The lowest version of a package that this one takes. */
export function lowestVersion(name: string): string {
  const { peerDependencies } = require("../../package.json") as { peerDependencies: Record<string, string> };
  const lowest = minVersion(peerDependencies[name] ?? "");
  if (!lowest) throw new Error(`package.json has no peer ${name}`);
  return lowest.version;
}

/** A project of a user who has installed the package from its tarball with one package manager, for one Node.js. */
export async function createConsumer(
  cell: Cell,
  { tarball }: PackedPackage,
  cluster: MemoryClusterHandle,
  config: Readonly<Record<string, string | { readonly secret: string }>>,
): Promise<Project> {
  const node = cell.node === 20 ? process.execPath : await ensureTool(`node${cell.node}`);
  const system = ["/usr/local/bin", "/usr/bin", "/bin"];
  const PATH = [dirname(node), cluster.provider.folder, await pulumiPath(), ...system].join(delimiter);
  const project = await createProject({
    program: {},
    name: "consumer",
    providers: [cluster.provider],
    env: { PATH },
    config,
  });
  try {
    await install(cell, project.folder, tarball, [dirname(node), ...system].join(delimiter));
  } catch (error) {
    await project.dispose();
    throw error;
  }
  return project;
}

async function install(cell: Cell, program: string, tarball: string, path: string): Promise<void> {
  await rm(join(program, "node_modules"), { recursive: true });
  const { manager, transitive, workspace } = layoutOf(cell);
  const mirror = { "pulumi-chart-mirror": `file:${tarball}` };
  const chosen = cell.lowest ? lowestVersion : version;
  const sdks = { "@pulumi/kubernetes": chosen("@pulumi/kubernetes"), "@pulumi/pulumi": chosen("@pulumi/pulumi") };
  const platform = join(dirname(program), "platform");
  const dependencies = transitive ? { platform: `file:${platform}`, ...sdks } : { ...mirror, ...sdks };
  if (transitive)
    await writeFiles(platform, {
      "package.json": JSON.stringify({
        name: "platform",
        version: "1.0.0",
        main: "index.js",
        dependencies: mirror,
        peerDependencies: { "@pulumi/kubernetes": "*", "@pulumi/pulumi": "*" },
      }),
      "index.js": `module.exports = require("pulumi-chart-mirror");\n`,
    });
  await writeFiles(program, {
    ...chart,
    ...programFiles(cell.program, transitive ? "platform" : "pulumi-chart-mirror"),
    // As Pulumi's template writes it; what the compiler reads of the package is checked.
    "tsconfig.json": JSON.stringify({
      compilerOptions: { strict: true, target: "es2020", module: "commonjs", moduleResolution: "node", noEmit: true },
      files: cell.program === "ts" ? ["index.ts"] : [],
    }),
    "package.json": JSON.stringify({
      name: "consumer",
      version: "1.0.0",
      private: true,
      ...(cell.program === "esm" && { type: "module" }),
      main: cell.program === "ts" ? "index.ts" : "index.js",
      dependencies,
      devDependencies: { "@types/node": "^20.0.0", typescript: "5.9" },
    }),
  });
  const root = workspace ? dirname(program) : program;
  if (workspace)
    await writeFiles(root, {
      "package.json": JSON.stringify({ name: "monorepo", version: "1.0.0", private: true, workspaces: ["program"] }),
      "pnpm-workspace.yaml": "packages: [program]\n",
    });
  const [command, ...args] = await managerCommand(manager, root);
  const { exitCode, stdout, stderr } = await run(command, args, { cwd: root, env: userEnvironment(path) });
  if (exitCode !== 0) throw new Error(`installing with ${manager} failed.\n${stdout}\n${stderr}`);
  if (cell.program === "ts" && !transitive) await checkTypes(program, path);
}

async function managerCommand(
  manager: ReturnType<typeof layoutOf>["manager"],
  root: string,
): Promise<[string, ...string[]]> {
  if (manager === "npm") return ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"];
  const executable = await ensureTool(manager);
  if (manager === "pnpm") return ["node", executable, "install", "--ignore-scripts", "--no-frozen-lockfile"];
  if (manager === "yarn-classic") return ["node", executable, "install", "--ignore-scripts", "--ignore-engines"];
  await writeFile(
    join(root, ".yarnrc.yml"),
    "nodeLinker: node-modules\nenableTelemetry: false\nenableScripts: false\nenableImmutableInstalls: false\n",
  );
  // Without a lock file of its own yarn would look for a project above.
  await writeFile(join(root, "yarn.lock"), "");
  return ["node", executable, "install"];
}

/** A TypeScript consumer's own compiler accepts the package's types. */
async function checkTypes(program: string, path: string): Promise<void> {
  // A workspace has it above.
  const compiler = createRequire(join(program, "package.json")).resolve("typescript/bin/tsc");
  const args = [compiler, "--noEmit", "-p", program];
  const { exitCode, stdout } = await run("node", args, { cwd: program, env: userEnvironment(path) });
  if (exitCode !== 0) throw new Error(`the types of the installed package do not compile:\n${stdout}`);
}
