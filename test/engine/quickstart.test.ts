import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { run, type Finished } from "../support/engine/process";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";
import { pulumiPath } from "../support/tools";

jest.setTimeout(900_000);

const checkout = resolve(__dirname, "../..");

describe("npm run quickstart", () => {
  let folder: string;
  let cluster: MemoryClusterHandle;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "quickstart-"));
    cluster = await memoryCluster();
  });
  afterAll(async () => {
    await cluster.dispose();
    await rm(folder, { recursive: true });
  });

  async function quickstart(...args: string[]): Promise<Finished> {
    const path = [cluster.provider.folder, await pulumiPath(), process.env.PATH ?? ""].join(delimiter);
    return run(
      process.execPath,
      ["--require", "./test/support/typescript.js", "examples/quickstart/run.ts", "--folder", folder, ...args],
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

  it("mirrors, proves every image, changes nothing the second time, and deploys when asked", async () => {
    const first = await quickstart();
    if (first.exitCode !== 0) throw new Error(first.stdout + first.stderr);
    expect(first.stdout).toContain("all 6 images verified");
    expect(first.stdout.match(/^ {2}ok /gm)).toHaveLength(6);
    expect(first.stdout).toMatch(/"imageRegistry": "127\.0\.0\.1:\d+\/team"/);
    expect(first.stdout).toContain("+ 9 created");

    const second = await quickstart();
    if (second.exitCode !== 0) throw new Error(second.stdout + second.stderr);
    expect(second.stdout).not.toMatch(/\d+ (created|updated|deleted|replaced|to create|to update)/);
    expect(second.stdout.match(/9 unchanged/g)).toHaveLength(2);

    const deployed = await quickstart("--deploy");
    if (deployed.exitCode !== 0) throw new Error(deployed.stdout + deployed.stderr);
    expect(JSON.stringify(cluster.object("Deployment", "shop-api", "shop"))).toMatch(
      /127\.0\.0\.1:\d+\/team\/shop\/api/,
    );
    expect(cluster.object("Secret", "shop-pull", "shop")).toBeDefined();
  });
});
