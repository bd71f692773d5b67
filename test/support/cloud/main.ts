// Runs AWS as a process: node --require ./test/support/typescript.js test/support/cloud/main.ts --config FILE.json
// FILE holds where moto listens and how its ECR does. One JSON line on standard output says when both answer.
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startEcr, startMoto, type EcrOptions } from ".";

/** What the file of `--config` holds. */
export interface CloudConfig {
  readonly moto: { readonly host: string; readonly port: number };
  readonly ecr: Pick<EcrOptions, "host" | "port" | "storage" | "tls">;
  /** File with the time by which ECR takes logins for expired, in milliseconds since 1970; without it, now. */
  readonly clock?: string;
}

async function main(): Promise<void> {
  const { config } = parseArgs({ options: { config: { type: "string" } } }).values;
  if (config === undefined) throw new Error("--config FILE.json is needed");
  const { moto: at, ecr, clock } = JSON.parse(readFileSync(config, "utf8")) as CloudConfig;
  const moto = await startMoto(at);
  const now = (): number =>
    clock !== undefined && existsSync(clock) ? Number(readFileSync(clock, "utf8")) : Date.now();
  const registry = await startEcr(moto, { ...ecr, now });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => void registry.close().then(() => moto.close()));
  process.stdout.write(`${JSON.stringify({ host: registry.host, moto: moto.url })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
