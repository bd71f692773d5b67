import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type * as Client from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { readText } from "../files/readText";

/**
 * The kubeconfigs that kubectl would take on this machine: those of `KUBECONFIG`, else the one of the home folder. Windows has
 * more places for that one, which the client knows.
 */
export function machineKubeconfigs(environment: NodeJS.ProcessEnv): string[] {
  const { KUBECONFIG = "", HOME = "" } = environment;
  if (KUBECONFIG !== "") return KUBECONFIG.split(delimiter).filter((file) => file !== "");
  const file = join(HOME, ".kube", "config");
  return process.platform !== "win32" && HOME !== "" && existsSync(file) ? [file] : [];
}

/**
 * The texts of kubeconfigs, each with its path. As for kubectl, of several some need not be there.
 *
 * @throws what `readText` throws
 */
export async function readKubeconfigs(files: readonly string[]): Promise<{ file: string; text: string }[]> {
  const read = await Promise.allSettled(files.map(async (file) => ({ file, text: await readText(file) })));
  const found = read.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  for (const one of read)
    if (one.status === "rejected" && (found.length === 0 || !isMissing(one.reason))) throw one.reason;
  return found;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/**
 * Loads kubeconfigs as kubectl joins them: of what has one name, the current context among it, the first holds. Paths in a
 * kubeconfig are relative to it.
 *
 * @param empty makes a kubeconfig of the client
 * @throws what the client says of a text that is no kubeconfig
 */
export function joinKubeconfigs(
  read: readonly { readonly file: string; readonly text: string }[],
  empty: () => Client.KubeConfig,
): Client.KubeConfig {
  const joined = empty();
  for (const { file, text } of read) {
    // The client cannot read them.
    if (isEmpty(text)) continue;
    const one = empty();
    one.loadFromString(text);
    one.makePathsAbsolute(dirname(file));
    one.clusters = one.clusters.filter(({ name }) => !joined.getCluster(name));
    one.users = one.users.filter(({ name }) => !joined.getUser(name));
    one.contexts = one.contexts.filter(({ name }) => !joined.getContextObject(name));
    joined.mergeConfig(one, Boolean(joined.currentContext));
  }
  return joined;
}

/** Whether nothing stands in a YAML text. */
function isEmpty(text: string): boolean {
  return text.split("\n").every((line) => /^(?:---)?\s*(?:#.*)?\r?$/.test(line));
}
