import { dirname } from "node:path";
import { exampleScript, type ExampleScript } from "../../support/engine/exampleScript";
import { ensureTool } from "../../support/tools";

jest.setTimeout(900_000);

describe("npm run airgap", () => {
  let airgap: ExampleScript;
  beforeAll(async () => {
    airgap = await exampleScript("airgap", [dirname(await ensureTool("helm"))]);
  });
  afterAll(() => airgap.dispose());

  it("saves, cuts the network, loads, and deploys from the mirror; the request logs show it", async () => {
    const { stdout } = await airgap.run("--deploy");
    expect(stdout).toMatch(
      /inside: addresses of this machine: .*; 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/,
    );
    expect(stdout).toContain("all 6 images verified; preview and update sent nothing, and asked the mirror alone");
    expect(stdout).toMatch(/the source was asked nothing more: \d+ requests, all of them from outside/);
    expect(JSON.stringify(airgap.cluster.object("Deployment", "shop-api", "shop"))).toMatch(
      /127\.0\.0\.1:\d+\/team\/shop\/api/,
    );
  });
});
