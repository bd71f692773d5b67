import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import { MirrorError } from "../error";
import { isRegistryHost, parseReference } from "../image/reference";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";
import { knownNow } from "../release/knownNow";
import { MirrorRegistry } from "./mirrorRegistry";

/** A login of a registry. */
export interface RegistryLogin {
  username: pulumi.Input<string>;
  /** Password or token, or the JSON key of a `_json_key` user. */
  password: pulumi.Input<string>;
}

/** Arguments of {@link ExistingRegistry}. */
export interface ExistingRegistryArgs {
  /**
   * `host` or `host:port`, without a scheme. A port other than 443 (or 80 with `plainHttp`) must be written, as in the
   * references that nodes pull.
   */
  host: pulumi.Input<string>;
  /** Path before every repository: `team/mirror`, a Harbor project, a Nexus repository, a Quay organisation. */
  path?: pulumi.Input<string>;
  /** Login that may push. Without it the docker config of the machine that runs Pulumi is used. */
  credentials?: RegistryLogin;
  /** Login for pull secrets, which needs read rights alone. Default: `credentials`. */
  pullCredentials?: RegistryLogin;
  /** Speak http without TLS. The cluster's nodes must be told as well. Default: false. */
  plainHttp?: pulumi.Input<boolean>;
  /** PEM certificate of an own CA which signed the registry's certificate. */
  caCertificate?: pulumi.Input<string>;
  /** Keep the source's host as the first segment of each repository: `quay.io/stackstate/wait`. Default: false. */
  keepHost?: boolean;
}

/**
 * A registry that is there already and creates repositories on push: Harbor, Nexus, Artifactory, GitLab, Quay,
 * distribution, or any other that speaks the OCI distribution API.
 *
 * @example
 * ```ts
 * const registry = new ExistingRegistry("mirror", {
 *   host: "registry.spacetech.com:8083",
 *   path: "appcircle",
 *   credentials: { username: "ci", password: config.requireSecret("registryPassword") },
 * });
 * ```
 */
export class ExistingRegistry extends MirrorRegistry {
  override readonly address: Promise<MirrorAddress>;
  override readonly layout: LayoutOptions;
  override readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  override readonly pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined;
  /** `host[:port]` of the registry. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: ExistingRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:ExistingRegistry", name, {}, opts);
    this.layout = { keepHost: args.keepHost ?? false };
    this.host = pulumi.output(args.host);
    this.address = readAddress(name, args);
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);
    this.pushAccess = pulumi.secret({
      host: args.host,
      ...args.credentials,
      ...(args.plainHttp !== undefined && { plainHttp: args.plainHttp }),
      ...(args.caCertificate !== undefined && { caCertificate: args.caCertificate }),
    });
    const pull = args.pullCredentials ?? args.credentials;
    this.pullCredentials = pull && pulumi.secret({ host: args.host, ...pull });
  }

  /** The registry makes repositories itself. */
  protected override repositoryFor(): pulumi.Resource[] {
    return [];
  }
}

async function readAddress(name: string, args: ExistingRegistryArgs): Promise<MirrorAddress> {
  const [host, path] = await Promise.all([
    knownNow(args.host, `the host of registry ${name}`),
    knownNow(args.path, `the path of registry ${name}`),
  ]);
  const problem = addressProblem(host, path);
  if (problem)
    throw new MirrorError(
      "INVALID_REGISTRY",
      `The registry ${name} cannot be at ${JSON.stringify(path ? `${host}/${path}` : host)}: ${problem}`,
      'Give host as "HOST[:PORT]" and everything behind it as path',
    );
  return path ? { host, path } : { host };
}

function addressProblem(host: string, path: string | undefined): string | undefined {
  if (/^[a-z]+:\/\//.test(host)) return "the host has a scheme; whether it is http is said with plainHttp";
  if (host.includes("/")) return "the host has a path in it";
  if (!isRegistryHost(host)) return "the host is not a host name with an optional port";
  if (path === undefined || path === "") return undefined;
  try {
    parseReference(`${host.includes(".") || host.includes(":") ? host : "localhost"}/${path}/image`);
  } catch {
    return "the path is not one of a repository (lower-case segments, separated by slashes, none at its ends)";
  }
  return undefined;
}
