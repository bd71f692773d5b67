import { join, resolve } from "node:path";
import * as ts from "typescript";
import { GENERATED, row, table } from "./markdownTable";

const checkout = resolve(__dirname, "../..");
const SOURCES = join(checkout, "src/");

/** Components and resources, in the order in which people meet them. */
const CLASSES = [
  ["Charts", ["MirroredRelease", "MirroredChart", "ChartMirror"]],
  ["Registries", ["EcrRegistry", "AcrRegistry", "QuayRegistry", "ExistingRegistry", "SharedRegistry"]],
  ["Parts", ["ImageCopy", "ImageCopyJob", "ChartPush", "PullSecret", "PullSecretRefresher", "PullCheck", "MirrorAdmission", "ObjectContribution", "OpenShiftImageConfiguration"]], // prettier-ignore
] as const;

/** Their classes, and what their arguments are made of, as a page: from the doc comments of the sources. */
export function componentsReference(): string {
  return new ComponentsReference().page();
}

class ComponentsReference {
  private readonly checker: ts.TypeChecker;
  private readonly exported: ReadonlyMap<string, ts.Symbol>;
  /** Types that the tables name, in the order in which they do: each gets a table of its own. */
  private readonly named = new Set<string>();

  constructor() {
    const index = join(SOURCES, "index.ts");
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(checkout, "tsconfig.json"), (file) => ts.sys.readFile(file)).config,
      ts.sys,
      checkout,
    );
    const program = ts.createProgram([index], { ...options, types: ["node"] });
    this.checker = program.getTypeChecker();
    const module = this.checker.getSymbolAtLocation(program.getSourceFile(index) as ts.SourceFile) as ts.Symbol;
    this.exported = new Map(
      this.checker.getExportsOfModule(module).map((symbol) => [symbol.name, this.resolved(symbol)]),
    );
  }

  page(): string {
    const classes = CLASSES.flatMap(([about, names]) => [
      `## ${about}\n`,
      ...names.map((name) => this.component(name)),
    ]);
    const types: string[] = [];
    // A type's own table may name more of them.
    for (const name of this.named) types.push(this.type(name));
    return [
      `# Components\n\n${GENERATED}\n`,
      "All arguments of each component, from the doc comments of the package. Every argument takes a value or an `Output` of one where its type does not say otherwise in its words; `npm run docs:api` makes a reference of all classes and functions.\n",
      ...classes,
      "## Types of arguments\n",
      ...types,
    ].join("\n");
  }

  private component(name: string): string {
    const symbol = this.symbol(name);
    const declaration = symbol.declarations?.find(ts.isClassDeclaration) as ts.ClassDeclaration;
    const constructor = declaration.members.find(ts.isConstructorDeclaration);
    const args = constructor?.parameters[1];
    const all = args ? this.checker.getPropertiesOfType(this.checker.getTypeAtLocation(args)) : [];
    const own = all.filter((one) => isOurs(one) && !isInternal(one));
    const others = all.filter((one) => !isOurs(one));
    const outputs = this.checker
      .getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol))
      .filter((one) => isOurs(one) && !isInternal(one) && isPublicField(one));
    const options = constructor?.parameters[2]?.type;
    const ownOptions = options && this.exported.has(options.getText()) ? [options.getText()] : [];
    ownOptions.forEach((one) => this.named.add(one));
    return [
      `### ${name}\n\n${docOf(symbol, this.checker)}\n`,
      ...(own.length === 0
        ? []
        : [
            table(
              HEADINGS,
              required(own).map((one) => this.argument(one)),
            ),
          ]),
      ...(ownOptions.length === 0 ? [] : [`Options: Pulumi's, and those of ${ownOptions.map(typeLink).join(", ")}.\n`]),
      ...(others.length === 0
        ? []
        : [`And those of ${resourceOf(others)}, handed on as they are:\n`, othersTable(others, this.checker)]),
      ...(outputs.length === 0
        ? []
        : [
            `Outputs:\n\n${table(
              ["Output", "What"],
              outputs.map((one) => row([`\`${one.name}\``, docOf(one, this.checker)])),
            )}`,
          ]),
    ].join("\n");
  }

  private type(name: string): string {
    const symbol = this.symbol(name);
    const properties = this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol));
    const values =
      symbol.valueDeclaration && ts.isEnumDeclaration(symbol.valueDeclaration) ? symbol.valueDeclaration.members : [];
    const heading = `### ${name}\n\n${docOf(symbol, this.checker)}\n`;
    const constants = this.constants(symbol);
    if (constants.length > 0)
      return `${heading}\n${table(
        ["Value", "What"],
        constants.map((one) => row([`\`${name}.${one.name}\``, docOf(one, this.checker)])),
      )}`;
    if (values.length > 0 || properties.length === 0 || !isOurs(symbol)) return heading;
    const own = properties.filter((one) => isOurs(one) && !isInternal(one));
    return own.length === 0
      ? heading
      : `${heading}\n${table(
          HEADINGS,
          required(own).map((one) => this.argument(one)),
        )}`;
  }

  /** Of what is a type and an object of its values. */
  private constants(symbol: ts.Symbol): ts.Symbol[] {
    const { valueDeclaration } = symbol;
    if (!valueDeclaration || !(ts.isVariableDeclaration(valueDeclaration) || ts.isEnumDeclaration(valueDeclaration)))
      return [];
    if (ts.isEnumDeclaration(valueDeclaration))
      return valueDeclaration.members.map((one) => this.checker.getSymbolAtLocation(one.name) as ts.Symbol);
    return this.checker.getPropertiesOfType(this.checker.getTypeOfSymbol(symbol));
  }

  private argument(property: ts.Symbol): string {
    const declaration = property.declarations?.find((one) => ts.isPropertySignature(one));
    const type = declaration?.type ? this.typeText(declaration.type) : "";
    const [what, standard] = apart(docOf(property, this.checker) || this.docOfType(declaration?.type));
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    return row([`\`${property.name}\``, type, isOptional ? standard : "must be given", what]);
  }

  /** What an argument without a comment is for, its type says. */
  private docOfType(node: ts.TypeNode | undefined): string {
    const symbol = node && ts.isTypeReferenceNode(node) ? this.exported.get(node.typeName.getText()) : undefined;
    return symbol ? docOf(symbol, this.checker) : "";
  }

  /** A type as people write a value of it: Inputs are told once for all, and what is a type of this package is a link. */
  private typeText(node: ts.TypeNode): string {
    const names: string[] = [];
    const text = plainType(node, names);
    const links = [...new Set(names)].filter((name) => this.exported.has(name) && isOurs(this.symbol(name)));
    const tables = links.filter((name) => !this.isClass(name));
    tables.forEach((name) => this.named.add(name));
    const [only] = links;
    if (links.length === 1 && only === text) return typeLink(only);
    return `\`${text.replaceAll("|", "\\|")}\`${links.length > 0 ? ` (${links.map(typeLink).join(", ")})` : ""}`;
  }

  private isClass(name: string): boolean {
    return this.symbol(name).declarations?.some(ts.isClassDeclaration) === true;
  }

  private symbol(name: string): ts.Symbol {
    const symbol = this.exported.get(name);
    if (!symbol) throw new Error(`src/index.ts exports no ${name}`);
    return symbol;
  }

  private resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }
}

const HEADINGS = ["Argument", "Type", "Default", "What for"];
/** Classes without a section of their own are no links. */
const SECTIONS: ReadonlySet<string> = new Set(CLASSES.flatMap(([, names]) => names));
const typeLink = (name: string): string =>
  SECTIONS.has(name) || name !== "MirrorRegistry"
    ? `[\`${name}\`](#${name.toLowerCase()})`
    : "[a registry](#registries)";

const isOurs = ({ declarations = [] }: ts.Symbol): boolean =>
  declarations.some((one) => one.getSourceFile().fileName.startsWith(SOURCES));
const isInternal = (symbol: ts.Symbol): boolean => symbol.getJsDocTags().some(({ name }) => name === "internal");

/** What must be given stands first. */
const required = (all: readonly ts.Symbol[]): ts.Symbol[] =>
  [...all].sort((a, b) => (a.flags & ts.SymbolFlags.Optional) - (b.flags & ts.SymbolFlags.Optional));

function isPublicField({ declarations = [] }: ts.Symbol): boolean {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
  return declarations.some(
    (one) => ts.isPropertyDeclaration(one) && !one.modifiers?.some(({ kind }) => hidden.includes(kind)),
  );
}

/** Its doc comment as one paragraph of Markdown. */
function docOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = symbol
    .getDocumentationComment(checker)
    .map(({ text: part, kind }) =>
      kind === "linkText" ? part.replace(/^(\S+)\s.*$/, "$1") : kind === "link" ? "" : part,
    )
    .join("");
  const paragraph = text.replace(/\s+/g, " ").replaceAll(" . ", ". ").trim();
  // Outside of code, what looks like markup is text.
  return paragraph.replace(/(`[^`]*`)|[<>]/g, (part, code: string | undefined) => code ?? `\\${part}`);
}

/** What an argument is for, and its default, which doc comments end with. */
function apart(doc: string): [what: string, standard: string] {
  const [all, standard] = /\s*Default: (.+?)\.(?=\s|$)/.exec(doc) ?? [];
  return all === undefined || standard === undefined ? [doc, ""] : [doc.replace(all, "").trim(), standard];
}

const WRAPPERS: ReadonlySet<string> = new Set(["pulumi.Input", "pulumi.Output", "Promise", "pulumi.Unwrap"]);

function plainType(node: ts.TypeNode, names: string[]): string {
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText();
    const [first] = node.typeArguments ?? [];
    if (WRAPPERS.has(name) && first) return plainType(first, names);
    names.push(name);
    const given = node.typeArguments?.map((one) => plainType(one, names)) ?? [];
    return given.length === 0 ? name.replace(/^pulumi\.(?:asset\.)?/, "") : `${name}<${given.join(", ")}>`;
  }
  if (ts.isUnionTypeNode(node))
    return node.types
      .filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword)
      .map((one) => plainType(one, names))
      .join(" | ");
  if (ts.isArrayTypeNode(node)) {
    const item = plainType(node.elementType, names);
    return item.includes(" ") ? `(${item})[]` : `${item}[]`;
  }
  if (ts.isParenthesizedTypeNode(node)) return plainType(node.type, names);
  if (ts.isTypeLiteralNode(node)) return `{ ${node.members.map((one) => memberText(one, names)).join("; ")} }`;
  return node.getText();
}

function memberText(member: ts.TypeElement, names: string[]): string {
  if (ts.isIndexSignatureDeclaration(member))
    return `[${member.parameters[0]?.name.getText() ?? "name"}: string]: ${plainType(member.type, names)}`;
  return ts.isPropertySignature(member) && member.type
    ? `${member.name.getText()}${member.questionToken ? "?" : ""}: ${plainType(member.type, names)}`
    : member.getText();
}

/** `kubernetes.helm.v3.Release`, whose arguments these are. */
function resourceOf([one]: readonly ts.Symbol[]): string {
  const file = one?.declarations?.[0]?.getSourceFile().fileName ?? "";
  const [, version, kind] = /helm\/(v\d)\/(\w+)\.d\.ts$/.exec(file) ?? [];
  const name = `kubernetes.helm.${version}.${kind?.replace(/^./, (letter) => letter.toUpperCase())}`;
  return `[\`${name}\`](https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/${version}/${kind}/)`;
}

function othersTable(others: readonly ts.Symbol[], checker: ts.TypeChecker): string {
  const sentence = (doc: string): string => /^.*?\.(?=\s|$)/.exec(doc)?.[0] ?? doc;
  const ordered = [...others].sort((a, b) => (a.name < b.name ? -1 : 1));
  return table(
    ["Argument", "What for"],
    ordered.map((one) => row([`\`${one.name}\``, sentence(docOf(one, checker))])),
  );
}
