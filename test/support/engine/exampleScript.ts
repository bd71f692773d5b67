import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { memoryCluster, type MemoryClusterHandle } from "../providers/kubernetes";
import { pulumiPath } from "../tools";
import { run, type Finished } from "./process";

const CHECKOUT = resolve(__dirname, "../../..");

/** An example that is a script of its own, in a folder and with a cluster that stay from run to run. */
export interface ExampleScript {
  readonly cluster: MemoryClusterHandle;
  /** Runs it to its end. @throws what it said when it failed */
  run(...args: string[]): Promise<Finished>;
  dispose(): Promise<void>;
}

/** @param name of the folder in examples/  @param path folders with what it needs besides Pulumi */
export async function exampleScript(name: string, path: readonly string[] = []): Promise<ExampleScript> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const cluster = await memoryCluster();
  const script = ["--require", "./test/support/typescript.js", `examples/${name}/run.ts`, "--folder", folder];
  return {
    cluster,
    async run(...args) {
      const PATH = [cluster.provider.folder, await pulumiPath(), ...path, process.env.PATH ?? ""].join(delimiter);
      const finished = await run(process.execPath, [...script, ...args], {
        cwd: CHECKOUT,
        env: {
          PATH,
          HOME: folder,
          PULUMI_HOME: join(folder, ".pulumi"),
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          ...cluster.provider.env,
        },
      });
      if (finished.exitCode !== 0) throw new Error(finished.stdout + finished.stderr);
      return finished;
    },
    async dispose() {
      await cluster.dispose();
      await rm(folder, { recursive: true });
    },
  };
}
