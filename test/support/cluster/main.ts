/**
 * Starts a cluster, says how to use it, and holds it until it is interrupted.
 *
 *     node --require ./test/support/typescript.js test/support/cluster/main.ts [HOST…]
 *
 * The names given resolve to 127.0.0.1 inside.
 */
import { startCluster } from ".";

async function main(hosts: readonly string[]): Promise<void> {
  const cluster = await startCluster({ hosts });
  const enter = cluster.enter("bash").map((word) => (/^[\w./-]+$/.test(word) ? word : `'${word}'`));
  process.stdout.write(`ready: KUBECONFIG=${cluster.kubeconfig} ${enter.join(" ")}\n`);
  const awake = setInterval(() => undefined, 60_000);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      clearInterval(awake);
      void cluster.stop();
    });
  }
}

main(process.argv.slice(2)).catch((e: unknown) => {
  process.stderr.write(`${e instanceof Error ? e.message : String(e)}\n`);
  process.exitCode = 1;
});
