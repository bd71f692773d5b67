/**
 * Installs tools and prints their paths, one per line; what it does goes to standard error.
 *
 *     node --require ./test/support/typescript.js test/support/tools/install.ts helm pulumi
 */
import { isToolName, toolNames } from "./catalogue";
import { ensureTool } from "./ensureTool";

async function main(names: readonly string[]): Promise<void> {
  if (names.length === 0) throw new Error(`usage: install.ts NAME…\nnames: ${toolNames.join(", ")}`);
  for (const name of names) {
    if (!isToolName(name)) throw new Error(`there is no tool "${name}"; names: ${toolNames.join(", ")}`);
  }
  for (const name of names.filter(isToolName)) process.stdout.write(`${await ensureTool(name)}\n`);
}

main(process.argv.slice(2)).catch((e: unknown) => {
  process.stderr.write(`${e instanceof Error ? e.message : String(e)}\n`);
  process.exitCode = 1;
});
