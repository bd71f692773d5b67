import { alignItems } from "../../src/chart/render/alignment";
import { readImages } from "../../src/chart/compare/imagePlaces";
import { leafDifferences } from "../../src/chart/compare/differences";
import { findImages } from "../../src/chart/find/imageReferences";
import { literalCandidates } from "../../src/chart/solve/literalCandidates";
import { parseManifests } from "../../src/chart/render/kubernetesManifest";
import { explainRenderFailure } from "../../src/chart/render/renderFailure";
import { imagesBelowHub, splitImages } from "../../src/chart/find/splitImages";
import { imageLineMentions, rendersByChance } from "../../src/chart/content/templateMentions";
import { toleranceOf } from "../../src/chart/compare/tolerance";
import { valueImages } from "../../src/chart/find/valueImages";
import type { RequiredReplacement } from "../../src/chart/find/requiredReplacements";
import type { Json, JsonObject } from "../../src/json";
import { growsTooFast } from "../support/linearTime/growth";

const many = <T>(size: number, item: (i: number) => T): T[] => Array.from({ length: size }, (_, i) => item(i));
const map = (size: number, item: (i: number) => Json): JsonObject =>
  Object.fromEntries(many(size, (i) => [`key${i}`, item(i)]));
const lines = (size: number, line: (i: number) => string): string => many(size, line).join("\n");
const configMap = (data: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a" },
  data,
});
const replacement = {
  name: "quay.io/a/b",
  source: { registry: "quay.io", repository: "a/b", hasHost: true, path: "a/b" },
} as unknown as RequiredReplacement;
const planned = { texts: ["m.test"], settings: [] };

function imagesElsewhere(written: (text: string) => string, size: number): unknown {
  const [before, after] = ["quay.io", "m.test"].map((host) => [
    { object: configMap({ a: written(lines(size, (i) => `image: ${host}/a/b${i}:1`)) }) },
  ]);
  return readImages(findImages(before as never, { values: {} }), before as never, after as never);
}

/** A chart's texts have megabytes; what takes the square of them does not end. */
it.each<[string, (size: number) => unknown]>([
  ["objects of a render", (n) => parseManifests(lines(n, (i) => `---\nkind: A\nmetadata: { name: a${i} }`))],
  ["lines of one object", (n) => parseManifests(`kind: A\ndata:\n${lines(n, (i) => `  key${i}: a`)}`)],
  [
    "images in a text",
    (n) => findImages([{ object: configMap({ a: lines(n, (i) => `image: quay.io/a/b${i}:1`) }) }], { values: {} }),
  ],
  ["images in one line", (n) => findImages([{ object: configMap({ a: "quay.io/a/b:1 ".repeat(n) }) }], { values: {} })],
  [
    "texts of an object",
    (n) => findImages([{ object: configMap(map(n, (i) => `quay.io/a/b${i}:1`)) }], { values: {} }),
  ],
  ["images of a text in another render", (n) => imagesElsewhere((text) => text, n)],
  ["images of base64 in another render", (n) => imagesElsewhere((text) => Buffer.from(text).toString("base64"), n)],
  [
    "images of a list in another render",
    (n) => {
      const list = (host: string, size: number) => many(size, (i) => ({ image: `${host}/a/b${i}:1` }));
      const [before, after] = [list("quay.io", n), list("m.test", n + 1)].map((spec) => [
        { object: { kind: "A", spec } },
      ]);
      return readImages(findImages(before as never, { values: {} }), before as never, after as never);
    },
  ],
  ["images in fields", (n) => splitImages(map(n, (i) => (i % 2 ? "1.0" : `quay.io/a/b${i}`)))],
  ["images below a hub", (n) => imagesBelowHub({ hub: "quay.io/a", ...map(n, (i) => ({ image: `b${i}`, tag: "1" })) })],
  ["images of values", (n) => valueImages(map(n, (i) => ({ repository: `quay.io/a/b${i}`, tag: "1" })))],
  [
    "literals in lines",
    (n) =>
      literalCandidates(
        [
          { path: "templates/a.yaml", location: "templates/a.yaml", text: lines(n, () => "image: quay.io/a/b:1") },
        ] as never,
        [replacement],
      ),
  ],
  [
    "literals in one line",
    (n) =>
      literalCandidates(
        [{ path: "templates/a.yaml", location: "templates/a.yaml", text: "quay.io/a/b:1 ".repeat(n) }] as never,
        [replacement],
      ),
  ],
  ["mentions in lines", (n) => imageLineMentions([{ scope: [], text: lines(n, (i) => `image: {{ .Values.a${i} }}`) }])],
  ["actions", (n) => rendersByChance([{ scope: [], text: "{{ .Values.a }} now ".repeat(n) }])],
  [
    "places of a failure",
    (n) => explainRenderFailure(`Error: ${'app/templates/a.yaml:1:2: executing "a" at ('.repeat(n)}`),
  ],
  [
    "items of lists",
    (n) =>
      alignItems(
        many(n, (i) => `a${i}`),
        many(n + 1, (i) => `a${i * 7}`),
      ),
  ],
  [
    "items that all changed",
    (n) =>
      alignItems(
        many(n, (i) => `a${i}`),
        many(n + 1, (i) => `b${i}`),
      ),
  ],
  [
    "items that are all the same",
    (n) =>
      alignItems(
        many(n, () => "a"),
        ["b", ...many(n, () => "a"), "c"],
      ),
  ],
  [
    "leaves that differ",
    (n) =>
      leafDifferences(
        map(n, () => "a"),
        map(n, () => "b"),
      ),
  ],
  [
    "lines that show the plan",
    (n) =>
      toleranceOf(
        { path: ["a"], before: lines(n, (i) => `a: ${i}`), after: lines(n + 1, (i) => `b: m.test/${i}`) },
        planned,
      ),
  ],
])("%s: the time grows with their number", (_, work) => {
  // Where a bound stands, what lies below it may grow as it likes.
  expect(growsTooFast((size) => size, work, 4_000)).toBe(false);
});
