import * as pulumi from "@pulumi/pulumi";
import type { ClientCertificateArgs, RegistryAccessArgs } from "../copy/imageCopy";
import { MirrorError, MirrorErrors } from "../error";
import { hideLogin, holdsLogin, LOGIN_IN_ADDRESS } from "../image/addressLogin";
import { isHostSegment, isRegistryHost, tryParseReference } from "../image/reference";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress, UpstreamMapping } from "../plan/layout";
import { withHiddenKeys } from "../inputs/hiddenKeys";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
import { existingRegistryFields } from "./argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import { isPlugin } from "../resource/ownTypes";
import { MirrorRegistry } from "./mirrorRegistry";
import { sharedLogins, type RegistryReference } from "./registryReference";
import type { RegistryLogin, PushLocation } from "./registryLogin";

export type { RegistryLogin, PushLocation } from "./registryLogin";

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
  /** Where images are written, when that is not `host`. `credentials` go there and nowhere else. Default: `host`. */
  push?: PushLocation;
  /**
   * Upstreams that this registry serves through a proxy which somebody set up: a Harbor proxy project, a Nexus proxy
   * repository, an Artifactory remote repository. Their images are not copied: they are asked for once by the login for
   * pulling, so that the registry has them before pods need them. The longest upstream that fits an image decides.
   */
  upstreams?: UpstreamMapping[];
  /** Speak http without TLS. The cluster's nodes must be told as well. Default: false. */
  plainHttp?: pulumi.Input<boolean>;
  /** PEM certificate of an own CA which signed the registry's certificate. */
  caCertificate?: pulumi.Input<string>;
  /** What the registry asks its clients for, `push` included. The cluster's nodes need one of their own. */
  clientCertificate?: pulumi.Input<ClientCertificateArgs>;
  /** Hosts of token services that may see the logins, beside the registry's own host and domain: `["sso.example.net"]`. */
  tokenServices?: pulumi.Input<pulumi.Input<string>[]>;
  /** Follow redirects to addresses inside a network, though the registry is outside: its store is inside. Default: false. */
  internalRedirects?: pulumi.Input<boolean>;
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

  protected override readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly pullAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;

  constructor(name: string, args: ExistingRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "ExistingRegistry", name }, args, existingRegistryFields);
    super("ExistingRegistry", name, {}, opts);
    this.layout = { keepHost: args.keepHost ?? false, ...(args.upstreams && { upstreams: args.upstreams }) };
    this.host = pulumi.output(args.host);
    this.address = readAddress(name, args);
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);
    const reach = trust(args);
    const pull = args.pullCredentials ?? args.credentials;
    const { clientCertificate, tokenServices, internalRedirects } = args;
    const own = {
      ...(clientCertificate !== undefined && { clientCertificate }),
      ...(tokenServices !== undefined && { tokenServices }),
      ...(internalRedirects !== undefined && { internalRedirects }),
    };
    this.pushAccess = pulumi.secret(
      withHiddenKeys({
        host: args.host,
        ...args.credentials,
        ...own,
        ...(args.push ? { location: args.push.location, ...trust(args.push) } : reach),
      }),
    );
    this.pullAccess = pulumi.secret(withHiddenKeys({ host: args.host, ...pull, ...own, ...reach }));
    this.pullCredentials = pull && pulumi.secret({ host: args.host, ...pull });
    this.shared = sharedLogins(this.pushAccess, this.pullAccess, this.pullCredentials);
    // States of Node.js programs have none.
    if (isPlugin()) this.registerWithReference({ host: this.host });
  }

  /** Proxies are asked where nodes ask them, by the login that nodes use. */
  protected override pullThroughAccess(): pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>> {
    return this.pullAccess;
  }

  /** The registry makes repositories itself. */
  protected override repositoryFor(): pulumi.Resource[] {
    return [];
  }
}

/** How to speak to a host. */
function trust({
  plainHttp,
  caCertificate,
}: Pick<ExistingRegistryArgs, "plainHttp" | "caCertificate">): Pick<RegistryAccessArgs, "plainHttp" | "caCertificate"> {
  return { ...(plainHttp !== undefined && { plainHttp }), ...(caCertificate !== undefined && { caCertificate }) };
}

async function readAddress(name: string, args: ExistingRegistryArgs): Promise<MirrorAddress> {
  const [host, path, location] = await Promise.all([
    knownNow(args.host, `the host of registry ${name}`),
    knownNow(args.path, `the path of registry ${name}`),
    ifKnown(args.push?.location),
  ]);
  const at = `The registry ${name} cannot be at ${JSON.stringify(hideLogin(path ? `${host}/${path}` : host))}`;
  const broken = addressProblem(host, path);
  const problems = [
    ...(broken === undefined
      ? []
      : [
          invalid(at, broken, 'Give host as "HOST[:PORT]", everything behind it as path, and a login as `credentials`'),
        ]),
    ...(location === undefined || isLocation(location)
      ? []
      : [
          invalid(
            `The registry ${name} cannot be written to at ${JSON.stringify(hideLogin(location))}`,
            "it is no location",
            'Write push.location as "HOST[:PORT][/PATH]", without a scheme, and its login as `credentials`',
          ),
        ]),
    ...upstreamProblems(name, args.upstreams ?? []),
  ];
  MirrorErrors.throwIfAny(`The registry ${name}`, problems);
  return path ? { host, path } : { host };
}

const invalid = (what: string, why: string, remedy: string): MirrorError =>
  new MirrorError("INVALID_REGISTRY", `${what}: ${why}`, remedy);

function addressProblem(host: string, path: string | undefined): string | undefined {
  if (holdsLogin(host)) return LOGIN_IN_ADDRESS;
  if (/^[a-z]+:\/\//.test(host)) return "the host has a scheme; whether it is http is said with plainHttp";
  if (host.includes("/")) return "the host has a path in it";
  if (!isRegistryHost(host)) return "the host is not a host name with an optional port";
  if (path === undefined || path === "" || isRepositoryPath(path)) return undefined;
  return "the path is not one of a repository (lower-case segments, separated by slashes, none at its ends)";
}

function upstreamProblems(name: string, upstreams: readonly UpstreamMapping[]): MirrorError[] {
  const seen = new Set<string>();
  return upstreams.flatMap(({ upstream, path }) => {
    const what = `The upstream ${JSON.stringify(hideLogin(upstream))} of registry ${name} cannot be served at ${JSON.stringify(hideLogin(path))}`;
    const again = seen.has(upstream);
    seen.add(upstream);
    if (again) return invalid(what, "it is served at another path already", "Name each upstream once");
    if (!isLocation(upstream) || !isHostSegment(upstream.split("/", 1)[0] ?? ""))
      return invalid(
        what,
        "it is no registry",
        'Write it as "HOST[:PORT][/PATH]", as images name it: "docker.io", "quay.io/team"',
      );
    if (!isRepositoryPath(path))
      return invalid(
        what,
        "the path is not one of a repository",
        "Give the whole path behind the host, without slashes at its ends, as in the references that nodes pull",
      );
    return [];
  });
}

/** An unknown location concerns nobody before it is known: no image's name depends on it. */
async function ifKnown(input: pulumi.Input<string> | undefined): Promise<string | undefined> {
  return knownNow(input, "an input").catch((error: unknown) => {
    if (error instanceof UnknownInputError) return undefined;
    throw error;
  });
}

function isLocation(text: string): boolean {
  const [host = "", ...path] = text.split("/");
  return isRegistryHost(host) && (path.length === 0 || isRepositoryPath(path.join("/")));
}

const isRepositoryPath = (path: string): boolean => tryParseReference(`localhost/${path}/image`) !== undefined;
