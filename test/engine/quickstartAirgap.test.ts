import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { run, type Finished } from "../support/engine/process";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { ensureTool, pulumiPath } from "../support/tools";

jest.setTimeout(900_000);

const checkout = resolve(__dirname, "../..");

describe("npm run airgap", () => {
  let folder: string;
  let cluster: MemoryClusterHandle;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "airgap-"));
    cluster = await memoryCluster();
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true });
  });

  async function airgap(...args: string[]): Promise<Finished> {
    const helm = dirname(await ensureTool("helm"));
    const path = [cluster.provider.folder, await pulumiPath(), helm, process.env.PATH ?? ""].join(delimiter);
    return run(
      process.execPath,
      ["--require", "./test/support/typescript.js", "examples/airgap/run.ts", "--folder", folder, ...args],
      {
        cwd: checkout,
        env: {
          PATH: path,
          HOME: folder,
          PULUMI_HOME: join(folder, ".pulumi"),
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          ...cluster.provider.env,
        },
      },
    );
  }

  it("saves, cuts the network, loads, and deploys from the mirror; the request logs show it", async () => {
    const { exitCode, stdout, stderr } = await airgap("--deploy");
    if (exitCode !== 0) throw new Error(stdout + stderr);
    expect(stdout).toMatch(
      /inside: addresses of this machine: .*; 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/,
    );
    expect(stdout).toContain("all 6 images verified; preview and update sent nothing, and asked the mirror alone");
    expect(stdout).toMatch(/the source was asked nothing more: \d+ requests, all of them from outside/);
    expect(JSON.stringify(cluster.object("Deployment", "shop-api", "shop"))).toMatch(
      /127\.0\.0\.1:\d+\/team\/shop\/api/,
    );
  });
});
