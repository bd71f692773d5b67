import { inVersionRange, parseVersion } from "../../../src/chart/content/versionRange";

describe("inVersionRange", () => {
  // The table follows github.com/Masterminds/semver, which Helm uses.
  it.each<[string, string, boolean]>([
    ["1.2.3", "", true],
    ["1.2.3-rc.1", "", false],
    ["1.2.3", "*", true],
    ["1.2.3-rc.1", "*", false],
    ["1.2.3-rc.1", ">0.0.0-0", true],
    ["1.2.3-rc.1", ">=1.0.0-0", true],
    ["1.2.3-rc.1", "^1.0.0", false],
    ["1.2.3-rc.1", "*-0", true],
    ["1.2.3", "1.2.3", true],
    ["1.2.4", "=1.2.3", false],
    ["v1.2.3", "1.2.3", true],
    ["1.2.3+build", "1.2.3", true],
    ["1.2.9", "1.2", true],
    ["1.3.0", "1.2", false],
    ["1.9.0", "1.x.x", true],
    ["2.0.0", "1.x", false],
    ["0.5.0", "0.x", true],
    ["1.0.0", "0.x", false],
    ["1.2.9", "~1.2.3", true],
    ["1.3.0", "~1.2.3", false],
    ["1.9.0", "~1", true],
    ["1.2.9", "~>1.2", true],
    ["1.9.0", "^1.2.3", true],
    ["2.0.0", "^1.2.3", false],
    ["0.2.9", "^0.2.3", true],
    ["0.3.0", "^0.2.3", false],
    ["0.9.0", "^0", true],
    ["1.5.0", ">=1.2, <2", true],
    ["2.0.0", ">=1.2, <2", false],
    ["1.5.0", ">= 1.2 < 2", true],
    ["3.1.0", "^1 || ^3", true],
    ["1.5.0", "1.2 - 1.6.0", true],
    ["1.7.0", "1.2 - 1.6.0", false],
    ["1.2.3", "!=1.2.3", false],
    ["1.2.4", "!=1.2.3", true],
    ["1.3.0", "!=1.2.x", true],
    ["1.2.9", "!=1.2.x", false],
    ["2.0.0", ">1", true],
    ["1.9.0", ">1", false],
    ["1.9.0", "<=1", true],
    ["2.0.0", "<=1", false],
    ["1.2.0", "=>1.2", true],
    ["1.24.0", ">=1.24-0", true],
    ["1.24.0-gke.1", ">=1.24-0", true],
    ["nonsense", "*", false],
    ["1.2.3", "nonsense", false],
  ])("%s in %j: %s", (version, range, expected) => {
    expect(inVersionRange(version, range)).toBe(expected);
  });
});

describe("parseVersion", () => {
  it.each([
    ["v1.2", "1.2.0"],
    ["5", "5.0.0"],
    ["1.2.3-a.1+b", "1.2.3-a.1"],
  ])("%s", (text, expected) => {
    expect(parseVersion(text)?.version).toBe(expected);
  });
  it.each(["latest", "", "1.2.3.4"])("%j is none", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});
