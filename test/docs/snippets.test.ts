/** Every TypeScript snippet of README and docs compiles against the package, strictly. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

jest.setTimeout(300_000);

const root = join(__dirname, "../..");

/** What snippets take for granted: a program around them has it. They may name things of their own the same. */
const GIVEN = `
  declare const pulumi: typeof import("@pulumi/pulumi");
  declare const config: import("@pulumi/pulumi").Config;
  declare const readFileSync: typeof import("node:fs").readFileSync;
  declare const registry: import("pulumi-chart-mirror").MirrorRegistry;
  declare const repositoryOpts: { repo: string };
  declare const values: Record<string, unknown>;
  declare const trust: import("pulumi-chart-mirror").TrustPolicy;
  declare const provider: import("@pulumi/kubernetes").Provider;
  declare const release: import("pulumi-chart-mirror").MirroredRelease;
  declare const group: { name: import("@pulumi/pulumi").Output<string> };
  declare const aks: { identityProfile: import("@pulumi/pulumi").Output<{ [name: string]: { objectId?: string } } | undefined> };
  declare const role: { arn: import("@pulumi/pulumi").Output<string> };
  declare const accessKeyId: string;
  declare const secretAccessKey: import("@pulumi/pulumi").Output<string>;
`;

interface Snippet {
  /** Where it stands: `docs/trust.md:3`. */
  readonly place: string;
  readonly text: string;
}

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^([ \t]*)```ts\n([^]*?)^\1```/gm)].map(({ index, 2: block = "" }) => ({
    place: `${page}:${text.slice(0, index).split("\n").length}`,
    text: block,
  }));
}

/** What the package exports, values and types. */
function exportedNames(): string[] {
  const index = readFileSync(join(root, "src/index.ts"), "utf8");
  const names: string[] = [];
  for (const statement of ts.createSourceFile("index.ts", index, ts.ScriptTarget.ES2022).statements)
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause))
      names.push(...statement.exportClause.elements.map(({ name }) => name.text));
  return names;
}

/** Where a file of this package would stand that a snippet shows; undefined for a snippet of a program. */
const fileOf = ({ text }: Snippet): string | undefined => /^\/\/ (src\/\S+\.ts)\n/.exec(text)?.[1];

/** A program of its own, which imports what it names of the package, where it does not do so itself. */
function programOf(snippet: Snippet, exported: readonly string[]): string {
  const { text } = snippet;
  if (fileOf(snippet) !== undefined || /from "pulumi-chart-mirror"/.test(text)) return text;
  const used = exported.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  return `${text}\nimport { ${used.join(", ")} } from "pulumi-chart-mirror";\n`;
}

const pages = ts.sys
  .readDirectory(root, [".md"], ["docs/api"], ["README.md", "docs/**/*", "examples/**/*"])
  .map((file) => relative(root, file))
  .sort();
const snippets = pages.flatMap(snippetsOf);

it("finds snippets", () => {
  const folders = new Set(snippets.map(({ place }) => place.split(/[/:]/)[0]));
  expect([...folders].sort()).toEqual(["README.md", "docs"]);
  expect(snippets.length).toBeGreaterThan(20);
});

it("compiles every snippet", () => {
  const exported = exportedNames();
  const given = join(root, "test/docs/given.d.ts");
  const files = new Map([[given, GIVEN]]);
  const placeOf = new Map<string, string>();
  snippets.forEach((snippet, i) => {
    const file = join(root, fileOf(snippet) ?? `test/docs/snippet${i}.ts`);
    files.set(file, programOf(snippet, exported));
    placeOf.set(file, snippet.place);
  });
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
    paths: { "pulumi-chart-mirror": [join(root, "src/index.ts")] },
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => files.has(file) || disk.fileExists(file),
    directoryExists: (folder) =>
      [...files.keys()].some((file) => file.startsWith(`${folder}/`)) || disk.directoryExists?.(folder) === true,
    readFile: (file) => files.get(file) ?? disk.readFile(file),
    getSourceFile: (file, version, ...more) => {
      const text = files.get(file);
      return text === undefined
        ? disk.getSourceFile(file, version, ...more)
        : ts.createSourceFile(file, text, version, true);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const errors = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) =>
        `${placeOf.get(file) ?? file} + ${ts.getLineAndCharacterOfPosition(source as ts.SourceFile, start).line + 1}: ` +
        ts.flattenDiagnosticMessageText(messageText, " "),
    );
  });
  expect(errors).toEqual([]);
});
