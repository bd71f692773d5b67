import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Quay's settings are written like codes. */
const CODE = /^(?!FEATURE_)[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** Every code of an error or a finding in a folder of sources, with the file that has it. */
export function errorCodes(folder: string): Map<string, string> {
  const codes = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts")) continue;
    const file = ts.createSourceFile(entry, readFileSync(join(folder, entry), "utf8"), ts.ScriptTarget.ES2022, true);
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node) && CODE.test(node.text) && isCode(node)) codes.set(node.text, entry);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return codes;
}

/** A code is an argument of an error's constructor, the default of that argument, or a property of a finding. */
function isCode(literal: ts.StringLiteral): boolean {
  const value = ts.isConditionalExpression(literal.parent) ? literal.parent : literal;
  const { parent } = value;
  if (ts.isPropertyAssignment(parent) || ts.isParameter(parent)) return parent.name.getText() === "code";
  if (ts.isCallExpression(parent)) return parent.expression.kind === ts.SyntaxKind.SuperKeyword;
  return ts.isNewExpression(parent) && parent.expression.getText().endsWith("Error");
}
