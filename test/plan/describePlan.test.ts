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
    overrides: [
      { path: ["global", "imageRegistry"], value: "mirror.test", reason: "moves 2 images" },
      {
        path: ["env"],
        previous: [{ image: "quay.io/a/d:1", password: "hunter2!" }],
        value: [{ image: "mirror.test/a/d:1", password: "hunter2!" }],
        reason: "moves 1 image",
      },
    ],
    values: { global: { imageRegistry: "mirror.test" } },
    patches: [],
    pods: [],
    findings: [
      { severity: "warning", code: "W", message: "look here" },
      { severity: "info", code: "I", message: "nothing to see" },
    ],
    renders: 3,
  };

  it("lists images, values and warnings; leaves what is only informative, and what a list holds besides", () => {
    expect(describePlan(plan)).toBe(
      [
        "shop 1.0.0: 2 images to mirror",
        "  quay.io/a/b:1",
        "    → mirror.test/a/b:1 (sha256:abababababab, 2.0 KiB)",
        "  quay.io/a/c:1",
        "    → mirror.test/a/c:1",
        "2 values to set",
        '  global.imageRegistry = "mirror.test"',
        '  env[0].image = "mirror.test/a/d:1" (was "quay.io/a/d:1")',
        "warning: look here",
      ].join("\n"),
    );
  });
});
