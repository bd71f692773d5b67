import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RegistryOptions } from "../registry";
import type { Cluster } from "./cluster";
import type { InsideProcess } from "./insideProcess";

/**
 * Starts a registry inside a cluster, and waits until it answers.
 *
 * @param folder where its configuration and its images are: `NAME.json` and, unless `storage` says otherwise, `NAME/`
 * @example
 * await serveRegistry(cluster, scratch, "mirror", { port: 5443, tls: { certificate } });
 */
export async function serveRegistry(
  cluster: Cluster,
  folder: string,
  name: string,
  options: RegistryOptions,
): Promise<InsideProcess> {
  const config = join(folder, `${name}.json`);
  writeFileSync(config, JSON.stringify({ storage: { folder: join(folder, name) }, ...options }));
  return serveInside(cluster, join("registry", "main.ts"), ["--config", config]);
}

/** Starts a server of test/support inside a cluster: it writes one JSON line with its `host` when it answers. */
export async function serveInside(cluster: Cluster, program: string, args: readonly string[]): Promise<InsideProcess> {
  const support = join(__dirname, "..");
  const started = cluster.spawn(process.execPath, [
    "--require",
    join(support, "typescript.js"),
    join(support, program),
    ...args,
  ]);
  await started.said(/"host":/);
  return started;
}
