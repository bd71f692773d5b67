import fc from "fast-check";
import { parseRenderedYaml } from "../../../src/chart/content/helmYaml";
import { YamlBudget } from "../../../src/chart/content/yamlBudget";
import { withChangedWords } from "../../../src/chart/render/changedWords";
import type { Json } from "../../../src/json";

const read = (text: string): Json[] => parseRenderedYaml(text, new YamlBudget());
const changed = (before: string, after: string): Json[] | undefined => withChangedWords(before, read(before), after);

const WAS = "quay.io/team/app:1.0";
const IS = "mirror.test/team/app:1.0";

it.each<[string, string]>([
  ["plain", `image: ${WAS}`],
  ["between quotes", `image: "${WAS}"\nother: '${WAS}'`],
  ["in a word of a command", `args: [--image=${WAS}, "--other=${WAS},x"]`],
  [
    "in lists and maps, with others",
    `a:\n  - { name: x, image: "${WAS}" }\n  - image: ${WAS} # the first\n    name: y\n`,
  ],
  [
    "in a text of many lines",
    `data:\n  script: |\n    # ${WAS}\n    run ${WAS} now\n  folded: >-\n    a\n    ${WAS}\n    b\n`,
  ],
  ["in one that goes on in the next line", `text: one\n  ${WAS}\n  two\n`],
  ["in the second document", `a: 1\n...\nimage: ${WAS}\n`],
])("reads a document with another word: %s", (_, before) => {
  const after = before.replaceAll(WAS, IS);
  expect(changed(before, after)).toEqual(read(after));
});

it.each<[string, string, string]>([
  ["a comment", `a: 1 # ${WAS}`, `a: 1 # ${IS}`],
  [
    "a comment, and the same word by an escape",
    `# ${WAS}\na: "\\x71${WAS.slice(1)}"`,
    `# ${IS}\na: "\\x71${WAS.slice(1)}"`,
  ],
  ["a comment, and what stands right behind a key", `# ${WAS}\n{"a":${WAS}}`, `# ${IS}\n{"a":${WAS}}`],
  ["one of two that are the same", `a: ${WAS}\nb: ${WAS}`, `a: ${IS}\nb: ${WAS}`],
  ["a value that another one of its key replaces", `a: ${WAS}\na: b\n`, `a: ${IS}\na: b\n`],
  ["a key", `{ "${WAS}": 1 }`, `{ "${IS}": 1 }`],
  ["a key of a list", `? [a/b]\n: 1`, `? [a/c]\n: 1`],
  ["what an alias repeats", `a: &x ${WAS}\nb: *x`, `a: &x ${IS}\nb: *x`],
  ["what has a tag", `a: !!str a/b`, `a: !!str a/c`],
  ["what a tag reads", `a: !!binary aGVs/G8=`, `a: !!binary aGVs/A8=`],
  ["a number", "a: 1", "a: 2"],
  ["a word that may be one", "a: yes", "a: word"],
  ["the end of a key", "{ a/b: 1 }", "{ a/c: 1 }"],
  ["another line", `image: ${WAS}`, `image: ${WAS}\nb: 1`],
  ["quotes", `image: "${WAS}"`, `image: '${IS}'`],
  ["two words in place of one", `text: ${WAS}`, `text: ${IS} and`],
  ["a word in place of several", "a: x/y x/y", "a: x/z x/w"],
  ["a comment in place of a word", `a: b ${WAS}`, `a: b #${IS}`],
  ["a list in place of a word", `a: ${WAS}`, `a: [${IS}]`],
  // What was compared is not gone back to, which would never end.
  ["another sign behind a shorter word", `a: ${WAS}$`, "a/b%"],
  ["another sign behind a shorter word, and more such words before", "x/y x/y aaaa/bb$\n", "x/y x/y x/y%\n"],
  ["nothing behind a shorter word", "aaaa/bb", "x/y z"],
])("leaves to a reader of YAML what is not a text alone: %s", (_, before, after) => {
  expect(changed(before, after)).toBeUndefined();
});

it("shares all that did not change", () => {
  const before = `spec: { labels: { a: b }, containers: [{ image: ${WAS}, ports: [1] }, { image: x }] }`;
  const documents = read(before);
  type Documents = [{ spec: { labels: Json; containers: { ports: Json }[] } }];
  const [was] = documents as unknown as Documents;
  const [is] = withChangedWords(before, documents, before.replace(WAS, IS)) as unknown as Documents;
  expect(is).not.toEqual(was);
  expect(is.spec.labels).toBe(was.spec.labels);
  expect(is.spec.containers[0]?.ports).toBe(was.spec.containers[0]?.ports);
  expect(is.spec.containers[1]).toBe(was.spec.containers[1]);
});

it("keeps keys that objects inherit", () => {
  const before = `__proto__: { image: ${WAS} }\nconstructor: ${WAS}`;
  const after = before.replaceAll(WAS, IS);
  expect(JSON.stringify(changed(before, after))).toBe(JSON.stringify(read(after)));
});

/** Pieces that mean something to YAML, or to what takes words apart, around words and in them. */
const PIECES = fc.constantFrom(
  ...[
    "\n",
    "\n  ",
    "\n- ",
    " ",
    ": ",
    ":",
    ", ",
    "-",
    "- ",
    "? ",
    " #",
    "#",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    "|",
    "|\n  ",
    ">\n ",
  ],
  ...[
    "&a ",
    "*a",
    "!t ",
    "!!binary ",
    "\\",
    "<<: ",
    "a",
    "key: ",
    "\nkey: ",
    "\nb: ",
    "1",
    "0x1",
    "%",
    "@",
    ".",
    "/",
    "...\n",
  ],
  ...["W", "W", "W", "W", "V", "V", "W/W", "W:V"],
);
const WORDS = fc.constantFrom(
  ...[
    "a/b",
    "a/b:1",
    "c/d",
    "quay.io/a/b:1",
    "1/2",
    "0x1/2",
    "a//b",
    "a/-b",
    "aGVs/G8",
    "a/b:",
    "-a/b",
    "/a",
    "yes",
    "1",
  ],
);

it("never reads another thing than a reader of YAML does", () => {
  let times = 0;
  fc.assert(
    fc.property(fc.array(PIECES, { maxLength: 14 }), WORDS, WORDS, WORDS, WORDS, (pieces, w1, v1, w2, v2) => {
      const text = pieces.join("");
      const [before, after] = [
        text.replaceAll("W", w1).replaceAll("V", v1),
        text.replaceAll("W", w2).replaceAll("V", v2),
      ];
      let documents: Json[];
      try {
        documents = read(before);
      } catch {
        return;
      }
      const result = withChangedWords(before, documents, after);
      if (result === undefined) return;
      times++;
      expect(JSON.stringify(result)).toBe(JSON.stringify(read(after)));
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 2000) },
  );
  expect(times).toBeGreaterThan(0);
});
