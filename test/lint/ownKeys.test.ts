import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

interface Linted {
  /** The lines that the two rules refuse. */
  readonly refused: readonly number[];
  /** Files of the source for which one of them is switched off. */
  readonly exempt: readonly string[];
}

/** In a process of its own: the linter's configuration is a module of the kind that Jest does not load. */
const SCRIPT = `
  const { ESLint } = require("eslint");
  const [file, code, ...files] = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const RULES = ["local/own-keys", "no-restricted-syntax"];
  (async () => {
    const eslint = new ESLint();
    const [{ messages }] = await eslint.lintText(code, { filePath: file });
    const exempt = [];
    for (const one of files) {
      const { rules } = await eslint.calculateConfigForFile(one);
      const [severity, ...syntax] = rules["no-restricted-syntax"] ?? [0];
      const isWhole = severity === 2 && ["JSON", "js-yaml"].every((name) => JSON.stringify(syntax).includes(name));
      if (rules["local/own-keys"]?.[0] !== 2 || !isWhole) exempt.push(one);
    }
    const refused = messages.filter(({ ruleId }) => RULES.includes(ruleId)).map(({ line }) => line);
    console.log(JSON.stringify({ refused, exempt }));
  })();`;

function lint(file: string, code: string): Linted {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `src/${path.replaceAll("\\", "/")}`);
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", SCRIPT], {
    cwd: ROOT,
    input: JSON.stringify([file, code, ...files]),
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Linted;
}

const PLANTED = [
  "values[key];",
  "values[key] = 1;",
  "values[key] ??= 1;",
  "values[path[0]!];",
  "values[`a.${key}`];",
  "(values as Record<string, number>)[key as keyof typeof TABLE];",
  "TABLE[key as keyof typeof TABLE];",
  "anything[anything.key];",
  "key in values;",
  "for (const name in values) void name;",
  "({ [key]: read } = values);",
  "Object.assign({}, values);",
  "Object.assign({}, { ...values });",
  "Object.assign({}, { [key]: 1 });",
  "void { __proto__: null };",
  'void { "__proto__": null };',
  "values.__proto__;",
  'values["__proto__"];',
  "JSON.parse(key);",
  'import { load } from "js-yaml";',
  'import yaml from "js-yaml";',
];

const ALLOWED = [
  "values.name;",
  'values["os.version"];',
  'TABLE["a"];',
  "TABLE[known];",
  "delete values[key];",
  "list[index];",
  '"status" in values;',
  "Object.hasOwn(values, key);",
  'void { ...values, [key]: 1, ["__proto__"]: 1 };',
  "Object.fromEntries(Object.entries(values));",
  "Object.assign(new Error(), { code: known });",
  'import { dump } from "js-yaml";',
];

const frame = (lines: readonly string[]): string => `
declare const values: Record<string, number>, key: string, path: (string | number)[], anything: any;
declare const list: number[], index: number, known: "a" | "b";
const TABLE = { a: 1, b: 2 };
let read;
${lines.join("\n")}
export {};
`;

it("refuses every access by a key of strangers in the whole source, save in the files that are made for it", () => {
  const code = frame([...PLANTED, ...ALLOWED]);
  const { refused, exempt } = lint("src/chart/content/valuePaths.ts", code);
  expect(refused.map((line) => code.split("\n")[line - 1])).toEqual(PLANTED);
  expect([...exempt].sort()).toEqual([
    "src/chart/content/helmYaml.ts",
    "src/json.ts",
    "src/ownKeys.ts",
    "src/plan/lock/lockFormat.ts",
  ]);
}, 300_000);
