import { chartArtifact, chartPlace, chartRepositoryIn } from "../../src/plan/chartArtifact";

const artifact = (version: string, archive = "archive") =>
  chartArtifact({ name: "shop", version }, Buffer.from(archive));
const repository = chartRepositoryIn({ host: "mirror.test", path: "team" }, "Shop");

describe("chartPlace", () => {
  it("is the version's own for a chart as it was made", () => {
    const place = chartPlace(repository, { version: "1.0.0" }, artifact("1.0.0"), false);
    expect(place).toMatchObject({ version: "1.0.0", target: "mirror.test/team/charts/shop:1.0.0" });
  });

  it.each([
    ["1.0.0", /^1\.0\.0\+[0-9a-f]{12}$/],
    ["1.0.0-rc.1", /^1\.0\.0-rc\.1\+[0-9a-f]{12}$/],
    ["1.0.0+up2", /^1\.0\.0\+up2\.[0-9a-f]{12}$/],
  ])("has a hash of the artifact behind version %s where the chart is patched", (own, expected) => {
    const { version, target, digest } = chartPlace(repository, { version: own }, artifact(own), true);
    expect(version).toMatch(expected);
    expect(digest).toContain(version.slice(-12));
    expect(target).toBe(`mirror.test/team/charts/shop:${version.replace("+", "_")}`);
  });

  it("is another one for any other content", () => {
    const target = (archive: string) =>
      chartPlace(repository, { version: "1.0.0" }, artifact("1.0.0", archive), true).target;
    expect(target("archive")).toBe(target("archive"));
    expect(target("another")).not.toBe(target("archive"));
  });
});
