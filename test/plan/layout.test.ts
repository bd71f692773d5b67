import { parseReference } from "../../src/image/reference";
import {
  isInMirror,
  mirrorPrefix,
  mirrorPrefixes,
  targetPrefix,
  targetReference,
  type LayoutOptions,
  type MirrorAddress,
} from "../../src/plan/layout";

const digest = `sha256:${"a".repeat(64)}`;

const upstreams = (upstream: string) => [{ upstream, path: "cache" }];

describe("targetReference", () => {
  test.each<[string, MirrorAddress, LayoutOptions, string]>([
    ["quay.io/a/b:1", { host: "r.io" }, {}, "r.io/a/b:1"],
    ["quay.io/a/b:1", { host: "r.io", path: "p/q" }, {}, "r.io/p/q/a/b:1"],
    ["nginx", { host: "r.io" }, {}, "r.io/nginx"],
    ["docker.io/library/nginx:1", { host: "r.io" }, {}, "r.io/library/nginx:1"],
    [`a/b:1@${digest}`, { host: "r.io:5000" }, {}, `r.io:5000/a/b:1@${digest}`],
    ["localhost:5000/a:1", { host: "r.io" }, { keepHost: true }, "r.io/localhost_5000/a:1"],
    ["nginx:1", { host: "r.io", path: "p" }, { keepHost: true }, "r.io/p/docker.io/nginx:1"],
    [
      "nginx:1",
      { host: "r.io", path: "p" },
      { upstreams: [{ upstream: "docker.io", path: "hub" }] },
      "r.io/hub/library/nginx:1",
    ],
    ["docker.io/a/b:1", { host: "r.io" }, { upstreams: [{ upstream: "docker.io", path: "hub" }] }, "r.io/hub/a/b:1"],
    [
      "quay.io/a/b:1",
      { host: "r.io", path: "p" },
      { upstreams: [{ upstream: "docker.io", path: "hub" }] },
      "r.io/p/a/b:1",
    ],
    ["g.dev/team/repo/x/y:1", { host: "r.io" }, { upstreams: upstreams("g.dev/team/repo") }, "r.io/cache/x/y:1"],
    [
      "g.dev/team/repository/x:1",
      { host: "r.io" },
      { upstreams: upstreams("g.dev/team/repo") },
      "r.io/team/repository/x:1",
    ],
    [
      "g.dev/team/repo/x:1",
      { host: "r.io" },
      { upstreams: [...upstreams("g.dev"), { upstream: "g.dev/team", path: "team" }] },
      "r.io/team/repo/x:1",
    ],
  ])("%s in %j with %j", (source, mirror, options, expected) => {
    expect(targetReference(parseReference(source), mirror, options)).toBe(expected);
  });
});

test("mirrorPrefix is what a chart's registry value takes", () => {
  expect([mirrorPrefix({ host: "r.io" }), mirrorPrefix({ host: "r.io", path: "p" })]).toEqual(["r.io", "r.io/p"]);
});

describe("prefixes", () => {
  const mirror = { host: "r.io", path: "p" };
  const layout = { upstreams: [...upstreams("docker.io"), { upstream: "g.dev/team", path: "p" }] };

  test.each<[string, LayoutOptions, string]>([
    ["quay.io/a/b:1", layout, "r.io/p"],
    ["nginx:1", layout, "r.io/cache"],
    ["g.dev/team/x:1", layout, "r.io/p"],
    ["localhost:5000/a:1", { ...layout, keepHost: true }, "r.io/p/localhost_5000"],
    ["a/b:1", { ...layout, keepHost: true }, "r.io/cache"],
  ])("%s in %j stands below %s", (source, options, expected) => {
    expect(targetPrefix(parseReference(source), mirror, options)).toBe(expected);
  });

  test("are the mirror's own and one for each path of an upstream", () => {
    expect(mirrorPrefixes(mirror, layout)).toEqual(["r.io/p", "r.io/cache"]);
    expect(mirrorPrefixes(mirror)).toEqual(["r.io/p"]);
  });

  test.each<[string, boolean]>([
    ["r.io/p/a:1", true],
    ["r.io/cache/library/nginx", true],
    ["r.io/cached/nginx", false],
    ["r.io/q/nginx", false],
    ["cache/nginx", false],
  ])("tell whether %s is in the mirror", (reference, expected) => {
    expect(isInMirror(reference, mirror, layout)).toBe(expected);
  });
});
