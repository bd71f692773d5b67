import Ajv from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatTable } from "../../../src/cli/output/table";
import { formatBytes } from "../../../src/image/bytes";
import { baselineOf, registryBaseline } from "../../../src/plan/report/baseline";
import { formatLock } from "../../../src/plan/lock/lockFormat";
import { planReport, type Baseline, type PlanReport } from "../../../src/plan/report/planReport";
import { reportMarkdown } from "../../../src/plan/report/reportMarkdown";
import { summaryLine } from "../../../src/plan/report/reportWords";
import { reportTable } from "../../../src/plan/report/reportTable";
import { formatReference } from "../../../src/image/reference";
import type { ResolvedPlan } from "../../../src/plan/resolvedPlan";
import { CHART_DIGEST, image, lockOf, MIRROR, shopPlan } from "../shopPlan";

const schema = JSON.parse(readFileSync(join(__dirname, "../../../schema/plan-v1.json"), "utf8")) as object;
const conforms = new Ajv({ strict: true, strictTypes: false }).compile(schema);

const nothing: Baseline = { kind: "registry", images: [] };
function report(plan: ResolvedPlan, baseline: Baseline = nothing): PlanReport {
  const made = planReport(plan, { mirror: MIRROR, chartDigest: CHART_DIGEST, baseline });
  expect(conforms(JSON.parse(JSON.stringify(made))) || conforms.errors).toBe(true);
  return made;
}
const lockBaseline = (plan: ResolvedPlan): Baseline => baselineOf(formatLock(lockOf(plan)), "chart-mirror.lock.yaml");
const changesOf = ({ images }: PlanReport) => Object.fromEntries(images.map(({ source, change }) => [source, change]));

describe("planReport", () => {
  it("tells apart what is new, moved, there and not known at the target", async () => {
    const plan = shopPlan({ images: ["a:1", "b:1", "c:1", "d:1"].map((name) => image(name)) });
    const told: Error[] = [];
    const baseline = await registryBaseline(
      plan.images,
      async (reference) => {
        const target = await Promise.resolve(formatReference(reference));
        if (target.endsWith("/d:1")) throw new Error("no answer");
        if (target.endsWith("/a:1")) return undefined;
        return { digest: image(target.endsWith("/b:1") ? "old" : "c:1").digest };
      },
      (error) => told.push(error),
    );
    const made = report(plan, baseline);
    expect(changesOf(made)).toEqual({
      "quay.io/a:1": "new",
      "quay.io/b:1": "moved",
      "quay.io/c:1": "same",
      "quay.io/d:1": "unknown",
    });
    expect(made.images[1]?.previous).toEqual({ digest: image("old").digest });
    const [a, b, c, d] = plan.images.map(({ size = 0 }) => size) as [number, number, number, number];
    expect(made.summary).toMatchObject({
      bytes: a + b + c + d,
      bytesToCopy: a + b,
      new: 1,
      moved: 1,
      same: 1,
      unknown: 1,
    });
    expect(told).toHaveLength(1);
    // What is not known may have to be copied, too.
    expect(summaryLine(made)).toBe(
      `4 images: 1 new, 1 moved, 1 unknown, since the mirror could not be asked; up to ${formatBytes(a + b + d)} to copy of ${formatBytes(a + b + c + d)}`,
    );
  });

  it("tells what another version of the chart changes against a lock file", () => {
    const before = shopPlan({ images: [image("shop/api:1"), image("shop/old:1"), image("shop/web:1")] });
    const after = shopPlan({
      chart: { name: "shop", version: "2.0.0" },
      images: [image("shop/api:1"), image("shop/new:1"), image("shop/web:2")],
      overrides: [
        { path: ["global", "imageRegistry"], value: "mirror.test/other", reason: "moves 2 images" },
        { path: ["guard"], value: true, reason: "guard of the chart against other registries" },
      ],
    });
    const made = report(after, lockBaseline(before));
    expect(made.chart).toMatchObject({ version: "2.0.0", previousVersion: "1.2.3" });
    expect(changesOf(made)).toEqual({
      "quay.io/shop/api:1": "same",
      "quay.io/shop/new:1": "new",
      "quay.io/shop/old:1": "gone",
      "quay.io/shop/web:2": "changed",
    });
    expect(made.images[3]?.previous).toEqual({ source: "quay.io/shop/web:1", digest: image("shop/web:1").digest });
    expect(made.overrides.map(({ path, change }) => [path, change])).toEqual([
      ["global.imageRegistry", "changed"],
      ["guard", "new"],
    ]);
    expect(made.overridesGone).toEqual(["sidecars[0].image"]);
    expect(made.summary).toMatchObject({ images: 3, new: 1, changed: 1, gone: 1, same: 1 });
  });

  it("compares with a report as with a lock file", () => {
    const before = JSON.stringify(report(shopPlan()));
    expect(changesOf(report(shopPlan(), baselineOf(before, "plan.json")))).toEqual(
      changesOf(report(shopPlan(), lockBaseline(shopPlan()))),
    );
  });

  it("does not know what it cannot ask, and says so", () => {
    const { source, target, locations } = image("a:1");
    const made = report(
      shopPlan({ images: [{ source, target, locations }] }),
      lockBaseline(shopPlan({ images: [image("a:1")] })),
    );
    expect(made.summary).toMatchObject({ unknown: 1, sizesUnknown: 1, bytes: 0 });
  });

  it.each([
    ["no JSON", "{", /it is no JSON/],
    ["another version", '{"reportVersion":2}', /its reportVersion is not 1/],
    ["no report", '{"reportVersion":1}', /it lacks chart, images or overrides/],
    ["no lock file", "a: 1", /it is no lock file/],
  ])("refuses to compare with %s", (_, text, message) => {
    expect(() => baselineOf(text, "before")).toThrow(message);
  });
});

describe("as Markdown", () => {
  it("says first what matters and folds the rest", () => {
    const moved: Baseline = {
      kind: "registry",
      images: [image("shop/api:1"), { ...image("shop/web:1"), digest: image("old").digest }],
    };
    expect(reportMarkdown(report(shopPlan(), moved))).toMatchSnapshot();
  });

  it("shows exactly what names and messages are, whatever they hold", () => {
    const evil = "<script> @team #12 `x` | a_b_c **b** [l](http://x)\n- y";
    const text = reportMarkdown(
      report(
        shopPlan({
          overrides: [{ path: ["x"], previous: evil, value: "`` | ``", reason: evil }],
          findings: [{ severity: "escape", code: "IMAGE_ESCAPES", message: evil }],
          pods: [{ kind: "Pod|x", name: "`y`", serviceAccount: "default", via: "none" }],
        }),
      ),
    );
    const shown = String.raw`&lt;script\> &#64;team \#12 \`x\` \| a\_b\_c \*\*b\*\* \[l\]\(http:&#47;&#47;x\)<br>\- y`;
    expect(text).toContain(`- :x: **Pulled from outside the mirror**: ${shown}\n`);
    expect(text).toContain('| ``` "<script> @team #12 `x` \\| a_b_c **b** [l](http://x)\\n- y" → "`` \\| ``" ``` |');
    expect(text).toContain("| `` Pod\\|x `y` `` | none |");
    // Outside of code nothing is left that Markdown would take for markup.
    expect(text.replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "")).not.toMatch(/<script|(?<!&#64;)@team/);
  });

  it("fits into a comment however many images there are", () => {
    const text = reportMarkdown(
      report(shopPlan({ images: Array.from({ length: 900 }, (_, i) => image(`team/image-${i}:1`)) })),
    );
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("Too long for a comment: 900 images. See the report as JSON.");
    expect(text).toContain("<summary>2 values to set</summary>");
  });
});

describe("on one screen", () => {
  it("has the worst first, and the rest folded", () => {
    const findings = Array.from({ length: 20 }, (_, i) => ({
      severity: i === 13 ? ("escape" as const) : ("warning" as const),
      code: "X",
      message: `finding ${i}.`,
    }));
    const images = Array.from({ length: 40 }, (_, i) => image(`team/image-${i}:1`));
    const made = report(shopPlan({ images, findings }), { kind: "registry", images: images.slice(25) });
    const [screen = "", ...rest] = reportMarkdown(made).split("<details>");
    expect(screen.split("\n").length).toBeLessThan(32);
    expect(screen).toContain("1 image outside the mirror, 19 warnings, 2 values, 1 patched line");
    expect(screen.indexOf(":x:")).toBeLessThan(screen.indexOf(":warning:"));
    expect(screen).toMatch(/finding 13\.[^]*- and 14 more, below[^]*and 15 more, below/);
    const titles = rest.map((section) => /<summary>(.*?)<\/summary>/.exec(section)?.[1]);
    expect(titles).toEqual([
      "All 20 findings",
      "40 images",
      "2 values to set",
      "1 line of the chart patched, since no value reaches them",
      "Pull secrets of 1 pod",
      "The release as a graph",
    ]);
    expect(rest.at(-1)).toMatch(/\n```mermaid\nflowchart LR\n[^`]*```\n/);
  });
});

describe("as a table", () => {
  it("lays everything out for a terminal", () => {
    expect(
      reportTable(report(shopPlan(), lockBaseline(shopPlan({ images: [image("shop/api:1")] }))), formatTable),
    ).toMatchSnapshot();
  });
});

test("no form shows what stands beside an image in a list", () => {
  const made = report(shopPlan());
  for (const text of [JSON.stringify(made), reportMarkdown(made), reportTable(made, formatTable)])
    expect(text).not.toContain("hunter2!");
});
