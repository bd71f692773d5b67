import { chartInMirror } from "../../src/release/chartInMirror";

const LOCKED = { name: "shop", version: "1.2.3", digest: "sha256:00" };
const MIRROR = { host: "mirror.test", path: "team" };
const FOUND = { chart: "oci://mirror.test/team/charts/shop", version: "1.2.3" };

describe("chartInMirror", () => {
  it.each([
    ["the locked version", { chart: "oci://vendor.test/charts/shop", version: "1.2.3" }],
    ["a range that includes it", { chart: "oci://vendor.test/charts/shop", version: "~1.2.0" }],
    ["no version", { chart: "shop" }],
    ["a tag", { chart: "oci://vendor.test:5000/charts/shop:1.2.3" }],
    ["a repository that Helm knows", { chart: "vendor/shop", version: "1.x" }],
    ["pre-releases, too", { chart: "shop", devel: true }],
  ])("is the locked chart for %s", (_, source) => {
    expect(chartInMirror(source, LOCKED, MIRROR, () => false)).toEqual(FOUND);
  });

  it.each([
    ["another version", { chart: "shop", version: "1.2.4" }],
    ["a range without it", { chart: "shop", version: "^2.0.0" }],
    ["another chart", { chart: "oci://vendor.test/charts/store", version: "1.2.3" }],
    ["another tag", { chart: "oci://vendor.test/charts/shop:1.2.4" }],
    ["a digest", { chart: "oci://vendor.test/charts/shop@sha256:00" }],
    ["the address of an archive", { chart: "https://vendor.test/shop-1.2.3.tgz" }],
    ["a folder", { chart: "./shop" }],
    ["an archive elsewhere", { chart: "../charts/shop" }],
    ["the root", { chart: "/charts/shop" }],
  ])("is none for %s", (_, source) => {
    expect(chartInMirror(source, LOCKED, MIRROR, () => false)).toBeUndefined();
  });

  it("is none for a folder of the chart's name, which goes first as with Helm", () => {
    expect(chartInMirror({ chart: "shop" }, LOCKED, MIRROR, (path) => path === "shop")).toBeUndefined();
  });

  it("has the locked version with its build metadata, and repositories in lower case", () => {
    const locked = { ...LOCKED, name: "Shop", version: "1.2.3+a1" };
    const source = { chart: "oci://vendor.test/charts/Shop:1.2.3_a1" };
    expect(chartInMirror(source, locked, MIRROR, () => false)).toEqual({ ...FOUND, version: "1.2.3+a1" });
  });
});
