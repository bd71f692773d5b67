import fc from "fast-check";
import { brokenNameRule, repositoryOfTarget } from "../../../src/registry/ecr/ecrRepositoryName";

describe("brokenNameRule", () => {
  it.each([
    "ab",
    "platform/stackstate/wait",
    "1/2",
    "a.b/c_d/e__f/g---h",
    "quay.io/a",
    "localhost_5000/a",
    "x".repeat(256),
  ])("lets %s pass", (name) => expect(brokenNameRule(name)).toBeUndefined());

  it.each([
    ["a", /at least 2/, /a path/],
    ["", /at least 2/, /a path/],
    ["x".repeat(257), /at most 256 characters, and this one has 257/, /shorter path/],
    ["Platform/wait", /lower-case/, /lower case/],
    ["team//wait", /empty segment/, /path/],
    ["/team/wait", /empty segment/, /path/],
    ["team/wait-", /"wait-"/, /path/],
    ["team/a___b", /"a___b"/, /path/],
    ["team/a..b", /"a\.\.b"/, /path/],
    ["team/ä", /"ä"/, /path/],
  ])("refuses %s", (name, rule, remedy) => {
    const broken = brokenNameRule(name);
    expect(broken?.rule).toMatch(rule);
    expect(broken?.remedy).toMatch(remedy);
  });

  it("agrees with the pattern that the API states", () => {
    const pattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
    const text = fc.string({ unit: fc.constantFrom("a", "0", ".", "_", "-", "/", "A", ":"), maxLength: 12 });
    fc.assert(
      fc.property(text, (name) => {
        expect(brokenNameRule(name) === undefined).toBe(name.length >= 2 && pattern.test(name));
      }),
    );
  });
});

describe("repositoryOfTarget", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  it.each([
    ["r.io/a/b:1", "a/b"],
    ["r.io:5000/a/b", "a/b"],
    ["r.io:5000/a/b:1.0", "a/b"],
    [`r.io/a@${digest}`, "a"],
    [`r.io/a/b:1@${digest}`, "a/b"],
  ])("of %s is %s", (target, repository) => expect(repositoryOfTarget(target)).toBe(repository));
});
