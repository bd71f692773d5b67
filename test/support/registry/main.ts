// Runs one registry as a process: node --require ./test/support/typescript.js test/support/registry/main.ts --config FILE.json
// FILE holds RegistryOptions, and may hold `repositories` to create. One JSON line on standard output says where it listens.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startRegistry, type RegistryOptions } from ".";

type Config = Omit<RegistryOptions, "catalogue" | "now"> & { repositories?: readonly string[] };

async function main(): Promise<void> {
  const { config } = parseArgs({ options: { config: { type: "string" } } }).values;
  if (config === undefined) throw new Error("--config FILE.json is needed");
  const { repositories = [], ...options } = JSON.parse(readFileSync(config, "utf8")) as Config;
  const registry = await startRegistry(options);
  for (const repository of repositories) registry.createRepository(repository);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void registry.close());
  const { host, url, ca, tokenHost, storageHost } = registry;
  process.stdout.write(`${JSON.stringify({ host, url, ca, tokenHost, storageHost })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
