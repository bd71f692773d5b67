import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { load } from "js-yaml";

/** A kubeconfig file's content, as far as it decides where and as whom to connect. */
export interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user?: string; namespace?: string } }[] | null;
  clusters?: { name: string; cluster: Record<string, unknown> & { server?: string } }[] | null;
  users?: { name: string; user: Record<string, unknown> }[] | null;
}

/** Where a kubeconfig leads to, and as whom. */
export interface Connection {
  readonly server: string;
  readonly namespace: string;
  readonly certificateAuthority?: string;
  readonly insecure: boolean;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
}

/** A kubeconfig that was read, and where: relative paths in it are relative to its folder. */
export interface KubeconfigSource {
  readonly config: Kubeconfig;
  readonly folder: string;
  /** Absent when it was given by its content. */
  readonly file?: string;
}

/**
 * Reads a kubeconfig given as a path or as its content, as the provider's `kubeconfig` argument takes it.
 *
 * @throws Error when it is neither
 */
export function readKubeconfig(pathOrContent: string): KubeconfigSource {
  const path = pathOrContent.replace(/^~(?=$|\/)/, process.env["HOME"] ?? "");
  const file = !path.includes("\n") && existsSync(path) ? resolve(path) : undefined;
  const config = load(file === undefined ? pathOrContent : readFileSync(file, "utf8"));
  if (typeof config !== "object" || config === null)
    throw new Error("couldn't get version/kind; json parse error: not a kubeconfig");
  return { config, ...(file === undefined ? { folder: process.cwd() } : { folder: dirname(file), file }) };
}

/** The kubeconfig of the environment: $KUBECONFIG's first file, else ~/.kube/config; nothing when there is none. */
export function ambientKubeconfig(): string | undefined {
  const paths = [process.env["KUBECONFIG"]?.split(":")[0], join(process.env["HOME"] ?? "", ".kube/config")];
  return paths.find((path) => path !== undefined && path !== "" && existsSync(path));
}

/** The namespace of a kubeconfig's context. */
export function namespaceOf(config: Kubeconfig, context?: string): string {
  const current = config.contexts?.find(({ name }) => name === (context ?? config["current-context"]));
  return current?.context.namespace ?? "default";
}

/** The cluster that a kubeconfig's context leads to, for telling two of them apart. */
export function activeCluster(config: Kubeconfig, context?: string, cluster?: string): unknown {
  const current = config.contexts?.find(({ name }) => name === (context ?? config["current-context"]));
  if (current === undefined) return undefined;
  return config.clusters?.find(({ name }) => name === (cluster ?? current.context.cluster))?.cluster;
}

/** @throws Error when the context, its cluster or its user is missing, or needs a login program */
export function connectionOf(config: Kubeconfig, folder: string, context?: string, cluster?: string): Connection {
  const wanted = context ?? config["current-context"];
  const current = config.contexts?.find(({ name }) => name === wanted)?.context;
  if (current === undefined) throw new Error(`context ${JSON.stringify(wanted ?? "")} does not exist`);
  const target = activeCluster(config, context, cluster) as Record<string, unknown> | undefined;
  if (typeof target?.["server"] !== "string")
    throw new Error(`cluster ${JSON.stringify(cluster ?? current.cluster)} has no server defined`);
  const user = config.users?.find(({ name }) => name === current.user)?.user ?? {};
  if (user["exec"] !== undefined || user["auth-provider"] !== undefined)
    throw new Error("this double knows no login programs (exec, auth-provider)");
  const file = (from: Record<string, unknown>, key: string): string | undefined => {
    const [data, path] = [from[`${key}-data`], from[key]];
    if (typeof data === "string" && data !== "") return Buffer.from(data, "base64").toString("utf8");
    return typeof path === "string" && path !== "" ? readFileSync(resolve(folder, path), "utf8") : undefined;
  };
  const certificateAuthority = file(target, "certificate-authority");
  const clientCertificate = file(user, "client-certificate");
  const clientKey = file(user, "client-key");
  const token = user["token"];
  return {
    server: target["server"],
    namespace: namespaceOf(config, context),
    insecure: target["insecure-skip-tls-verify"] === true,
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(typeof token === "string" && { token }),
  };
}
