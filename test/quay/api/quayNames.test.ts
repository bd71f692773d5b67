import { quayNameProblem, quayRepositoryProblem } from "../../../src/quay/api/quayNames";

describe("quayNameProblem", () => {
  it.each(["appcircle", "my-org", "a1", "a.b_c-d"])("takes %s", (name) => {
    expect(quayNameProblem("An organization", name)).toBeUndefined();
  });
  it.each([
    ["a", /2 to 255/],
    ["x".repeat(256), /2 to 255/],
    ["AppCircle", /lower-case/],
    ["team/mirror", /no organizations inside organizations/],
    ["-team", /letters and digits/],
    ["a__b", /letters and digits/],
  ])("refuses %s", (name, rule) => {
    expect(quayNameProblem("An organization", name)?.message).toMatch(rule);
  });
});

describe("quayRepositoryProblem", () => {
  it.each(["uiserver", "minio/miniob", "quay.io/a/b", "localhost_5000/x"])("takes %s", (name) => {
    expect(quayRepositoryProblem("r.io/a", name)).toBeUndefined();
  });
  it.each([
    ["A/b", /lower-case/],
    ["_a", /begin with/],
    ["a//b", /begin with/],
    [`${"a/".repeat(128)}b`, /at most 255/],
  ])("refuses %s", (name, rule) => {
    expect(quayRepositoryProblem("r.io/a", name)?.message).toMatch(rule);
  });
});
