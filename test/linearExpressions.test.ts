import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { parseHelmIgnore } from "../src/chart/content/helmIgnore";
import { imageTokens } from "../src/chart/find/imageTokens";
import { isOtherHost } from "../src/chart/find/registryHosts";
import { templateMentions } from "../src/chart/content/templateMentions";
import { matchesWildcard } from "../src/image/wildcard";
import { attackTexts, type AttackText } from "./support/linearTime/attackTexts";
import { growsTooFast } from "./support/linearTime/growth";

const SOURCE = join(__dirname, "../src");

interface Expression {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

const { literals, built } = expressionsOf(SOURCE);

/**
 * ESLint's rules (eslint.config.mjs) know most expressions that are slower than they are long by their form. They see no
 * expression that is put together, nor a search whose beginning is longer than one character.
 */
describe("expressions that read what strangers write", () => {
  it.each(literals.map((expression) => [`${expression.file} /${expression.source}/`, expression] as const))(
    "%s takes time that grows with the text",
    (_, { source, flags }) => {
      const expression = new RegExp(source, flags);
      expect(attackTexts(source, flags).filter((attack) => isSlow(expression, attack))).toEqual([]);
    },
  );

  // An expression that is put together is tried below, by what uses it.
  it("are put together in these files alone", () =>
    expect(built).toEqual([
      "chart/content/templateMentions.ts",
      "chart/find/imageTokens.ts",
      "chart/find/registryHosts.ts",
    ]));

  const UNITS = [
    ..."a0A./-_:@{}$%<(\"' \n\\)",
    ...[
      "a.",
      "a/",
      "a-",
      "a:0/",
      ".a",
      "{{",
      ".Values",
      ".Values.a ",
      ".global.",
      ".a.global",
      "index .Values ",
      'get .Values "',
    ],
    ...["index  ", 'index .Values "a" ', "a://", "a@sha256:", "localhost/", "a:a ", '"a":"', "image: ", ".Values.a)"],
  ];
  const attacks = ["", "a", "/", ".Values.", "index .Values ", '"'].flatMap((before) =>
    UNITS.flatMap((repeated) => ["", "\u0000"].map((after) => ({ before, repeated, after }))),
  );
  it.each<[string, (text: string) => unknown]>([
    ["images in texts", imageTokens],
    ["values in templates", (text) => templateMentions([{ scope: [], text }])],
    ["names of hosts", isOtherHost],
  ])("%s: grows with the text", (_, work) =>
    expect(attacks.filter((attack) => growsTooFast((size) => textOf(attack, size), work))).toEqual([]),
  );

  it.each<[string, (pattern: string) => (text: string) => boolean]>([
    [
      ".helmignore",
      (pattern) => {
        const ignored = parseHelmIgnore(pattern);
        return (text) => ignored(text, false);
      },
    ],
    ["wildcards", (pattern) => (text) => matchesWildcard(pattern, text)],
  ])("%s: grows with the text, however many stars there are", (_, matcherOf) => {
    const matches = matcherOf(`${"*a".repeat(12)}*b`);
    expect(growsTooFast((size) => "a".repeat(size), matches)).toBe(false);
    const long = (size: number): string => `${"*a".repeat(size / 20)}*b`;
    expect(growsTooFast(long, (pattern) => matcherOf(pattern)("a".repeat(200)))).toBe(false);
  });
});

function isSlow(expression: RegExp, attack: AttackText): boolean {
  const work = expression.global
    ? (text: string) => [...text.matchAll(expression)].length
    : (text: string) => {
        expression.lastIndex = 0;
        return expression.test(text);
      };
  return growsTooFast((size) => textOf(attack, size), work);
}

function textOf({ before, repeated, after }: AttackText, size: number): string {
  return before + repeated.repeat(Math.ceil(size / repeated.length)) + after;
}

function expressionsOf(folder: string): { literals: Expression[]; built: string[] } {
  const literals = new Map<string, Expression>();
  const built = new Set<string>();
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort();
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf("/");
        const expression = { file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) };
        literals.set(node.text, literals.get(node.text) ?? expression);
      }
      if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp")
        built.add(file);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  }
  return { literals: [...literals.values()], built: [...built] };
}
