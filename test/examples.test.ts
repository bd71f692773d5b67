/** `npm run examples` runs every example. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { examples: string } };
const pattern = new RegExp(/--testPathPatterns "([^"]+)"/.exec(scripts.examples)?.[1] ?? "no pattern");
const suites = readdirSync(join(root, "test/engine/docs"))
  .map((name) => `test/engine/docs/${name}`)
  .filter((path) => pattern.test(path))
  .map((path) => readFileSync(join(root, path), "utf8"));

const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());

it.each(examples.map(({ name }) => name))("%s is run", (example) => {
  // In a test's own words, or as the script that runs it.
  const name = new RegExp(`["'/]${example}["'/]|npm.*run.*${example}`);
  expect(suites.filter((suite) => name.test(suite))).not.toEqual([]);
});

it("are all in the README of the examples", () => {
  const text = readFileSync(join(root, "examples/README.md"), "utf8");
  expect(examples.filter(({ name }) => !text.includes(`[${name}](${name})`))).toEqual([]);
});
