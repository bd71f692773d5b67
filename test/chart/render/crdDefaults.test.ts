import fc from "fast-check";
import { crdDefaults, mayHoldImageDefault, schemaDefaults } from "../../../src/chart/render/crdDefaults";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import { valueAt } from "../../../src/chart/content/valuePaths";
import type { Json, JsonObject } from "../../../src/json";

const crd = (schema: Json): JsonObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.x.io" },
  spec: { group: "x.io", versions: [{ name: "v1" }, { name: "v2", schema: { openAPIV3Schema: schema } }] },
});

describe("defaults of a CRD", () => {
  it("are all that is kept of it, where they stand", () => {
    const whole = crd({
      type: "object",
      description: "runs quay.io/a/b:1",
      properties: {
        image: { type: "string", default: "quay.io/a/b:1" },
        default: { type: "string", pattern: "x" },
        replicas: { type: "integer", default: 1 },
        list: { type: "array", items: { properties: { image: { default: "quay.io/a/c:1" } } } },
        any: { anyOf: [{ type: "string" }, { properties: { image: { default: "quay.io/a/d:1" } } }] },
      },
    });
    const kept = crdDefaults(whole) ?? {};
    expect(JSON.stringify(kept)).not.toMatch(/runs|pattern|replicas/);
    const found = [...schemaDefaults(kept)];
    expect(found.map(({ field, value }) => `${field}: ${JSON.stringify(value)}`)).toEqual([
      'image: "quay.io/a/b:1"',
      'image: "quay.io/a/c:1"',
      'image: "quay.io/a/d:1"',
    ]);
    for (const { path, value } of found) expect(valueAt(whole, path)).toEqual(value);
  });

  it("are read in the schema of earlier versions, too", () => {
    const spec = { validation: { openAPIV3Schema: { properties: { image: { default: "a/b:1" } } } } };
    expect([...schemaDefaults(crdDefaults({ kind: "CustomResourceDefinition", spec }) ?? {})]).toMatchObject([
      { path: ["spec", "validation", "openAPIV3Schema", "properties", "image", "default"], field: "image" },
    ]);
  });

  it.each<[string, JsonObject]>([
    ["no schema", { spec: { versions: [{ name: "v1" }] } }],
    ["no texts among them", crd({ properties: { replicas: { default: 1 } } })],
    ["a broken form", { spec: { versions: "v1", validation: [] } }],
  ])("are none with %s", (_, object) => {
    expect(crdDefaults(object)).toBeUndefined();
  });

  it("keep their place, whatever the schema is", () => {
    const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        fc.record({ default: fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.string())) }, { requiredKeys: [] }),
        fc.dictionary(fc.string(), tie("schema")).map((properties) => ({ properties })),
        fc.array(tie("schema")).map((allOf) => ({ allOf })),
        tie("schema").map((items) => ({ items })),
      ),
    }));
    fc.assert(
      fc.property(schema, (root) => {
        const whole = crd(root);
        const kept = crdDefaults(whole);
        for (const { path, value } of kept ? schemaDefaults(kept) : []) expect(valueAt(whole, path)).toEqual(value);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });
});

describe("a CRD's text", () => {
  it.each<[string, boolean]>([
    ["default: quay.io/a/b:1", true],
    ['"default": "redis:7"', true],
    ["default: {image: quay.io/a/b:1}", true],
    ["default:\n  sidecar:\n    image: a", true],
    ["default: ClusterIP", false],
    ["default:\n  maxSurge: 1", false],
    ["description: by default: none", false],
    ["description: quay.io/a/b:1", false],
  ])("%j may hold an image's default: %s", (text, expected) => {
    expect(mayHoldImageDefault(text)).toBe(expected);
  });

  it("is read as far as it does", () => {
    const yaml = (value: string): string =>
      `kind: CustomResourceDefinition\nspec: {versions: [{schema: {openAPIV3Schema: {properties: {a: {default: ${value}}}}}}]}\n`;
    expect(parseManifests(`${yaml("quay.io/a/b:1")}---\n${yaml("ClusterIP")}`)).toHaveLength(1);
  });
});
