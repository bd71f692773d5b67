import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type * as Client from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { MirrorError } from "../error";
import { failureReason } from "../files/fileError";
import { joinKubeconfigs, machineKubeconfigs, readKubeconfigs } from "./kubeconfigFiles";

/** Which cluster, and with which login. */
export interface ClusterLogin {
  /** Text of a kubeconfig, or its path; without it the one that `kubectl` would take on this machine. Secret. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig; its current one unless told. */
  readonly context?: string;
}

/** Words for errors: who needs the cluster, and where its kubeconfig is given. */
export interface ConnectionPurpose {
  /** `Copying by a Job in the cluster`. */
  readonly doing: string;
  /** `The cluster that images are to be copied in`. */
  readonly cluster: string;
  /** The argument of programs that takes a kubeconfig. */
  readonly kubeconfig: string;
}

/** What the client takes where a machine has no kubeconfig, as kubectl did once; nothing listens there any more. */
const NOWHERE = "http://localhost:8080";

/** The Kubernetes client is not installed. `code` is `MISSING_PACKAGE`. */
export function missingClient(doing: string, cause: unknown): MirrorError {
  return new MirrorError(
    "MISSING_PACKAGE",
    `${doing} needs the npm package @kubernetes/client-node, which cannot be loaded`,
    "Install it beside this package: npm install @kubernetes/client-node (with Node.js 20.19 or newer)",
    { cause },
  );
}

/** The kubeconfig cannot be used. `code` is `INVALID_KUBECONFIG`. */
export function invalidKubeconfig({ cluster, kubeconfig }: ConnectionPurpose, reason: string): MirrorError {
  // Not its cause: that of a YAML error would hold parts of the file, which has keys in it.
  return new MirrorError(
    "INVALID_KUBECONFIG",
    `${cluster} cannot be reached: ${reason}`,
    ({ giveKubeconfig }) => `${giveKubeconfig(kubeconfig)}, or set KUBECONFIG for this machine`,
  );
}

/**
 * The Kubernetes project's own client, which knows every form of login in a kubeconfig, and the kubeconfig as it read it.
 *
 * The client is an ES module of some weight, so it is loaded only here and only when a cluster is needed.
 *
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function connectCluster(
  login: ClusterLogin,
  purpose: ConnectionPurpose,
): Promise<{ k8s: typeof Client; config: Client.KubeConfig }> {
  const k8s = await import("@kubernetes/client-node").catch((error: unknown) => {
    throw missingClient(purpose.doing, error);
  });
  const file = login.kubeconfig === undefined ? undefined : kubeconfigFile(login.kubeconfig);
  if (login.kubeconfig !== undefined && file === undefined && !/[\n{:]/.test(login.kubeconfig))
    throw invalidKubeconfig(purpose, "its kubeconfig is no file that is there");
  const files = login.kubeconfig === undefined ? machineKubeconfigs(process.env) : file === undefined ? [] : [file];
  const read = await readKubeconfigs(files).catch((error: unknown) => {
    throw invalidKubeconfig(purpose, `its kubeconfig cannot be read (${failureReason(error)})`);
  });
  const config = new k8s.KubeConfig();
  try {
    if (read.length > 0) config.loadFromOptions(joinKubeconfigs(read, () => new k8s.KubeConfig()));
    else if (login.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromString(login.kubeconfig);
  } catch {
    throw invalidKubeconfig(purpose, "its kubeconfig cannot be read");
  }
  // What the client takes in place of none has a context of its own.
  if (login.kubeconfig === undefined && config.getCurrentCluster()?.server === NOWHERE)
    throw invalidKubeconfig(purpose, "this machine has no kubeconfig");
  if (login.context !== undefined) {
    if (!config.getContextObject(login.context))
      throw invalidKubeconfig(purpose, `its kubeconfig has no context ${JSON.stringify(login.context)}`);
    config.setCurrentContext(login.context);
  }
  if (!config.getCurrentCluster()) throw invalidKubeconfig(purpose, "its kubeconfig names no cluster");
  return { k8s, config };
}

/** The path that a kubeconfig is given by, as the Kubernetes provider takes it too; undefined where it is the text. */
export function kubeconfigFile(kubeconfig: string): string | undefined {
  if (/[\n{]/.test(kubeconfig)) return undefined;
  const path = kubeconfig.replace(/^~(?=$|[\\/])/, homedir());
  return existsSync(path) ? path : undefined;
}
