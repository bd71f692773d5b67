import { differences } from "../../../src/chart/compare/differences";
import { findImages } from "../../../src/chart/find/imageReferences";
import {
  identityOf,
  InvalidKubernetesManifestError,
  manifestParser,
  manifestsOf,
  parseManifests,
} from "../../../src/chart/render/kubernetesManifest";

const CONFIG = (name: string, data = "x"): string =>
  `# Source: shop/templates/config.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: ${data}\n`;

describe("parseManifests", () => {
  it("names the template and the hook of each object", () => {
    const output = `---\n${CONFIG("a")}---\n# Source: shop/charts/db/templates/tests/t.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: t\n  annotations:\n    helm.sh/hook: test\n`;
    const manifests = parseManifests(output);
    expect(manifests.map(({ template, hook, object }) => [template, hook, identityOf(object)])).toEqual([
      ["shop/templates/config.yaml", undefined, { apiVersion: "v1", kind: "ConfigMap", name: "a" }],
      ["shop/charts/db/templates/tests/t.yaml", "test", { apiVersion: "v1", kind: "Pod", name: "t" }],
    ]);
  });

  it("gives the documents that follow in one file its template", () => {
    const second = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
    expect(parseManifests(`---\n${CONFIG("a")}---\n${second}`)[1]?.template).toBe("shop/templates/config.yaml");
  });

  it.each<[string, string, boolean]>([
    ["9007199254740993", "9007199254740992", false],
    ["9007199254740993", "0x20000000000001", true],
    ["-9223372036854775808", "-9223372036854775807", false],
    ["18446744073709551615", "18446744073709551614", false],
    ["9007199254740993", '"9007199254740993"', false],
    ["12", "0xc", true],
  ])("tells integers of 64 bits from each other: %s and %s", (one, other, isSame) => {
    const [[before], [after]] = [parseManifests(CONFIG("a", one)), parseManifests(CONFIG("a", other))];
    const found = differences([before?.object ?? {}], [after?.object ?? {}]);
    expect(found.map(({ path }) => path.join("."))).toEqual(isSame ? [] : ["data.a"]);
  });

  it("reads the digits of an integer as a tag's", () => {
    const [app] = parseManifests(
      "apiVersion: a.test/v1\nkind: A\nspec: {repository: quay.io/a/b, tag: 20240101123456789}\n",
    );
    const [image] = findImages(app ? [app] : [], { values: {} });
    expect(image?.reference).toBe("quay.io/a/b:20240101123456789");
  });

  it.each([
    ["kind: CustomResourceDefinition", "kind: CustomResourceDefinition\nspec: {a: [}\n"],
    ["a quoted kind", 'kind: "CustomResourceDefinition"\nspec: {a: [}\n'],
    ["JSON", '{"kind": "CustomResourceDefinition", "spec": {}}'],
    ["an empty document", "# nothing here\n"],
    ["a text", "just words\n"],
  ])("leaves out %s", (_, document) => {
    expect(parseManifests(`---\n${document}\n---\n${CONFIG("a")}`)).toHaveLength(1);
  });

  it("takes lists apart, lists in lists too", () => {
    const item = (name: string): string => `{kind: Pod, metadata: {name: ${name}}}`;
    const list = `kind: List\nitems: [${item("a")}, {kind: PodList, items: [${item("b")}]}]\n`;
    expect(parseManifests(list).map(({ object }) => identityOf(object).name)).toEqual(["a", "b"]);
  });

  it("does not take dashes inside of a text for the end of a document", () => {
    const [manifest] = parseManifests("kind: ConfigMap\ndata:\n  a: |\n    x\n    ---\n    y\n");
    expect(manifest?.object).toEqual({ kind: "ConfigMap", data: { a: "x\n---\ny\n" } });
  });

  it("says which template rendered no YAML", () => {
    const broken = () => parseManifests("---\n# Source: shop/templates/x.yaml\na: [\n");
    expect(broken).toThrow(InvalidKubernetesManifestError);
    expect(broken).toThrow(/^reading what shop\/templates\/x.yaml rendered failed: /);
  });
});

describe("manifestParser", () => {
  it("gives the very same manifest for a document that did not change", () => {
    const parse = manifestParser();
    const [a, b] = parse(`---\n${CONFIG("a")}---\n${CONFIG("b")}`);
    const [same, other] = parse(`---\n${CONFIG("a")}---\n${CONFIG("b", "changed")}`);
    expect(same).toBe(a);
    expect(other).not.toBe(b);
    expect(other?.object.data).toEqual({ a: "changed" });
  });

  it("reads a document in which another image stands, of the same template alone, and shares what is the same", () => {
    const parse = manifestParser();
    const [a] = parse(`---\n${CONFIG("a", "quay.io/a/b:1")}`);
    const [b] = parse(`---\n${CONFIG("a", "mirror.test/a/b:1")}`);
    expect(b).toEqual({ ...a, object: { ...a?.object, data: { a: "mirror.test/a/b:1" } } });
    expect(b?.object.metadata).toBe(a?.object.metadata);
    const [other] = parse(`---\n${CONFIG("a", "quay.io/a/b:2").replace("config.yaml", "other.yaml")}`);
    expect(other).toEqual({
      ...a,
      object: { ...a?.object, data: { a: "quay.io/a/b:2" } },
      template: "shop/templates/other.yaml",
    });
    expect(other?.object.metadata).not.toBe(a?.object.metadata);
  });

  it("reads what a CRD says anew each time", () => {
    const parse = manifestParser();
    const crd = (image: string): string =>
      `---\nkind: CustomResourceDefinition\nmetadata: { name: a }\nspec: { versions: [{ schema: { openAPIV3Schema: { properties: { image: { default: ${image} } } } } }] }\n`;
    const [, changed] = ["quay.io/a/b:1", "quay.io/a/c:1"].map((image) => parse(crd(image)));
    expect(changed).toEqual(parseManifests(crd("quay.io/a/c:1")));
    expect(JSON.stringify(changed)).toContain("quay.io/a/c:1");
  });
});

describe("a render's limits", () => {
  const document = (items: number): string => `---\n# Source: app/templates/a.yaml\nitems: [${"a,".repeat(items)}]\n`;

  it("are those of all its documents together, known ones too", () => {
    const parse = manifestParser();
    const large = document(300_000);
    expect(parse(large.repeat(6))).toHaveLength(6);
    expect(() => parse(large.repeat(7))).toThrow(
      "reading what app/templates/a.yaml rendered failed: it has more than 2000000 maps, lists and scalars",
    );
    expect(parse(large.repeat(6))).toHaveLength(6);
  });

  it("hold for aliases of aliases, and for nesting", () => {
    const bomb = `a: &a [${"1,".repeat(5000)}]\nb: [${"*a,".repeat(1000)}]\n`;
    expect(() => parseManifests(bomb)).toThrow(InvalidKubernetesManifestError);
    expect(() => parseManifests(`a: ${"[".repeat(50_000)}`)).toThrow(InvalidKubernetesManifestError);
  });
});

describe("manifestsOf", () => {
  it("takes parsed objects, and leaves CRDs and what is no object out", () => {
    const pod = { kind: "Pod", metadata: { name: "p", annotations: { "helm.sh/hook": "pre-install" } } };
    expect(manifestsOf([pod, { kind: "CustomResourceDefinition" }, null, "x"])).toEqual([
      { object: pod, hook: "pre-install" },
    ]);
  });
});

describe("identityOf", () => {
  it.each([
    [
      { kind: "Job", metadata: { generateName: "run-", namespace: "n" } },
      { apiVersion: "", kind: "Job", namespace: "n", name: "run-" },
    ],
    [{ metadata: null }, { apiVersion: "", kind: "", name: "" }],
  ])("%j", (object, expected) => {
    expect(identityOf(object)).toEqual(expected);
  });
});
