import { exampleScript, type ExampleScript } from "../../support/engine/exampleScript";

jest.setTimeout(900_000);

describe("npm run quickstart", () => {
  let quickstart: ExampleScript;
  beforeAll(async () => {
    quickstart = await exampleScript("quickstart");
  });
  afterAll(() => quickstart.dispose());

  it("mirrors, proves every image, changes nothing the second time, and deploys when asked", async () => {
    const first = await quickstart.run();
    expect(first.stdout).toContain("all 6 images verified");
    expect(first.stdout.match(/^ {2}ok /gm)).toHaveLength(6);
    expect(first.stdout).toMatch(/"imageRegistry": "127\.0\.0\.1:\d+\/team"/);
    expect(first.stdout).toContain("+ 9 created");

    const second = await quickstart.run();
    expect(second.stdout).not.toMatch(/\d+ (created|updated|deleted|replaced|to create|to update)/);
    expect(second.stdout.match(/9 unchanged/g)).toHaveLength(2);

    await quickstart.run("--deploy");
    expect(JSON.stringify(quickstart.cluster.object("Deployment", "shop-api", "shop"))).toMatch(
      /127\.0\.0\.1:\d+\/team\/shop\/api/,
    );
    expect(quickstart.cluster.object("Secret", "shop-pull", "shop")).toBeDefined();
  });
});
