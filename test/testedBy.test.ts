import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import ts from "typescript";
import { TESTED_BY } from "./testedBy";

const root = join(__dirname, "..");
const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(root, folder, path))
    .sort();
const sources = filesOf("src");
const tests = filesOf("test").filter((path) => path.endsWith(".test.ts"));

const known = new Map<string, readonly string[]>();
/** The files of this package that a file imports, whether at once or with their first use. */
function importsOf(file: string): readonly string[] {
  const before = known.get(file);
  if (before) return before;
  const imports = ts.preProcessFile(readFileSync(file, "utf8"), true, true).importedFiles.flatMap(({ fileName }) => {
    if (fileName === "pulumi-chart-mirror") return [join(root, "src/index.ts")];
    const path = join(dirname(file), fileName);
    return fileName.startsWith(".") ? [`${path}.ts`, join(path, "index.ts")].filter((one) => existsSync(one)) : [];
  });
  known.set(file, imports);
  return imports;
}
function reachOf(start: readonly string[]): Set<string> {
  const reached = new Set(start);
  for (const file of reached) for (const next of importsOf(file)) reached.add(next);
  return reached;
}

/** Whether there is anything in a file that could go wrong: types and constants are tested where they are used. */
function hasLogic(file: string): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) found = true;
    else ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022));
  return found;
}

const shown = (source: string): string => relative(join(root, "src"), source);
const isOfEngine = (test: string): boolean => /^(?:engine|cluster)\//.test(relative(__dirname, test));

const imported = new Set(tests.flatMap((test) => importsOf(test)));
/** Programs of the real engine, and processes that a test starts, import what no list of imports tells. */
const isOwnTest = (source: string): boolean => {
  const mirrored = join(__dirname, shown(source).replace(/\.ts$/, ".test.ts"));
  const named = tests.filter((test) => basename(test, ".test.ts") === basename(source, ".ts"));
  return named.some((test) => test === mirrored || isOfEngine(test) || reachOf([test]).has(source));
};
/** What no test imports, nor has the name of one that reaches it. */
const others = sources.filter((source) => !imported.has(source) && !isOwnTest(source) && hasLogic(source));
const rowOf = (source: string): string | undefined =>
  Object.keys(TESTED_BY)
    .filter((beginning) => shown(source).startsWith(beginning))
    .sort((a, b) => b.length - a.length)[0];
const testsNamed = (row: string): string[] =>
  (TESTED_BY[row] ?? []).flatMap((name) =>
    tests.filter((test) => {
      const path = relative(__dirname, test);
      return path === `${name}.test.ts` || path.startsWith(`${name}/`);
    }),
  );

describe("every file of src with a function in it", () => {
  it("has a test of its name, or one that imports it, or a row in testedBy.ts", () => {
    expect(others.filter((source) => rowOf(source) === undefined).map(shown)).toEqual([]);
  });

  it.each(Object.keys(TESTED_BY))("%s needs its row, whose tests exist and reach it", (row) => {
    const files = others.filter((source) => rowOf(source) === row);
    expect(files).not.toEqual([]);
    const named = testsNamed(row);
    expect(TESTED_BY[row]?.filter((name) => !named.some((test) => relative(__dirname, test).startsWith(name)))).toEqual(
      [],
    );
    if (named.some(isOfEngine)) return;
    const reached = reachOf(named);
    expect(files.filter((source) => !reached.has(source)).map(shown)).toEqual([]);
  });
});
