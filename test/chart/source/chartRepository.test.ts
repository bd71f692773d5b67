import { chooseVersion, findInIndex, MAX_INDEX, parseRepositoryIndex } from "../../../src/chart/source/chartRepository";
import { ChartNotFoundError, ChartVersionNotFoundError } from "../../../src/chart/source/sourceErrors";

const INDEX = `
apiVersion: v1
entries:
  web:
  - {name: web, version: 1.2.0, urls: [web-1.2.0.tgz]}
  - {name: web, version: 1.10.0, urls: [web-1.10.0.tgz]}
  - {name: web, version: 2.0.0-rc.1, urls: [web-2.0.0-rc.1.tgz]}
  - {name: web, version: v1.9.0, urls: [web-1.9.0.tgz]}
  - {name: web, version: 1.10.0+build.2, urls: [b.tgz]}
  beta:
  - {name: beta, version: 0.1.0-alpha, urls: [beta.tgz]}
  broken: null
`;

describe("parseRepositoryIndex", () => {
  it("reads YAML and JSON alike", () => {
    const json = JSON.stringify({ entries: { web: [{ version: "1.2.0", urls: ["web-1.2.0.tgz"] }] } });
    const entry = { version: "1.2.0", urls: ["web-1.2.0.tgz"] };
    expect(parseRepositoryIndex(json).get("web")).toEqual([entry]);
    expect(parseRepositoryIndex(INDEX).get("web")?.[0]).toEqual(entry);
    expect(parseRepositoryIndex(INDEX).get("broken")).toEqual([]);
  });
  it("refuses an index beyond the limits", () => {
    expect(() => parseRepositoryIndex(`entries: {}\n${"#".repeat(MAX_INDEX)}`)).toThrow("larger than 67108864 bytes");
    const bomb = `a: &a [${"1,".repeat(5000)}]\nb: &b [${"*a,".repeat(1000)}]\nentries: {web: [*b]}\n`;
    expect(() => parseRepositoryIndex(bomb)).toThrow("more than 2000000 maps, lists and scalars");
  });
  it("refuses JSON that would take many times its size of memory", () => {
    const lists = `[${"[],".repeat(2_000_000)}[]]`;
    expect(() => parseRepositoryIndex(`{"x":${lists},"entries":{}}`)).toThrow("more than 2000000 maps");
    expect(parseRepositoryIndex(`{"x":${JSON.stringify(lists)},"entries":{}}`).size).toBe(0);
  });
  it.each(["<html></html>", "entries: 1", "", "- a"])("refuses %j", (text) => {
    expect(() => parseRepositoryIndex(text)).toThrow("no index of charts");
  });
});

describe("findInIndex", () => {
  const index = parseRepositoryIndex(INDEX);
  it.each<[string, string | undefined, boolean, string]>([
    ["the newest release", undefined, false, "1.10.0"],
    ["the newest of all", undefined, true, "2.0.0-rc.1"],
    ["a version", "1.2.0", false, "1.2.0"],
    ["a version as written", "v1.9.0", false, "v1.9.0"],
    ["a version written otherwise", "1.9.0", false, "v1.9.0"],
    ["a pre-release by its name", "2.0.0-rc.1", false, "2.0.0-rc.1"],
    ["a build by its name", "1.10.0+build.2", false, "1.10.0+build.2"],
    ["a range", "~1.9", false, "v1.9.0"],
    ["a range that takes pre-releases", ">=1.0.0-0", false, "2.0.0-rc.1"],
  ])("finds %s", (_, version, devel, expected) => {
    expect(findInIndex(index, "web", version, "the repository", devel).version).toBe(expected);
  });

  it("names charts that are alike", () => {
    const find = () => findInIndex(index, "wbe", undefined, "https://charts.x/");
    expect(find).toThrow(ChartNotFoundError);
    expect(find).toThrow("finding chart wbe failed: https://charts.x/ has no such chart. Did you mean web?");
  });

  it("names the newest versions", () => {
    const find = () => findInIndex(index, "web", "^3", "https://charts.x/");
    expect(find).toThrow(ChartVersionNotFoundError);
    expect(find).toThrow(/has no version "\^3" of it\. The newest there are 2\.0\.0-rc\.1, 1\.10\.0, /);
  });

  it("takes no pre-release for want of a release", () => {
    expect(() => findInIndex(index, "beta", undefined, "x")).toThrow("no version without pre-releases");
  });
});

describe("chooseVersion", () => {
  it("passes over tags that are no versions", () => {
    expect(chooseVersion(["latest", "1.0.0", "sha256-abc"], undefined)).toBe("1.0.0");
    expect(chooseVersion(["latest"], undefined)).toBeUndefined();
  });
});
