/**
 * Every command in the docs is run here or by another test, or says what it needs: in a comment behind it (`# needs a
 * cloud`), or in one before its block that readers do not see (`<!-- needs a cloud -->`).
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { main } from "../../src/cli/main";
import { findHelm } from "../../src/machine/findHelm";
import { ensureTool } from "../support/tools";

jest.setTimeout(600_000);

const root = join(__dirname, "../..");

interface DocumentedCommand {
  readonly page: string;
  readonly command: string;
  /** What its comment, or that of its block, says that it needs. */
  readonly needs: string | undefined;
}

/** Commands that other tests run, or CI itself. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  "npm ci": ".ci/run",
  "npm ci && npm run quickstart": "test/engine/docs/quickstart.test.ts",
  "npm ci && npm test": ".ci/run",
  "npm run build": ".ci/run",
  "npm run lint": ".ci/run",
  "npm run typecheck": ".ci/run",
  "npm run test:unit": ".ci/run",
  "npm install pulumi-chart-mirror @pulumi/pulumi @pulumi/kubernetes": "test/packaging/matrix.test.ts",
};

/** What makes figures takes many minutes and is run by whoever wants new ones. */
const BY_HAND = /^npm run bench\b/;

/** Commands that ask registries, each with the test that has some. */
const RUN_WITH_REGISTRIES: Readonly<Record<string, string>> = {
  "CHART_MIRROR_LOCK=write pulumi": "test/engine/lockFile.test.ts",
  "chart-mirror copy": "test/cli/copy/copyCommand.test.ts",
  "chart-mirror lock": "test/cli/commands/lockCommand.test.ts",
  "chart-mirror save": "test/cli/commands/bundleCommands.test.ts",
  "chart-mirror load": "test/cli/commands/bundleCommands.test.ts",
  "chart-mirror prune": "test/cli/commands/pruneCommand.test.ts",
  "chart-mirror push-chart": "test/cli",
  "chart-mirror plan": "test/cli/commands/lockCommand.test.ts",
  "chart-mirror why": "test/cli/commands/whyCommand.test.ts",
};

function commandsOf(page: string): DocumentedCommand[] {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = text.matchAll(/(?:<!-- needs ([^>]*) -->\n+)?^([ \t]*)```sh\n([^]*?)^\2```/gm);
  return [...blocks].flatMap(([, all, , block = ""]) =>
    block
      .replace(/\\\n\s*/g, "")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [, command = "", comment = ""] = /^(.*?)(?:\s+#\s*(.*))?$/.exec(line) ?? [];
        return { page, command, needs: /^needs (.*)$/.exec(comment)?.[1] ?? all };
      }),
  );
}

/** Every page of the repository. */
const pages = pagesBelow("");

function pagesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(node_modules|dist|coverage|\..+)$/.test(entry.name) ? [] : pagesBelow(path);
    return path.endsWith(".md") ? [path] : [];
  });
}

const commands = pages.flatMap(commandsOf);

let folder: string;
const before = process.cwd();
beforeAll(async () => {
  process.env.HELM = findHelm() ?? (await ensureTool("helm"));
  folder = mkdtempSync(join(tmpdir(), "docs-"));
  cpSync(join(root, "test/support/charts/appcircle"), join(folder, "chart"), { recursive: true });
  writeFileSync(join(folder, "password"), "secret\n");
  process.chdir(folder);
  // What the page has the user write first: the values that `verify` is to find right.
  const { out } = await run(["values", "./chart", "--to", "registry.example.com/platform"]);
  writeFileSync(join(folder, "values.yaml"), out);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

async function run(args: readonly string[], input = ""): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const streams = { out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
  const code = await main(args, streams, Readable.from([input]));
  return { code, ...said };
}

it("finds commands", () => {
  expect(commands.length).toBeGreaterThan(20);
});

it("finds every command: none is in a block that is not looked at", () => {
  for (const page of pages) {
    const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/^[ \t]*```(.*)\n([^]*?)^[ \t]*```/gm)];
    for (const [, language = "", block = ""] of blocks) {
      expect(`${page}: ${language}`).toMatch(/: (sh|ts|yaml|json|diff|python|go|csharp|java|)$/);
      // Without a language stands what commands print; the one whose preview the README shows is run by the quickstart.
      const prompts = language === "" ? [...block.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command) : [];
      expect(prompts.filter((command) => command !== "pulumi preview --diff")).toEqual([]);
    }
  }
});

it("names no npm script and no subcommand that is not there", async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const { out: help } = await run(["--help"]);
  for (const page of pages) {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, script = ""] of text.matchAll(/\bnpm\s+run\s+([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(script);
    for (const [, command = ""] of text.matchAll(/`chart-mirror ([a-z][\w-]*)/g))
      expect(help).toContain(`\n  ${command} `);
  }
});

it.each(commands.map((entry) => [entry.page, entry.command, entry] as const))("%s: %s", async (_page, text, entry) => {
  if (entry.needs !== undefined) {
    expect(entry.needs.length).toBeGreaterThan(4);
    return;
  }
  if (BY_HAND.test(text)) return;
  const ofCluster = /^chart-mirror (?:images|why) .*--cluster\b/.test(text) ? "test/cli/cluster" : undefined;
  const elsewhere = ofCluster ?? RUN_ELSEWHERE[text] ?? RUN_WITH_REGISTRIES[text.split(" ", 2).join(" ")];
  if (elsewhere !== undefined) {
    expect(existsSync(join(root, elsewhere))).toBe(true);
    return;
  }
  // What is neither run here nor elsewhere must say what it needs: `# needs a cloud`, or `<!-- needs a cloud -->` before the block.
  expect(text).toMatch(/^(?:npx )?chart-mirror /);
  const [command = "", input] = text.replace(/^npx /, "").split(" < ");
  const args = command.split(/\s+/).slice(1);
  const { code, err } = await run(args, input === undefined ? "" : readFileSync(join(folder, input), "utf8"));
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
});
