import { describePlan, formatPath } from "../../src/plan/describePlan";
import { overrideLeaves } from "../../src/plan/overrideLeaves";
import type { PlanChanges } from "../../src/plan/planChanges";
import { shopPlan } from "./shopPlan";

describe("formatPath", () => {
  it.each([
    [["image"], "image"],
    [["a", "b-c", "d_e"], "a.b-c.d_e"],
    [["hosts", 0, "image"], "hosts[0].image"],
    [["annotations", "example.com/image", "x"], 'annotations["example.com/image"].x'],
  ])("%j is %s", (path, text) => expect(formatPath(path)).toBe(text));
});

describe("describePlan", () => {
  const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
  const plan = shopPlan({
    images: [
      { source: "quay.io/a/b:1", target: "mirror.test/a/b:1", locations: [], digest: digest("a"), size: 2048 },
      { source: "quay.io/a/c:1", target: "mirror.test/a/c:1", locations: [] },
      { source: "quay.io/a/d:1", target: "mirror.test/a/d:1", locations: [], digest: digest("d") },
    ],
  });
  const NOTHING: PlanChanges = { images: [], gone: [], values: [], valuesGone: [], patches: [], findings: [] };
  const all: PlanChanges = {
    images: [
      { image: plan.images[0]!, way: "copy", previous: digest("0") },
      { image: plan.images[1]!, way: "copy" },
      { image: plan.images[2]!, way: "there" },
    ],
    gone: [{ source: "quay.io/a/x:1", target: "mirror.test/a/x:1" }],
    values: plan.overrides.flatMap(overrideLeaves),
    valuesGone: [["proxy", "image"]],
    patches: plan.patches,
    findings: plan.findings,
  };

  it("tells what changes, line by line, and all warnings; not what is only informative, nor what a list holds besides", () => {
    expect(describePlan(plan, all, ["the login of quay.io, which is not known yet"])).toBe(
      [
        "shop 1.2.3: 2 of 3 images to copy, 2.0 KiB and 1 of unknown size; 3 values change",
        "  quay.io/a/b:1",
        "    → mirror.test/a/b:1 (sha256:aaaaaaaaaaaa, 2.0 KiB, was sha256:000000000000)",
        "  quay.io/a/c:1",
        "    → mirror.test/a/c:1",
        "  quay.io/a/d:1",
        "    → mirror.test/a/d:1 (sha256:dddddddddddd, is there already)",
        "  quay.io/a/x:1 is not needed any more",
        "    mirror.test/a/x:1 stays in the mirror",
        '  global.imageRegistry = "mirror.test/team" (was "quay.io")',
        '  sidecars[0].image = "mirror.test/team/shop/log:1" (was "quay.io/shop/log:1")',
        "  proxy.image is not set any more",
        "1 line of the chart is patched",
        "  templates/job.yaml:7",
        "    - image: quay.io/a:1",
        "    + image: mirror.test/team/a:1",
        "not tried in this preview: the login of quay.io, which is not known yet",
        "warning: the pods of Job init get no pull secret",
      ].join("\n"),
    );
  });

  it.each<[keyof PlanChanges]>([["images"], ["gone"], ["values"], ["valuesGone"], ["patches"], ["findings"]])(
    "is there where %s alone are others",
    (part) => {
      expect(describePlan(plan, { ...NOTHING, [part]: all[part] })).toContain("of 3 images to copy");
    },
  );

  it("says nothing where nothing changes, and counts what does not", () => {
    expect(describePlan(plan, NOTHING)).toBeUndefined();
    expect(describePlan(plan, { ...NOTHING, values: all.values.slice(0, 1) })).toMatch(
      /^shop 1\.2\.3: 0 of 3 images to copy; 1 value changes\n/,
    );
    expect(describePlan(plan, { ...NOTHING, images: all.images.slice(0, 1) })).toMatch(/; 0 values change\n/);
  });

  it("shows a line in whose place several stand as these, with their indentation", () => {
    const patch = {
      file: "templates/job.yaml",
      line: 7,
      before: "  containers:",
      after: "  imagePullSecrets:\n  - name: shop-pull\n  containers:",
    };
    expect(describePlan(plan, { ...NOTHING, patches: [patch] })).toContain(
      ["    - containers:", "    + imagePullSecrets:", "    + - name: shop-pull", "    + containers:"].join("\n"),
    );
  });

  it("shows a bounded part of what a chart may hold, and obeys none of it", () => {
    const line = `\u001b[31m${"x".repeat(5000)}\n::error::no`;
    const patches = Array.from({ length: 500 }, (_, i) => ({ file: "a\n.yaml", line: i, before: line, after: line }));
    const told = describePlan(plan, { ...NOTHING, patches }) ?? "";
    expect(told).toContain("500 lines of the chart are patched");
    expect(told).toContain("and 480 more");
    expect(told.length).toBeLessThan(15_000);
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(told).not.toMatch(/\u001b|^\s*::error/m);
    expect(told.split("\n").filter((text) => text.startsWith("    - "))).toHaveLength(20);
  });
});
