import { describePlan, formatPath } from "../../src/plan/describePlan";
import type { ResolvedPlan } from "../../src/plan/resolvedPlan";

describe("formatPath", () => {
  it.each([
    [["image"], "image"],
    [["a", "b-c", "d_e"], "a.b-c.d_e"],
    [["hosts", 0, "image"], "hosts[0].image"],
    [["annotations", "example.com/image", "x"], 'annotations["example.com/image"].x'],
  ])("%j is %s", (path, text) => expect(formatPath(path)).toBe(text));
});

describe("describePlan", () => {
  const plan: ResolvedPlan = {
    chart: { name: "shop", version: "1.0.0" },
    images: [
      {
        source: "quay.io/a/b:1",
        target: "mirror.test/a/b:1",
        locations: [],
        digest: `sha256:${"ab".repeat(32)}`,
        size: 2048,
      },
      { source: "quay.io/a/c:1", target: "mirror.test/a/c:1", locations: [] },
    ],
    overrides: [{ path: ["global", "imageRegistry"], value: "mirror.test", reason: "registry of 2 images" }],
    values: { global: { imageRegistry: "mirror.test" } },
    patches: [],
    pods: [],
    findings: [
      { severity: "warning", code: "W", message: "look here" },
      { severity: "info", code: "I", message: "nothing to see" },
    ],
    renders: 3,
  };

  it("lists images, values and warnings, and leaves what is only informative", () => {
    expect(describePlan(plan)).toBe(
      [
        "shop 1.0.0: 2 images to mirror",
        "  quay.io/a/b:1",
        "    → mirror.test/a/b:1 (sha256:abababababab, 2.0 KiB)",
        "  quay.io/a/c:1",
        "    → mirror.test/a/c:1",
        "1 value to set",
        '  global.imageRegistry = "mirror.test"',
        "warning: look here",
      ].join("\n"),
    );
  });
});
