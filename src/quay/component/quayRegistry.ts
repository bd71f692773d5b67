import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../../copy/imageCopy";
import { MirrorError, MirrorErrors } from "../../error";
import { parseReference } from "../../image/reference";
import type { PullCredentials } from "../../kubernetes/pullSecret";
import { upstreamOf, type LayoutOptions, type MirrorAddress } from "../../plan/layout";
import type { QuayAccessInput } from "../lifecycle/quayLifecycle";
import { kindToTell } from "../../oci/profiles/registryProfiles";
import { quayRepositoryProblem } from "../api/quayNames";
import { knownNow } from "../../inputs/knownNow";
import { quayRegistryFields } from "./quayArgumentShapes";
import { checkArguments } from "../../inputs/checkArguments";
import { MirrorRegistry } from "../../registry/mirrorRegistry";
import { QuayRepositories, type QuayProxy, type QuayRegistryArgs } from "./quayRegistryArgs";
import { quayRegistryProblems } from "./quayRegistryProblems";
import { sharedLogins, type RegistryReference } from "../../registry/registryReference";
import {
  QuayDefaultPermission,
  QuayOrganization,
  QuayProxyCache,
  QuayRepository,
  QuayRobot,
  QuayTeam,
} from "./quayResource";

export { QuayRepositories, type QuayProxy, type QuayRegistryArgs } from "./quayRegistryArgs";

/** An image that a proxy does not serve. `code` is `NOT_PROXIED`. */
export class NotProxiedError extends MirrorError {
  override readonly name = "NotProxiedError";
  constructor(source: string, organization: string, upstream: string) {
    super(
      "NOT_PROXIED",
      `${source} is not below ${upstream}, which is all that Quay's organization ${organization} serves, and nothing can be copied to a proxy`,
      "Mirror this chart to an organization without `proxy`, proxy a shorter upstream, or name the image in ignoreImages",
    );
  }
}

/** How long Quay keeps what it cached unless told otherwise, in seconds. */
const CACHED_SECONDS = 86_400;

/**
 * An organization of Red Hat Quay or Project Quay: a proxy cache of one registry, whose images are served without being
 * copied, or a plain organization that images are copied to. Makes the organization, the proxy cache, and robot accounts
 * whose tokens become pull secrets, all through Quay's API.
 *
 * @example
 * ```ts
 * const registry = new QuayRegistry("mirror", {
 *   host: "registry.spacetech.com:8083",
 *   organization: "appcircle",
 *   token: config.requireSecret("quayToken"),
 *   proxy: {
 *     upstream: "europe-west1-docker.pkg.dev/appcircle/docker-registry",
 *     username: "_json_key",
 *     password: config.requireSecret("credJson"),
 *   },
 * });
 * ```
 */
export class QuayRegistry extends MirrorRegistry {
  override readonly address: Promise<MirrorAddress>;
  override readonly layout: LayoutOptions;
  override readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  override readonly pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined;
  override readonly sourceAccess: readonly pulumi.Input<RegistryAccessArgs>[];
  override readonly makesRepositories: boolean;
  /** `host[:port]` of Quay. */
  readonly host: pulumi.Output<string>;
  /** Name of the organization. */
  readonly organization: string;
  /** Name of the robot that pods pull with: `organization+name`. */
  readonly pullRobot: string;

  protected override readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly args: QuayRegistryArgs;
  private readonly access: pulumi.Output<pulumi.Unwrap<QuayAccessInput>>;
  /** What images need before they can be pushed or pulled through. */
  private readonly ready: pulumi.Resource[];
  private readonly made = new Map<string, QuayRepository>();

  constructor(name: string, args: QuayRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "QuayRegistry", name }, args, quayRegistryFields);
    super("QuayRegistry", name, {}, opts);
    const { organization, proxy, plainHttp, caCertificate } = args;
    const trust = {
      ...(plainHttp !== undefined && { plainHttp }),
      ...(caCertificate !== undefined && { caCertificate }),
    };
    this.args = args;
    this.makesRepositories = args.repositories === QuayRepositories.Create;
    this.organization = organization;
    this.host = pulumi.output(args.host);
    this.layout = proxy
      ? { upstreams: [{ upstream: proxy.upstream, path: organization }] }
      : { keepHost: args.keepHost ?? false };
    this.address = readAddress(name, args);
    // Whoever plans awaits the address and reports its error; a registry that nobody uses must not fail the program.
    this.address.catch(() => undefined);
    this.sourceAccess = proxy ? upstreamAccess(proxy) : [];
    this.access = pulumi.secret({ ...(args.token !== undefined && { token: args.token }), ...trust });

    const home = this.createOrganization();
    const pull = this.createRobot("pull", home);
    this.pullRobot = robotName(args, "pull");
    const { robot: push, ready } = proxy ? this.proxied(proxy, pull, home) : this.plain(pull, home);
    this.ready = ready;
    const login = (robot: QuayRobot, kind: RobotKind) => ({
      host: this.host,
      username: robotName(args, kind),
      password: robot.token,
    });
    const kind = this.host.apply((at) => kindToTell(at, "quay"));
    this.pushAccess = pulumi.secret({ ...login(push, proxy ? "pull" : "push"), kind, ...trust });
    this.pullCredentials = args.noPullSecret ? undefined : pulumi.secret(login(pull, "pull"));
    this.shared = sharedLogins(this.pushAccess, this.pushAccess, this.pullCredentials);
    this.registerWithReference({ host: this.host, organization, pullRobot: this.pullRobot });
  }

  protected override repositoryFor(target: string): pulumi.Resource[] {
    const { proxy, repositories = QuayRepositories.OnPush } = this.args;
    if (proxy || repositories === QuayRepositories.OnPush) return this.ready;
    const path = parseReference(target).repository.slice(this.organization.length + 1);
    const made = this.made.get(path) ?? this.createRepository(path);
    this.made.set(path, made);
    return [...this.ready, made];
  }

  protected override targetProblem(source: string, target: string): MirrorError | undefined {
    const { organization, proxy } = this.args;
    if (proxy && upstreamOf(parseReference(source), this.layout) === undefined)
      return new NotProxiedError(source, organization, proxy.upstream);
    const path = target.split("/").slice(2).join("/").split("@")[0] ?? "";
    return quayRepositoryProblem(source, path.replace(/:[^/:]*$/, ""));
  }

  /** Members alone may pull through a proxy cache, so the robot is in a team. */
  private proxied(proxy: QuayProxy, pull: QuayRobot, home: pulumi.Input<pulumi.Resource>[]): Prepared {
    const { upstream, username, password, expirationSeconds = CACHED_SECONDS, insecure = false } = proxy;
    const cache = new QuayProxyCache(
      `${this.resourceName}-proxy`,
      { ...this.inOrganization(), upstream, username, password, expirationSeconds, insecure },
      { parent: this, dependsOn: home },
    );
    return { robot: pull, ready: [cache, this.createTeam("pull", "member", pull)] };
  }

  /** One robot pushes; the other may read what the first, or anyone, creates. */
  private plain(pull: QuayRobot, home: pulumi.Input<pulumi.Resource>[]): Prepared {
    const push = this.createRobot("push", home);
    const permission = (kind: RobotKind, role: "read" | "write", robot: QuayRobot) =>
      new QuayDefaultPermission(
        `${this.resourceName}-${kind}`,
        { ...this.inOrganization(), robot: robotName(this.args, kind), role },
        { parent: this, dependsOn: robot },
      );
    const mayPush =
      this.args.repositories === QuayRepositories.Create
        ? permission("push", "write", push)
        : this.createTeam("push", "creator", push);
    return { robot: push, ready: [mayPush, permission("pull", "read", pull)] };
  }

  private createOrganization(): pulumi.Input<pulumi.Resource>[] {
    const { existing, email, proxy, forceDelete = proxy !== undefined } = this.args;
    const dependsOn = [...this.waitsFor];
    if (existing) return dependsOn;
    return [
      new QuayOrganization(
        this.resourceName,
        { ...this.inOrganization(), email, forceDelete },
        { parent: this, dependsOn },
      ),
    ];
  }

  private createRobot(kind: RobotKind, home: pulumi.Input<pulumi.Resource>[]): QuayRobot {
    return new QuayRobot(
      `${this.resourceName}-${kind}`,
      { ...this.inOrganization(), name: memberName(this.args, kind), rotation: this.args.rotation },
      { parent: this, dependsOn: home },
    );
  }

  private createTeam(kind: RobotKind, role: "member" | "creator", robot: QuayRobot): QuayTeam {
    const robots = [robotName(this.args, kind)];
    return new QuayTeam(
      `${this.resourceName}-${kind}`,
      { ...this.inOrganization(), name: memberName(this.args, kind), role, robots },
      { parent: this, dependsOn: robot },
    );
  }

  private createRepository(path: string): QuayRepository {
    const { publicRepositories = false, forceDelete = false } = this.args;
    return new QuayRepository(
      `${this.resourceName}/${path}`,
      { ...this.inOrganization(), name: path, public: publicRepositories, forceDelete },
      // Default permissions concern what is created after them.
      { parent: this, dependsOn: this.ready },
    );
  }

  private inOrganization() {
    return { host: this.host, access: this.access, organization: this.organization };
  }
}

/** What a kind of organization prepares for images: who pushes, and what has to be there. */
interface Prepared {
  readonly robot: QuayRobot;
  readonly ready: pulumi.Resource[];
}

type RobotKind = "pull" | "push";

/** Name of a robot and of its team. Underscores, because Quay's pages take no other sign in the names of robots. */
const memberName = ({ robots = "chart_mirror" }: QuayRegistryArgs, kind: RobotKind): string => `${robots}_${kind}`;

const robotName = (args: QuayRegistryArgs, kind: RobotKind): string => `${args.organization}+${memberName(args, kind)}`;

/** The login of the upstream, so that previews can look its images up. */
function upstreamAccess({ upstream, username, password, insecure }: QuayProxy): pulumi.Input<RegistryAccessArgs>[] {
  if (username === undefined || password === undefined) return [];
  const host = upstream.split("/", 1)[0] ?? "";
  return [{ host, username, password: pulumi.secret(password), ...(insecure && { plainHttp: true }) }];
}

async function readAddress(name: string, args: QuayRegistryArgs): Promise<MirrorAddress> {
  const host = await knownNow(args.host, `the host of registry ${name}`);
  MirrorErrors.throwIfAny(
    `The Quay registry ${name} cannot be used`,
    quayRegistryProblems(name, host, memberName(args, "pull"), args),
  );
  return { host, path: args.organization };
}
