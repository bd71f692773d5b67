import { tryParseReference } from "../../image/reference";
import type { LayoutOptions, MirrorAddress } from "../../plan/layout";
import type { PlannedImage } from "../../plan/relocationPlan";

/** What nodes must know of a mirror: the same data as the registry's, from which each runtime's form is made. */
export interface NodeConfiguration {
  readonly mirror: MirrorAddress;
  /** The mirror speaks http without TLS. Default: false. */
  readonly plainHttp?: boolean;
  /** PEM certificate of an own CA which signed the mirror's certificate. */
  readonly caCertificate?: string;
  /** Login that may pull. Only K3s keeps logins in this configuration; elsewhere they are pull secrets. */
  readonly login?: NodeLogin;
  /** Hosts whose images nodes shall look for in the mirror first, as {@link upstreamHosts} finds them in a plan. */
  readonly upstreams: readonly string[];
  /** How the mirror's repositories are named. */
  readonly layout: LayoutOptions;
}

/** Login of a node at the mirror. */
export interface NodeLogin {
  readonly username: string;
  readonly password: string;
}

/** Texts of files by their paths, which are relative to the folder that the runtime reads. */
export type NodeFiles = Readonly<Record<string, string>>;

/** Runtimes that this package writes configuration for. */
export const NODE_RUNTIMES = ["k3s", "containerd", "openshift"] as const;
export type NodeRuntime = (typeof NODE_RUNTIMES)[number];

/** Scheme, host and port of the mirror. */
export function mirrorOrigin({ mirror, plainHttp }: NodeConfiguration): string {
  return `${plainHttp ? "http" : "https"}://${mirror.host}`;
}

/**
 * The hosts that a plan's images come from, sorted, without Docker Hub's aliases and without the mirror itself.
 *
 * @example `upstreamHosts(plan, { host: "r.io" })` is `["docker.io", "quay.io"]`.
 */
export function upstreamHosts(
  plan: { readonly images: readonly Pick<PlannedImage, "source">[] },
  mirror: MirrorAddress,
): string[] {
  const hosts = plan.images.flatMap(({ source }) => tryParseReference(source)?.registry ?? []);
  return [...new Set(hosts)].filter((host) => host !== mirror.host).sort();
}
