import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChartCopy } from "../../src/chart/content/chartCopy";
import { readChart } from "../../src/chart/content/chartFiles";
import { helmCommand } from "../../src/chart/render/helmCommand";
import { parseHelmYaml } from "../../src/chart/content/helmYaml";
import type { RelocateOptions } from "../../src/chart/describe/relocateOptions";
import { relocateChart } from "../../src/chart/relocate";
import type { JsonObject } from "../../src/json";
import type { LayoutOptions } from "../../src/plan/layout";
import type { RelocationPlan } from "../../src/plan/relocationPlan";
import { TargetCollisionError } from "../../src/plan/targetCollision";
import { ensureTool } from "../support/tools";

const CHARTS = join(__dirname, "charts");
// Tests are declared before anything can be awaited.
const NAMES = readdirSync(CHARTS);
const MIRROR = { host: "mirror.test", path: "p" };

/** What `expected.yaml` of a chart says. */
interface Expected {
  /** In words: the behaviour that the chart has. */
  readonly about: string;
  /** The user's values. */
  readonly given?: JsonObject;
  /** How targets are named, where not by their source's path. */
  readonly layout?: LayoutOptions;
  /** Source to target. */
  readonly images: Record<string, string>;
  /** How many names they have in the mirror, where that is told. */
  readonly copies?: number;
  readonly values?: JsonObject;
  readonly escapes?: readonly string[];
  /** Part of what the first escape says. */
  readonly said?: string;
  /** How often the chart may be rendered, where that is told. */
  readonly renders?: number;
  /** When the chart's hooks run. */
  readonly hooks?: readonly string[];
  /** How the other findings begin: severity, code and message. */
  readonly warnings?: readonly string[];
  /** The sources that would get one target. */
  readonly collision?: readonly string[];
  /** With a pull secret named `pull`. */
  readonly pullSecrets?: { readonly values: JsonObject; readonly pods: Record<string, string> };
  /** With patches allowed, and a pull secret where there are pods. */
  readonly patched?: {
    readonly images: Record<string, string>;
    readonly values: JsonObject;
    readonly lines?: readonly string[];
    readonly pods?: Record<string, string>;
    readonly escapes?: readonly string[];
    readonly renders?: number;
  };
}

let helm: string;
let scratch: string;

beforeAll(async () => {
  helm = await ensureTool("helm");
  scratch = await mkdtemp(join(tmpdir(), "relocate-"));
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function relocate(
  name: string,
  { given = {}, layout }: Pick<Expected, "given" | "layout">,
  options: Partial<RelocateOptions> = {},
): Promise<RelocationPlan> {
  const folder = join(CHARTS, name);
  const renderOf = (chart: string) => helmCommand(helm, { chart, releaseName: "release", namespace: "default" });
  return relocateChart({
    chart: await readChart(folder),
    values: given,
    render: renderOf(folder),
    mirror: MIRROR,
    ...(layout && { layout }),
    ...options,
  });
}

async function patching(name: string): Promise<Pick<RelocateOptions, "renderPatched">> {
  const copy = await ChartCopy.create(join(CHARTS, name), join(scratch, name));
  const render = helmCommand(helm, { chart: copy.folder, releaseName: "release", namespace: "default" });
  return {
    renderPatched: async (files) => {
      await copy.apply(files);
      return render;
    },
  };
}

function imagesOf(plan: RelocationPlan): Record<string, string> {
  return Object.fromEntries(plan.images.map(({ source, target }) => [source, target]));
}

function escapesOf(plan: RelocationPlan): string[] {
  return [...new Set(plan.findings.flatMap((f) => (f.severity === "escape" ? [f.image ?? f.message] : [])))].sort();
}

function warningsOf({ findings }: RelocationPlan): string[] {
  return findings.flatMap((f) => (f.severity === "escape" ? [] : [`${f.severity} ${f.code} ${f.message}`]));
}

const beginning = (text: string): unknown =>
  expect.stringMatching(new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));

function podsOf(plan: RelocationPlan): Record<string, string> {
  return Object.fromEntries(plan.pods.map(({ name, via }) => [name, via]));
}

describe("relocateChart", () => {
  test("every chart below charts/ says what is expected of it", async () => {
    expect(NAMES.length).toBeGreaterThan(30);
    for (const name of NAMES) expect((await expectedOf(name)).about).toMatch(/\w+/);
  });

  describe.each(NAMES)("%s", (name) => {
    let expected: Expected;
    beforeAll(async () => {
      expected = await expectedOf(name);
    });

    test("by values", async () => {
      const plan = relocate(name, expected);
      if (expected.collision) {
        await expect(plan).rejects.toThrow(TargetCollisionError);
        await expect(plan).rejects.toMatchObject({ sources: expected.collision });
        return;
      }
      expect({ images: imagesOf(await plan), escapes: escapesOf(await plan) }).toEqual({
        images: expected.images,
        escapes: expected.escapes ?? [],
      });
      if (expected.copies) expect((await plan).images).toHaveLength(expected.copies);
      if (expected.values) expect((await plan).values).toEqual(expected.values);
      if (expected.renders) expect((await plan).renders).toBeLessThanOrEqual(expected.renders);
      if (expected.hooks) expect((await plan).hooks?.map(({ hook }) => hook)).toEqual(expected.hooks);
      if (expected.warnings) expect(warningsOf(await plan)).toEqual(expected.warnings.map(beginning));
      if (expected.said) expect((await plan).findings[0]?.message).toContain(expected.said);
    });

    test("with a pull secret", async () => {
      if (!expected.pullSecrets) return;
      const plan = await relocate(name, expected, { pullSecret: "pull" });
      expect({ values: plan.values, pods: podsOf(plan) }).toEqual(expected.pullSecrets);
    });

    test("with patches", async () => {
      if (expected.collision) return;
      const pullSecret = expected.patched?.pods && { pullSecret: "pull" };
      const plan = await relocate(name, expected, { ...(await patching(name)), ...pullSecret });
      // What values reach is never patched.
      const {
        images,
        values,
        lines,
        pods,
        renders,
        escapes = [],
      } = expected.patched ?? { images: expected.images, lines: [] };
      expect({ images: imagesOf(plan), escapes: escapesOf(plan) }).toEqual({ images, escapes });
      if (values) expect(plan.values).toEqual(values);
      if (lines) expect(plan.patches.map(({ file, line }) => `${file}:${line}`)).toEqual(lines);
      if (pods) expect(podsOf(plan)).toEqual(pods);
      if (renders) expect(plan.renders).toBeLessThanOrEqual(renders);
    });
  });
});

async function expectedOf(name: string): Promise<Expected> {
  return parseHelmYaml(await readFile(join(CHARTS, name, "expected.yaml"), "utf8")) as unknown as Expected;
}
