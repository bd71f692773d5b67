import fc from "fast-check";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import { verify } from "../../../src/chart/compare/verification";

const PLANNED = { texts: ["mirror.test/p", "pull"], pullSecret: "pull", settings: [] };

/** Scalars and collections as people write them: every type and notation that a YAML reader has an opinion on. */
const WRITTEN = [
  ...["2030-01-01", "2031-06-06", "2030-01-01T10:00:00Z", '"2030-01-01"', "!!timestamp 2030-01-01"],
  ...["!!binary aGVsbG8=", "!!binary d29ybGQ=", "!!binary /w==", "!!binary /g=="],
  ...["1", "2", '"1"', "-7", "0x1F", "0x20", "0o17", "0777", "0b101", "1_000", "1e3", "2e3", ".5", "1.50"],
  ...["9007199254740993", "9007199254740995", "12345678901234567890", ".inf", "-.inf", ".nan"],
  ...["~", "null", '""', "true", "yes", "off", '"yes"', "n", "word", "another word", "1:20", "=", "<<"],
  ...["{}", "[]", "{ a: 1 }", "{ a: 2 }", "{ b: 1 }", "[1, 2]", "[2, 1]", "[1]", "[[1], {}]"],
];
/** Nobody but a program's own YAML reader knows these. */
const WRITTEN_IN_TEXTS = [...WRITTEN, "!!set { a, b }", "!!set { a, c }", "!own x", "!own y", "!!int 1"];

interface Model {
  /** `key: written` lines of each document, and which of them is the one that changes. */
  readonly documents: readonly (readonly [key: string, written: string])[][];
  readonly at: readonly [document: number, line: number];
  readonly was: string;
  readonly is: string;
}

const model = (pool: readonly string[]): fc.Arbitrary<Model> =>
  fc
    .record({
      documents: fc.array(
        fc.uniqueArray(fc.tuple(fc.constantFrom("mode", "until", "level", "limit"), fc.constantFrom(...pool)), {
          selector: ([key]) => key,
          minLength: 1,
        }),
        { minLength: 1, maxLength: 3 },
      ),
      document: fc.nat(),
      line: fc.nat(),
      pair: fc.tuple(fc.constantFrom(...pool), fc.constantFrom(...pool)).filter(([was, is]) => was !== is),
    })
    .map(({ documents, document, line, pair: [was, is] }) => {
      const at = document % documents.length;
      return { documents, at: [at, line % (documents[at]?.length ?? 1)] as const, was, is };
    });

/** A YAML stream with an image in each document. */
function stream({ documents, at: [document, line] }: Model, changing: string, registry: string): string {
  return documents
    .map((lines, d) => {
      const written = lines.map(([key, text], l) => `${key}: ${d === document && l === line ? changing : text}`);
      return [`image: ${registry}/team/app:1`, "nested:", ...written.map((text) => `  ${text}`)].join("\n");
    })
    .join("\n---\n");
}

const indented = (text: string): string => text.replace(/^/gm, "    ");
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const config = (kind: string, data: string) => `apiVersion: v1\nkind: ${kind}\nmetadata: { name: c }\ndata:\n${data}\n`;

const TEXTS: Readonly<Record<string, (text: string) => string>> = {
  "a text of a ConfigMap": (text) => config("ConfigMap", `  a.yaml: |\n${indented(text)}`),
  "a text of a Secret": (text) => config("Secret", `  a.yaml: ${base64(text)}`),
  "a text in a text": (text) =>
    config("ConfigMap", `  outer.yaml: ${JSON.stringify(`apiVersion: v1\ninner: ${JSON.stringify(text)}\n`)}`),
  "a text in base64 in a text": (text) => config("ConfigMap", `  outer.yaml: "inner: ${base64(text)}\\nx: 1\\n"`),
};

const judge = async (before: string, after: string) => {
  const was = parseManifests(before);
  const again = () => Promise.resolve(parseManifests(before));
  return verify({
    replacements: [],
    texts: new Map(),
    before: was,
    after: parseManifests(after),
    planned: PLANNED,
    again,
  });
};

describe("what changes beside images", () => {
  describe.each(Object.entries(TEXTS))("in %s", (_, embed) => {
    test("is found, whatever its type and notation", () =>
      fc.assert(
        fc.asyncProperty(model(WRITTEN_IN_TEXTS), async (given) => {
          const before = embed(stream(given, given.was, "quay.io"));
          const { unexpected } = await judge(before, embed(stream(given, given.is, "mirror.test/p")));
          expect(unexpected).not.toEqual([]);
        }),
        { numRuns: 300 },
      ));

    test("is nothing where the images alone move", () =>
      fc.assert(
        fc.asyncProperty(model(WRITTEN_IN_TEXTS), async (given) => {
          const before = embed(stream(given, given.was, "quay.io"));
          const { unexpected } = await judge(before, embed(stream(given, given.was, "mirror.test/p")));
          expect(unexpected).toEqual([]);
        }),
        { numRuns: 300 },
      ));
  });

  test("is found in an object, whatever its type", () =>
    fc.assert(
      fc.asyncProperty(model(WRITTEN), async (given) => {
        const objects = (changing: string, registry: string): string =>
          stream(given, changing, registry)
            .split("\n---\n")
            .map((text, i) => `apiVersion: a.b/v1\nkind: App\nmetadata: { name: a${i} }\nspec:\n${indented(text)}`)
            .join("\n---\n");
        const [before, after] = [objects(given.was, "quay.io"), objects(given.is, "mirror.test/p")];
        // Helm itself makes the same of two notations of one value.
        fc.pre(JSON.stringify(parseManifests(before)) !== JSON.stringify(parseManifests(objects(given.is, "quay.io"))));
        expect((await judge(before, after)).unexpected).not.toEqual([]);
      }),
      { numRuns: 300 },
    ));
});
