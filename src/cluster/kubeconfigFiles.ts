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

/** The texts of kubeconfigs, each with its path. @throws what `readText` throws */
export function readKubeconfigs(files: readonly string[]): Promise<{ file: string; text: string }[]> {
  return Promise.all(files.map(async (file) => ({ file, text: await readText(file) })));
}

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
