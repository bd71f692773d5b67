/**
 * Makes the plugin's schema of its facade, src/plugin/facade.ts:
 *
 *     npm run plugin:schema
 *
 * The Pulumi SDK's own analyser reads the types. It takes tens of seconds, so it runs here and not when the plugin starts.
 */
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as ts from "typescript";

const checkout = resolve(__dirname, "..");
const facade = join(checkout, "src/plugin/facade.ts");
const PACKAGE = "chart-mirror";

type Schema = Record<string, unknown>;

/** A property or a type, as the analyser describes it. */
interface Described {
  readonly optional?: boolean;
  readonly plain?: boolean;
  readonly description?: string;
  readonly $ref?: string;
  readonly items?: Described;
  readonly additionalProperties?: Described;
  readonly type?: string;
}

/** The text of the schema, as it is committed. */
export function pluginSchema(): string {
  const folder = mkdtempSync(join(tmpdir(), "plugin-schema-"));
  try {
    const settings = {
      extends: join(checkout, "tsconfig.json"),
      compilerOptions: { types: [], typeRoots: [join(checkout, "node_modules/@types")] },
      files: [facade],
      include: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    return `${JSON.stringify(schemaOf(folder), null, 2)}\n`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function schemaOf(folder: string): Schema {
  const names = new Set([...componentNames()]);
  const analyzer = new Analyzer(folder, PACKAGE, { name: PACKAGE, main: facade }, names);
  const { program } = analyzer as unknown as { readonly program: ts.Program };
  const docs = docsOf(program);
  declareInherited(analyzer);
  const { components, typeDefinitions } = analyzer.analyze();
  const token = (name: string): string => `${PACKAGE}:index:${name}`;
  return {
    name: PACKAGE,
    displayName: "Chart Mirror",
    description: "Run any Helm chart from your own registry (ECR, ACR, Quay or any other)",
    license: "Apache-2.0",
    language: Object.fromEntries(
      ["nodejs", "python", "csharp", "java", "go"].map((language) => [language, { respectSchemaVersion: true }]),
    ),
    resources: Object.fromEntries(
      sorted(components).map(([name, { description, inputs, outputs }]) => [
        token(name),
        {
          type: "object",
          isComponent: true,
          description,
          inputProperties: properties(inputs),
          requiredInputs: required(inputs),
          properties: properties(outputs),
          required: required(outputs),
        },
      ]),
    ),
    types: Object.fromEntries(
      sorted(typeDefinitions).map(([name, definition]) => {
        const described = { description: docs.get(name) ?? definition.description };
        if ("enum" in definition) return [token(name), { type: definition.type, ...described, enum: definition.enum }];
        const of = definition.properties as unknown as Record<string, Described>;
        return [
          token(typeName(name)),
          { type: "object", ...described, properties: properties(of), required: required(of) },
        ];
      }),
    ),
  };
}

/**
 * What `Omit` leaves of an interface has no declaration of its own in TypeScript's tree, and the analyser would take it for
 * `any`, without its comment: each property gets that of the interface that it is of.
 */
function declareInherited(analyzer: Analyzer): void {
  const inner = analyzer as unknown as { analyzeSymbol(context: unknown, symbol: ts.Symbol): unknown };
  const analyze = inner.analyzeSymbol.bind(analyzer);
  inner.analyzeSymbol = (context, symbol) => {
    symbol.valueDeclaration ??= symbol.declarations?.[0];
    return analyze(context, symbol);
  };
}

/** The classes of the facade. */
function componentNames(): string[] {
  const source = ts.createSourceFile(facade, ts.sys.readFile(facade) ?? "", ts.ScriptTarget.ES2022);
  return source.statements.filter(ts.isClassDeclaration).flatMap(({ name }) => (name ? [name.text] : []));
}

/**
 * The doc comments of all types by their names. A comment with a link is a list of parts in TypeScript's tree, of which the
 * analyser would make "[object Object]": each is made one text in place.
 */
function docsOf(program: ts.Program): Map<string, string> {
  const docs = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    const { jsDoc = [] } = node as { jsDoc?: { comment?: string | ts.NodeArray<ts.JSDocComment> }[] };
    for (const doc of jsDoc) doc.comment = plainText(ts.getTextOfJSDocComment(doc.comment));
    const text = jsDoc.map(({ comment }) => comment).join("\n");
    if ((ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && text !== "")
      docs.set(node.name.text, text);
    if (ts.isVariableStatement(node) && text !== "")
      for (const { name } of node.declarationList.declarations) if (ts.isIdentifier(name)) docs.set(name.text, text);
    ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles()) if (!file.fileName.includes("/node_modules/typescript/")) visit(file);
  return docs;
}

const plainText = (text: string | undefined): string | undefined =>
  text?.replace(/\{@link(?:code|plain)?\s+([^}\s]+)[^}]*\}/g, "`$1`");

/**
 * Go puts `Args` behind names of types by itself. Nothing is `plain`: what a class wants plain the plugin opens, and Go
 * could not pass a secret otherwise.
 */
const typeName = (name: string): string => name.replace(/Args$/, "");

function property({
  optional: _optional,
  plain: _plain,
  $ref,
  items,
  additionalProperties,
  ...rest
}: Described): Schema {
  return {
    ...rest,
    ...($ref !== undefined && { $ref: $ref.replace(/Args$/, "") }),
    ...(items && { items: property(items) }),
    ...(additionalProperties && { additionalProperties: property(additionalProperties) }),
  };
}

const properties = (all: Readonly<Record<string, unknown>>): Schema =>
  Object.fromEntries(sorted(all as Readonly<Record<string, Described>>).map(([name, one]) => [name, property(one)]));

const required = (all: Readonly<Record<string, unknown>>): string[] =>
  sorted(all as Readonly<Record<string, Described>>).flatMap(([name, { optional }]) => (optional ? [] : [name]));

const sorted = <T>(all: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));

if (require.main === module) writeFileSync(join(checkout, "plugin/schema.json"), pluginSchema());
