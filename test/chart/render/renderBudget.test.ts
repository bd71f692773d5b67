import fc from "fast-check";
import type { Chart } from "../../../src/chart/content/chart";
import { coalescedValues } from "../../../src/chart/content/chartValues";
import { mergeValues, valueAt } from "../../../src/chart/content/valuePaths";
import { relocateChart } from "../../../src/chart/relocate";
import type { Manifest } from "../../../src/chart/render/kubernetesManifest";
import { RenderError, type Render } from "../../../src/chart/render/render";
import { MAX_RENDERS } from "../../../src/chart/render/renderBudget";
import type { JsonObject } from "../../../src/json";
import type { RelocationPlan } from "../../../src/plan/relocationPlan";

const MIRROR = { host: "mirror.test", path: "p" };

/** What one image of a chart does when its value is another one. */
const TRICKS = [
  "nothing",
  "fails",
  "failsBesideNext",
  "changesMore",
  "changesMoreBesideNext",
  "renames",
  "guards",
] as const;
type Trick = (typeof TRICKS)[number];

interface Adversary {
  readonly tricks: readonly Trick[];
  /** Something in it is different in every render. */
  readonly isRandom: boolean;
  /** What an upgrade has is no install's. */
  readonly hasUpgrades: boolean;
  /** What comes of pull secrets. */
  readonly secrets: "given" | "garbled" | "failing";
}

const imageOf = (i: number): string => `quay.io/team/app${i}:1`;

function valuesOf({ tricks }: Adversary): JsonObject {
  return Object.fromEntries(
    tricks.map((_, i) => [`part${i}`, { image: imageOf(i), pullSecrets: [], allowOthers: false }]),
  );
}

/** A chart that does all that it can to keep a search busy. */
function chartOf(adversary: Adversary): Chart {
  const template = adversary.tricks
    .map((_, i) => `image: {{ .Values.part${i}.image }} {{ .Values.part${i}.pullSecrets }}`)
    .join("\n");
  const more = `${adversary.hasUpgrades ? "{{ if .Release.IsUpgrade }}" : ""}${adversary.isRandom ? "{{ randAlpha 5 }}" : ""}`;
  return {
    metadata: { apiVersion: "v2", name: "busy", version: "1.0.0", dependencies: [] },
    valuesPath: [],
    values: valuesOf(adversary),
    files: [{ path: "templates/all.yaml", location: "templates/all.yaml", text: `${template}\n${more}` }],
    subcharts: [],
  };
}

function renderOf(adversary: Adversary, all: JsonObject, time: number, what: string): Manifest[] {
  const { tricks, isRandom, hasUpgrades, secrets } = adversary;
  const imageAt = (i: number): string => valueAt(all, [`part${i}`, "image"]) as string;
  const changed = (i: number): boolean => i < tricks.length && imageAt(i) !== imageOf(i);
  const fail = (reason: string): never => {
    throw new RenderError("busy", { reason, output: reason });
  };
  const manifests = tricks.map((trick, i): Manifest => {
    const pullSecrets = valueAt(all, [`part${i}`, "pullSecrets"]);
    const withSecrets = Array.isArray(pullSecrets) && pullSecrets.length > 0;
    const besideNext = changed(i) && changed((i + 1) % tricks.length);
    if (trick === "fails" && changed(i)) fail("no");
    if (trick === "failsBesideNext" && besideNext) fail("no");
    if (trick === "guards" && changed(i) && valueAt(all, [`part${i}`, "allowOthers"]) !== true)
      fail(`set part${i}.allowOthers`);
    if (secrets === "failing" && withSecrets && i % 2 === 0) fail("no");
    const isMore = (trick === "changesMore" && changed(i)) || (trick === "changesMoreBesideNext" && besideNext);
    const name = trick === "renames" && changed(i) ? `other${i}` : `app${i}`;
    return {
      object: {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, ...(isRandom && { annotations: { time: `t${time}` } }) },
        spec: {
          replicas: isMore ? 2 : 1,
          containers: [{ name: "main", image: imageAt(i) }],
          ...(withSecrets && { imagePullSecrets: secrets === "garbled" ? ["garbled"] : (pullSecrets ?? []) }),
        },
      },
    };
  });
  if (!hasUpgrades || what !== "upgrade") return manifests;
  const container = { name: "main", image: changed(0) && changed(1) ? imageOf(0) : imageAt(0) };
  return [
    ...manifests,
    { object: { apiVersion: "v1", kind: "Pod", metadata: { name: "upgrade" }, spec: { containers: [container] } } },
  ];
}

async function relocate(adversary: Adversary): Promise<{ plan: RelocationPlan; renders: number }> {
  let renders = 0;
  const chart = chartOf(adversary);
  const render: Render = (values, what = "install") => {
    renders += 1;
    const time = renders;
    return new Promise((resolve) => {
      resolve(renderOf(adversary, mergeValues(coalescedValues(chart, {}), values), time, what));
    });
  };
  return { plan: await relocateChart({ chart, values: {}, render, mirror: MIRROR, pullSecret: "pull" }), renders };
}

const ADVERSARY = fc.record<Adversary>({
  tricks: fc.array(fc.constantFrom(...TRICKS), { minLength: 2, maxLength: 24 }),
  isRandom: fc.boolean(),
  hasUpgrades: fc.boolean(),
  secrets: fc.constantFrom("given", "garbled", "failing"),
});

describe("the renders of one chart", () => {
  it("are never more than the most, and what is not moved by then is told with its place", async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(ADVERSARY, async (adversary) => {
        const { plan, renders } = await relocate(adversary);
        most = Math.max(most, renders);
        expect(renders).toBeLessThanOrEqual(MAX_RENDERS);
        expect(plan.renders).toBe(renders);
        const escapes = plan.findings.filter(({ severity }) => severity === "escape");
        for (const [i] of adversary.tricks.entries()) {
          const isMoved = plan.images.some(({ source }) => source === imageOf(i));
          const told = escapes.filter(({ image, location }) => image === imageOf(i) && location?.path.length);
          expect(isMoved || told.length > 0).toBe(true);
        }
        const unserved = plan.pods.filter(({ via }) => via === "none").map(({ name }) => name);
        const about = plan.findings.filter(({ code }) => code === "POD_WITHOUT_PULL_SECRET");
        for (const name of unserved) expect(about.some(({ message }) => message.includes(`Pod ${name} `))).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(most).toBe(MAX_RENDERS);
  });

  it("leave what was proved before there is none left", async () => {
    const tricks: Trick[] = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? "changesMore" : "nothing"));
    const { plan } = await relocate({ tricks, isRandom: false, hasUpgrades: false, secrets: "given" });
    expect(plan.images).toHaveLength(16);
    const escapes = plan.findings.filter(({ severity }) => severity === "escape");
    expect(escapes).toHaveLength(8);
    expect(escapes.at(-1)?.message).toContain("the chart was rendered 20 times, the most that is tried");
  });

  it.each([
    ["takes all but those that are kept", { hasUpgrades: false, cycle: 1 }],
    ["takes all that are left", { hasUpgrades: false, cycle: 4 }],
    ["begins with few, for upgrades", { hasUpgrades: true, cycle: 1 }],
  ])("leave what a first search for pull secrets proved, where a second one %s", async (_, { hasUpgrades, cycle }) => {
    const places = Array.from({ length: 40 }, (_, i) => `part${i}`);
    const chart: Chart = {
      ...chartOf({ tricks: [], isRandom: false, hasUpgrades: false, secrets: "given" }),
      values: {
        ...{ image: imageOf(0), other: imageOf(1) },
        ...Object.fromEntries(places.map((place) => [place, { pullSecrets: [] }])),
      },
      files: [
        {
          path: "templates/app.yaml",
          location: "templates/app.yaml",
          text: [
            `{{ .Values.image }} ${hasUpgrades ? "{{ if .Release.IsUpgrade }}{{ .Values.other }}{{ end }}" : ""}`,
            ...places.map((place) => `{{ .Values.${place}.pullSecrets }}`),
          ].join("\n"),
        },
      ],
    };
    let times = 0;
    const render: Render = (values, what) => {
      // As a chart that makes something of the time, which two renders may have alike.
      const annotations = { time: `t${times++ % cycle}` };
      const all = mergeValues(coalescedValues(chart, {}), values);
      const set = places.flatMap((place) => (valueAt(all, [place, "pullSecrets"]) as { name: string }[]).slice(0, 1));
      // Beside the first one all of them may be given, and else one alone; and none gets through that is no host.
      const hasFirst = (valueAt(all, ["part0", "pullSecrets"]) as unknown[]).length > 0;
      if (!hasFirst && set.length > 1) return Promise.reject(new RenderError("busy", { reason: "no", output: "no" }));
      const imagePullSecrets = set.filter(({ name }) => name.includes("."));
      return Promise.resolve(
        ["image", ...(what === "upgrade" ? ["other"] : [])].map((name) => {
          const spec = { containers: [{ name: "main", image: valueAt(all, [name]) as string }], imagePullSecrets };
          return { object: { apiVersion: "v1", kind: "Pod", metadata: { name, annotations }, spec } };
        }),
      );
    };
    const plan = await relocateChart({ chart, values: {}, render, mirror: MIRROR, pullSecret: "pull" });
    expect(plan.images.map(({ source }) => source)).toEqual([imageOf(0)]);
    // What upgrades alone have was not moved.
    const upgradesOwn = hasUpgrades ? ["IMAGE_ESCAPES", "POD_WITHOUT_PULL_SECRET"] : [];
    expect(plan.findings.map(({ code }) => code).sort()).toEqual([...upgradesOwn, "POD_WITHOUT_PULL_SECRET"].sort());
    // Renders that were kept for the proof have not all been needed: what is told is how many there were.
    expect(plan.findings[0]?.message).toContain(`the chart was rendered ${plan.renders} times`);
  });

  it("leave enough for patches, which give pods what no value does", async () => {
    const places = Array.from({ length: 40 }, (_, i) => `part${i}`);
    const text = [
      ...places.map((place) => `# {{ .Values.${place}.pullSecrets }}`),
      "apiVersion: v1",
      "kind: Pod",
      "metadata: { name: app }",
      "spec:",
      "  containers:",
      "    - { name: main, image: {{ .Values.image }} }",
    ].join("\n");
    const chart: Chart = {
      ...chartOf({ tricks: [], isRandom: false, hasUpgrades: false, secrets: "given" }),
      values: { image: imageOf(0), ...Object.fromEntries(places.map((place) => [place, { pullSecrets: [] }])) },
      files: [{ path: "templates/app.yaml", location: "templates/app.yaml", text }],
    };
    const renderOfText =
      (template: string): Render =>
      (values) => {
        const all = mergeValues(coalescedValues(chart, {}), values);
        // Each of them alone is refused, so that they are told apart one by one.
        const isSet = places.some((place) => JSON.stringify(valueAt(all, [place, "pullSecrets"])) !== "[]");
        if (isSet) return Promise.reject(new RenderError("busy", { reason: "no", output: "no" }));
        const name = /imagePullSecrets:\s+- name: (\S+)/.exec(template)?.[1];
        const spec = {
          containers: [{ name: "main", image: valueAt(all, ["image"]) as string }],
          ...(name !== undefined && { imagePullSecrets: [{ name }] }),
        };
        return Promise.resolve([{ object: { apiVersion: "v1", kind: "Pod", metadata: { name: "app" }, spec } }]);
      };
    const plan = await relocateChart({
      chart,
      values: {},
      render: renderOfText(text),
      renderPatched: (files) => Promise.resolve(renderOfText(files.get("templates/app.yaml") ?? text)),
      mirror: MIRROR,
      pullSecret: "pull",
    });
    expect(plan.pods).toMatchObject([{ name: "app", via: "pod" }]);
    expect(plan.patches).toMatchObject([{ file: "templates/app.yaml" }]);
    expect(plan.renders).toBeLessThanOrEqual(MAX_RENDERS);
  });
});
