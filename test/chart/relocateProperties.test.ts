import fc from "fast-check";
import type { Chart } from "../../src/chart/content/chart";
import { coalescedValues } from "../../src/chart/content/chartValues";
import type { Manifest } from "../../src/chart/render/kubernetesManifest";
import { relocateChart } from "../../src/chart/relocate";
import { mergeValues, valueAt, withValues } from "../../src/chart/content/valuePaths";
import { parseReference } from "../../src/image/reference";
import type { Json, JsonObject, JsonPath } from "../../src/json";
import { targetReference, type LayoutOptions } from "../../src/plan/layout";

/**
 * Charts made up by chance, whose templates stand both as text, for the analysis, and as functions, so that thousands of
 * renders take no time. Whatever the shape, an image is moved or reported: never silently wrong.
 */

const MIRROR = { host: "mirror.test", path: "p" };

/** One image of a made-up chart. */
interface Image {
  readonly kind: Kind;
  readonly host: string;
  readonly path: string;
  readonly suffix: string;
  /** Keys above the image's own values; the first may be a sub-chart. */
  readonly above: readonly string[];
}

const KINDS = [
  "whole",
  "split",
  "emptyRegistry",
  "hostInRepository",
  "globalFirst",
  "ownFirst",
  "sharedRegistry",
  "template",
  "templateOfGlobal",
  "listItem",
  "environmentText",
  "literal",
] as const;
type Kind = (typeof KINDS)[number];

/**
 * Kinds for which the values must be enough, whatever else is in the chart.
 *
 * Behind a host that has a value of its own, a path inside of other text cannot become another one.
 */
function isReachable({ kind }: Image, { upstreams }: LayoutOptions): boolean {
  return kind !== "literal" && !(upstreams && kind.startsWith("template"));
}

const LAYOUTS: readonly LayoutOptions[] = [
  {},
  { keepHost: true },
  { upstreams: [{ upstream: "docker.io", path: "hub" }] },
  {
    upstreams: [
      { upstream: "docker.io", path: "p/hub" },
      { upstream: "quay.io/team", path: "org" },
      { upstream: "registry.test:5000/lib/more", path: "cache/lib" },
      { upstream: "shared.test/team", path: "shared" },
    ],
  },
];

interface Shape {
  readonly values: JsonObject;
  readonly template: string;
  readonly render: (values: JsonObject) => string;
}

/**
 * @param at where the image's values stand in those of its chart
 * @param scope where the root's values hold those of its chart
 */
function shapeOf(image: Image, at: JsonPath, scope: JsonPath = []): Shape {
  const { kind, host, path, suffix } = image;
  const hosted = host === "" ? path : `${host}/${path}`;
  const name = `.Values.${at.join(".")}`;
  const textAt = (values: Json, where: JsonPath): string => {
    const value = valueAt(values, where);
    return typeof value === "string" ? value : "";
  };
  const text = (values: Json, ...more: JsonPath): string => textAt(values, [...scope, ...at, ...more]);
  const globalRegistry = (values: JsonObject): string => textAt(values, [...scope, "global", "imageRegistry"]);
  const join = (registry: string, rest: string): string => (registry === "" ? rest : `${registry}/${rest}`);
  const nest = (value: Json): JsonObject => withValues({}, {}, [[at, value]]);
  switch (kind) {
    case "whole":
      return { values: nest(hosted + suffix), template: `{{ ${name} }}`, render: (v) => text(v) };
    case "split":
    case "emptyRegistry": {
      const registry = kind === "split" ? host || "docker.io" : "";
      return {
        values: nest({ registry, repository: kind === "split" ? path : hosted, tag: suffix }),
        template: `{{ with ${name}.registry }}{{ . }}/{{ end }}{{ ${name}.repository }}{{ ${name}.tag }}`,
        render: (v) => join(text(v, "registry"), text(v, "repository")) + text(v, "tag"),
      };
    }
    case "hostInRepository":
      return {
        values: nest({ repository: hosted, suffix }),
        template: `{{ ${name}.repository }}{{ ${name}.suffix }}`,
        render: (v) => text(v, "repository") + text(v, "suffix"),
      };
    case "globalFirst":
      return {
        values: nest({ registry: host || "docker.io", repository: path, tag: suffix }),
        template: `{{ default ${name}.registry .Values.global.imageRegistry }}/{{ ${name}.repository }}{{ ${name}.tag }}`,
        render: (v) => join(globalRegistry(v) || text(v, "registry"), text(v, "repository")) + text(v, "tag"),
      };
    case "ownFirst":
      return {
        values: nest({ registry: host, repository: path, tag: suffix }),
        template: `{{ default .Values.global.imageRegistry ${name}.registry }}/{{ ${name}.repository }}{{ ${name}.tag }}`,
        render: (v) => join(text(v, "registry") || globalRegistry(v), text(v, "repository")) + text(v, "tag"),
      };
    case "sharedRegistry":
      return {
        values: { shared: { registry: "shared.test" }, ...nest({ repository: path, tag: suffix }) },
        template: `{{ .Values.shared.registry }}/{{ ${name}.repository }}{{ ${name}.tag }}`,
        render: (v) => `${textAt(v, [...scope, "shared", "registry"])}/${text(v, "repository")}${text(v, "tag")}`,
      };
    case "template":
      return {
        values: nest({ image: `{{ .Values.${at.join(".")}.from }}/${path}${suffix}`, from: host || "docker.io" }),
        template: `{{ tpl ${name}.image . }}`,
        render: (v) => text(v, "image").replace(/\{\{ .Values\.[\w.]+\.from \}\}/, text(v, "from")),
      };
    case "templateOfGlobal":
      return {
        values: { global: { hub: "hub.test" }, ...nest({ image: `{{ .Values.global.hub }}/${path}${suffix}` }) },
        template: `{{ tpl ${name}.image . }}`,
        render: (v) =>
          text(v, "image").replace("{{ .Values.global.hub }}", () => textAt(v, [...scope, "global", "hub"])),
      };
    case "listItem":
      return {
        values: nest([{ name: "a", image: hosted + suffix }, { name: "b" }]),
        template: `{{ range ${name} }}{{ .image }}{{ end }}`,
        render: (v) => text(v, 0, "image"),
      };
    case "environmentText":
      return {
        values: nest({ text: `first=1\nimage=${hosted}${suffix}\n` }),
        template: `{{ ${name}.text }}`,
        render: (v) => text(v, "text"),
      };
    case "literal":
      return { values: {}, template: hosted + suffix, render: () => hosted + suffix };
  }
}

/** The names under which a made-up chart has its one sub-chart twice. */
const ALIASES = ["first", "second"];

/**
 * A chart with images of its own and with a sub-chart under two names: the parent's values give the second one other
 * images of the same shapes.
 */
function chartOf(
  own: readonly Image[],
  inherited: readonly Image[] = [],
): { chart: Chart; images: readonly Image[]; render: (values: JsonObject) => Promise<Manifest[]> } {
  const other = (one: Image): Image => (one.kind === "literal" ? one : { ...one, path: `${one.path}-other` });
  const below = (one: Image, i: number): JsonPath => [...one.above, `part${i}`];
  const valuesOf = (shapes: readonly Shape[]): JsonObject =>
    shapes.reduce((all, shape) => mergeValues(all, shape.values), {} as JsonObject);
  const textOf = (shapes: readonly Shape[]): string => shapes.map((shape) => `image: ${shape.template}`).join("\n");

  const shapes = own.map((one, i) => shapeOf(one, below(one, i)));
  const inFirst = inherited.map((one, i) => shapeOf(one, below(one, i), ["first"]));
  const inSecond = inherited.map((one, i) => shapeOf(other(one), below(one, i), ["second"]));
  const file = { path: "templates/all.yaml", location: "charts/part/templates/all.yaml", text: textOf(inFirst) };
  const dependencies =
    inherited.length === 0
      ? []
      : ALIASES.map((alias) => ({ name: "part", version: "1", alias, tags: [], importValues: [] }));
  const chart: Chart = {
    metadata: { apiVersion: "v2", name: "made-up", version: "1.0.0", dependencies },
    valuesPath: [],
    values: [
      { global: { imageRegistry: "" } },
      valuesOf(shapes),
      inherited.length > 0 ? { second: valuesOf(inSecond) } : {},
    ].reduce<JsonObject>(mergeValues, {}),
    files: [{ path: "templates/all.yaml", location: "templates/all.yaml", text: textOf(shapes) }],
    subcharts: dependencies.map((dependency) => ({
      metadata: { apiVersion: "v2", name: "part", version: "1", dependencies: [] },
      dependency,
      valuesPath: [dependency.alias],
      values: valuesOf(inFirst),
      files: [file],
      subcharts: [],
    })),
  };
  const images = [...own, ...inherited, ...inherited.map(other)];
  const all = [...shapes, ...inFirst, ...inSecond];
  return {
    chart,
    images,
    render: (user) => {
      const values = coalescedValues(chart, user);
      return Promise.resolve(
        images.map(({ kind }, i) => {
          const rendered = (all[i] as Shape).render(values);
          const container: JsonObject =
            kind === "environmentText"
              ? { name: "c", image: "mirror.test/p/fixed:1", env: [{ name: "RELATED_IMAGES", value: rendered }] }
              : { name: "c", image: rendered };
          return {
            object: {
              apiVersion: "v1",
              kind: "Pod",
              metadata: { name: `pod-${i}` },
              spec: { containers: [container] },
            },
          };
        }),
      );
    },
  };
}

const image: fc.Arbitrary<Image> = fc.record({
  kind: fc.constantFrom(...KINDS),
  host: fc.constantFrom("", "quay.io", "ghcr.io", "registry.test:5000"),
  path: fc.tuple(fc.constantFrom("", "team/", "lib/more/", "x/"), fc.nat(30)).map(([folder, n]) => `${folder}app${n}`),
  suffix: fc.constantFrom(":1.2.3", ":v1", `@sha256:${"a".repeat(64)}`, `:1@sha256:${"b".repeat(64)}`),
  above: fc.constantFrom([], ["web"], ["web", "server"], ["worker"]),
});

/** Images of one path from two hosts would collide in the mirror, which is an error of its own. */
const images = fc.uniqueArray(image, { minLength: 1, maxLength: 6, selector: (one) => one.path.split("/").at(-1) });

function textsOf(manifests: readonly Manifest[]): string[] {
  return manifests.map(({ object }) => {
    const container = valueAt(object, ["spec", "containers", 0]) as { image: string; env?: { value: string }[] };
    return container.env?.[0]?.value ?? container.image;
  });
}

/** Relocates by values alone, and checks each image in a render with them. */
async function moves(made: ReturnType<typeof chartOf>, layout: LayoutOptions): Promise<void> {
  const { chart, images: some, render } = made;
  const before = textsOf(await render({}));
  const plan = await relocateChart({ chart, values: {}, render, mirror: MIRROR, layout });
  const after = textsOf(await render(plan.values));
  const escapes = new Set(plan.findings.filter((f) => f.severity === "escape").map((f) => f.image));
  some.forEach((one, i) => {
    const was = before[i]?.replace(/^first=1\nimage=|\n$/g, "") ?? "";
    const is = after[i]?.replace(/^first=1\nimage=|\n$/g, "") ?? "";
    if (isReachable(one, layout)) expect(escapes).not.toContain(was);
    if (escapes.has(was)) expect(is).toBe(was);
    else expect(is).toBe(targetReference(parseReference(was), MIRROR, layout));
  });
}

describe("relocateChart on made-up charts", () => {
  test("moves every image or reports it, and changes nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(images, fc.constantFrom(...LAYOUTS), (some, layout) => moves(chartOf(some), layout)),
      { numRuns: 500 },
    );
  });

  test("does so in a sub-chart that stands there under two names, with other values for each", async () => {
    await fc.assert(
      fc.asyncProperty(images, fc.nat(5), fc.constantFrom(...LAYOUTS), (some, at, layout) =>
        moves(chartOf(some.slice(at), some.slice(0, at)), layout),
      ),
      { numRuns: 300 },
    );
  });
});
