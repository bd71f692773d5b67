import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/**
 * The messages of errors and findings as the sources have them, by their codes: `…` stands for what is put in.
 *
 * A message that is put together elsewhere is not among them.
 */
export function messagesOf(folder: string): Map<string, string[]> {
  const messages = new Map<string, string[]>();
  const found = (code: ts.Node | undefined, message: ts.Node | undefined): void => {
    if (!code || !message || !ts.isStringLiteral(code) || !CODE.test(code.text)) return;
    const text = textOf(message);
    if (text !== undefined) messages.set(code.text, [...(messages.get(code.text) ?? []), text]);
  };
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!file.endsWith(".ts")) continue;
    const source = ts.createSourceFile(file, readFileSync(join(folder, file), "utf8"), ts.ScriptTarget.ES2022);
    const visit = (node: ts.Node): void => {
      if (
        ts.isNewExpression(node) ||
        (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword)
      )
        found(node.arguments?.[0], node.arguments?.[1]);
      if (ts.isObjectLiteralExpression(node)) found(valueOf(node, "code"), valueOf(node, "message"));
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return messages;
}

function valueOf({ properties }: ts.ObjectLiteralExpression, name: string): ts.Node | undefined {
  const property = properties.find((one) => one.name && ts.isIdentifier(one.name) && one.name.text === name);
  return property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
}

/** The text of a literal, of a template, or of several of them that are added; undefined for anything else. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("…");
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
  if (!ts.isBinaryExpression(node)) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? "…"}${right ?? "…"}`;
}
