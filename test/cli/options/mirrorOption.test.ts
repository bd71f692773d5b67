import { parseMirror, parseUpstreamMapping } from "../../../src/cli/options/mirrorOption";

describe("parseMirror", () => {
  test.each([
    ["r.io", { host: "r.io" }],
    ["r.io:5000/a/b/", { host: "r.io:5000", path: "a/b" }],
    ["localhost/a", { host: "localhost", path: "a" }],
  ])("reads %s", (text, expected) => expect(parseMirror(text)).toEqual(expected));

  test.each([
    ["https://r.io", "scheme"],
    ["registry/a", "not a registry host"],
    ["r.io/A", "not a repository path"],
    ["r.io/a:1", "not a repository path: a mirror has neither tag nor digest"],
    ["r.io/a@sha256:0", "a mirror has neither tag nor digest"],
    ["r.io/Team", "no upper-case letters"],
    ["r.io:65536/a", "ports are from 1 to 65535"],
    ["r.io:0", "not a registry host"],
    ["r.io:https", "not a registry host"],
    ["registry", "neither a dot nor a port"],
    ["", "not a registry host"],
  ])("refuses %s", (text, reason) => expect(() => parseMirror(text)).toThrow(reason));
});

describe("parseUpstreamMapping", () => {
  test.each([
    ["docker.io=hub", { upstream: "docker.io", path: "hub" }],
    ["g.dev:5000/team/images=org/x", { upstream: "g.dev:5000/team/images", path: "org/x" }],
  ])("reads %s", (text, expected) => expect(parseUpstreamMapping(text)).toEqual(expected));

  test.each([
    ["docker.io", "not a registry host"],
    ["docker=hub", "not a registry host"],
    ["docker.io=", "path in the mirror is missing"],
    ["docker.io/A=hub", "not a repository path"],
    ["docker.io=hub/", "not a repository path"],
    ["docker.io=hub:1", "not a repository path"],
  ])("refuses %s", (text, reason) => expect(() => parseUpstreamMapping(text)).toThrow(reason));
});
