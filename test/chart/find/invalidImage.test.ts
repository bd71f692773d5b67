import { hasPlaceholder, whyInvalid } from "../../../src/chart/find/invalidImage";

describe("whyInvalid", () => {
  it.each([
    ["team/app:4.5980468e+07", /became a number.*4\.5980468e\+07: quote it in the values \(tag: "45980468"\)/],
    ["team/app:1e+06", /quote it in the values \(tag: "1000000"\)/],
    ["team/app:1.5e-07", /became a number, which Helm writes as 1\.5e-07: quote it/],
    ["quay.io/a/b:${TAG}", /placeholder/],
    ["${REGISTRY}/b:1", /placeholder/],
    ["$(REGISTRY)/b:1", /placeholder/],
    ["{{ registry }}/b:1", /placeholder/],
    ["%REGISTRY%/b:1", /placeholder/],
    ["###ZARF_VAR_X###/b:1", /placeholder/],
    ["", /empty/],
    ["/acme/app:1", /a part of it is empty, mostly the registry/],
    ["r.io//app:1", /a part of it is empty/],
    ["r.io/app:", /its end is empty/],
    ["r.io/app@", /its end is empty/],
    ["https://quay.io/x/y:v1", /scheme/],
    ["ghcr.io/pol/*", /pattern/],
    ["quay.io/Loc/G:v1", /^"Loc" is not a repository path component$/],
    ["quay.io/a/b:v1+meta", /^"v1\+meta" is not a tag$/],
    ["quay.io/a/b:.v1", /^"\.v1" is not a tag$/],
    [`quay.io/a/b@sha256:${"0".repeat(65)}`, /is not a digest$/],
  ])("says of %s what is wrong with it", (text, reason) => {
    expect(whyInvalid(text)).toMatch(reason);
  });

  it.each(["quay.io/a/b:v1", "quay.io/a_b/c__d:1%", "a/b:x$"])("takes nothing of %s for a placeholder", (text) => {
    expect(hasPlaceholder(text)).toBe(false);
  });
});
