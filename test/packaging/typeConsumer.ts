import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../support/engine/process";
import { writeFiles } from "../support/engine/projectFolder";
import { userEnvironment, version, type PackedPackage } from "./consumer";

/** The settings of a consumer's compiler, which checks every declaration that it reads. */
export const compilers = {
  /** What `pulumi new kubernetes-typescript` writes. https://github.com/pulumi/templates */
  "Pulumi's template": {
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    experimentalDecorators: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
  },
  "nodenext, CommonJS": { target: "es2020", module: "nodenext", moduleResolution: "nodenext" },
  "nodenext, ES modules": {
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    verbatimModuleSyntax: true,
    exactOptionalPropertyTypes: true,
  },
} as const;

export type Compiler = keyof typeof compilers;

/** Programs by the optional package that they use besides this one. */
const programs = {
  none: `
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";
import * as everything from "pulumi-chart-mirror";
import { AcrRegistry, EcrRegistry, ExistingRegistry, MirroredRelease, QuayRegistry, type MirrorRegistry } from "pulumi-chart-mirror";
const provider = new k8s.Provider("cluster");
const registries: MirrorRegistry[] = [
  new ExistingRegistry("existing", { host: "registry.example.com" }),
  new EcrRegistry("ecr", { pullThrough: [{ upstream: "quay.io", path: "quay" }] }),
  new AcrRegistry("acr", { registryName: "contoso", cacheRules: [{ upstream: "quay.io", path: "quay" }] }),
  new QuayRegistry("quay", { host: "quay.example.com", organization: "team" }),
];
export const images: pulumi.Output<string[]>[] = registries.map((registry, i) =>
  new MirroredRelease(\`web\${i}\`, { chart: "./chart", registry }, { provider }).images.apply((all) => all.map(({ target }) => target)),
);
export const names = Object.keys(everything);
`,
  "@pulumi/aws": `
import * as aws from "@pulumi/aws";
import { EcrRegistry } from "pulumi-chart-mirror";
const role = new aws.iam.Role("nodes", { assumeRolePolicy: "{}" });
export const { host } = new EcrRegistry("ecr", { pullers: { nodes: role.name } }, { provider: new aws.Provider("aws") });
`,
  "@pulumi/azure-native": `
import * as azure from "@pulumi/azure-native";
import { AcrRegistry } from "pulumi-chart-mirror";
const group = new azure.resources.ResourceGroup("platform");
export const { host } = new AcrRegistry("acr", { registryName: "contoso", resourceGroupName: group.name });
`,
  "@pulumi/docker": `
import * as docker from "@pulumi/docker";
import { CopyMethod, ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
const provider = new docker.Provider("daemon", {});
const registry = new ExistingRegistry("existing", { host: "registry.example.com" });
export const web = new MirroredRelease("web", { chart: "./chart", registry, copyWith: CopyMethod.Docker }, { provider });
`,
  // Its own declarations do not pass such a compiler, so that a program that imports it cannot be strict.
  "@kubernetes/client-node": `export { ObjectContribution } from "pulumi-chart-mirror";\n`,
} as const;

/** What a program uses besides this package: an optional one, or none. */
export type Peer = keyof typeof programs;

/** The optional packages. */
export const peers = (Object.keys(programs) as (keyof typeof programs)[]).filter((peer) => peer !== "none");

/** A folder with the packed package and its required peers. */
export interface TypeConsumer {
  /** Installs one optional package in place of the one before. */
  install(peer: Exclude<Peer, "none">): Promise<void>;
  /** What the compiler says of that package's program; empty where it accepts it. */
  compile(peer: Peer, compiler: Compiler): Promise<string>;
  /** What a program in JavaScript prints. @throws Error when it fails */
  run(program: string): Promise<string>;
  dispose(): Promise<void>;
}

/** Installs the package from its tarball for programs in TypeScript. */
export async function createTypeConsumer(
  { tarball }: PackedPackage,
  /** Of the packages. Default: the checkout's own. */
  versionOf: (name: string) => string = version,
): Promise<TypeConsumer> {
  const folder = await mkdtemp(join(tmpdir(), "types-"));
  const npm = async (...args: string[]): Promise<void> => {
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];
    const { exitCode, stdout, stderr } = await run("npm", [...args, ...quiet], { cwd: folder, env: userEnvironment() });
    if (exitCode !== 0) throw new Error(`npm ${args.join(" ")} failed.\n${stdout}\n${stderr}`);
  };
  const manifest = {
    name: "consumer",
    private: true,
    dependencies: {
      "pulumi-chart-mirror": `file:${tarball}`,
      "@pulumi/kubernetes": versionOf("@pulumi/kubernetes"),
      "@pulumi/pulumi": versionOf("@pulumi/pulumi"),
    },
    devDependencies: { "@types/node": "^20.0.0", typescript: "5.9" },
  };
  await writeFiles(folder, { "package.json": JSON.stringify(manifest) });
  await npm("install");
  return {
    // What npm has installed without saving it goes with the next installation.
    install: (peer) => npm("install", "--no-save", `${peer}@${versionOf(peer)}`),
    async compile(peer, compiler) {
      const program = compiler === "nodenext, ES modules" ? "index.mts" : "index.ts";
      const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, ...compilers[compiler] };
      await writeFiles(folder, {
        [program]: programs[peer],
        "tsconfig.json": JSON.stringify({ compilerOptions, files: [program] }),
      });
      const tsc = join(folder, "node_modules/typescript/bin/tsc");
      return (await run("node", [tsc, "--pretty", "false"], { cwd: folder, env: userEnvironment() })).stdout;
    },
    async run(program) {
      const { exitCode, stdout, stderr } = await run("node", ["-e", program], { cwd: folder, env: userEnvironment() });
      if (exitCode !== 0) throw new Error(`the program failed.\n${stdout}\n${stderr}`);
      return stdout;
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
