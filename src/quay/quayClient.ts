import type { Json } from "../json";
import {
  QuayExistsError,
  QuayFeatureOffError,
  QuayOrganizationMissingError,
  QuayPermissionError,
  QuayRefusedError,
  QuayUpstreamRefusedError,
} from "./quayErrors";
import type { QuayAnswer, QuayConnection, QuayRequest } from "./quayConnection";

/** What an organization fetches from, when it is a proxy cache. */
export interface ProxyCacheConfig {
  /** `host[/namespace]`: `docker.io`, `europe-west1-docker.pkg.dev/appcircle/docker-registry`. */
  readonly upstream: string;
  /** How long a cached tag is served before the upstream is asked again, in seconds. */
  readonly expirationSeconds: number;
  /** Speak plain http to the upstream. */
  readonly insecure: boolean;
}

/** A login for the upstream of a proxy cache. Quay never tells it again. */
export interface ProxyCacheLogin {
  readonly username?: string;
  readonly password?: string;
}

export interface QuayRobot {
  /** `organization+name`, the name to log in with. */
  readonly username: string;
  readonly token: string;
}

/** What a team's members may do in the whole organization. */
export type QuayTeamRole = "member" | "creator" | "admin";
/** What somebody may do with a repository. */
export type QuayRepositoryRole = "read" | "write" | "admin";

export interface QuayDefaultPermission {
  readonly id: string;
  readonly role: string;
  /** Name of a user, robot or team. */
  readonly delegate: string;
}

export interface QuayRepository {
  readonly isPublic: boolean;
  readonly hasTags: boolean;
}

/**
 * One Quay's API, as far as a mirror needs it. What is missing is `undefined`; removing what is gone is no error.
 *
 * Written from the descriptions in {@link https://github.com/quay/quay/tree/master/endpoints/api}.
 *
 * @throws the errors of `quayErrors.ts` from every method, and those of a connection
 */
export class QuayClient {
  constructor(private readonly connection: QuayConnection) {}

  get host(): string {
    return this.connection.host;
  }

  /** @returns the organization with its contact address, which only its owners see; undefined when there is none. */
  async organization(name: string): Promise<{ email: string; teams: Readonly<Record<string, string>> } | undefined> {
    const { status, body } = await this.connection.send({
      doing: `looking for organization ${name}`,
      method: "GET",
      path: ["organization", name],
      scope: "org:admin",
      expect: [404],
    });
    if (status === 404) return undefined;
    const { email, teams } = body as { email?: string; teams?: Record<string, { role: string }> };
    return {
      email: email ?? "",
      teams: Object.fromEntries(Object.entries(teams ?? {}).map(([team, { role }]) => [team, role])),
    };
  }

  /** @throws {QuayExistsError} when there is an organization or user of that name */
  async createOrganization(name: string, email: string | undefined): Promise<void> {
    const doing = `creating organization ${name}`;
    const body = { name, ...(email !== undefined && { email }) };
    await this.connection
      .send({ doing, method: "POST", path: ["organization", ""], scope: "user:admin", body })
      .catch((error: unknown) => {
        throw existing(error)
          ? new QuayExistsError(
              this.host,
              `An organization or user ${name}`,
              "Choose another name, or set existing: true",
            )
          : error;
      });
  }

  async changeEmail(organization: string, email: string): Promise<void> {
    const doing = `changing the email of organization ${organization}`;
    await this.inOrganization(organization, { doing, method: "PUT", path: [], body: { email } });
  }

  async deleteOrganization(organization: string): Promise<void> {
    const doing = `deleting organization ${organization}`;
    await this.inOrganization(organization, { doing, method: "DELETE", path: [], expect: [404] });
  }

  /** Names of an organization's repositories, without the organization. */
  async repositories(organization: string): Promise<string[]> {
    const names: string[] = [];
    let page: string | undefined;
    do {
      const { body } = await this.connection.send({
        doing: `listing the repositories of organization ${organization}`,
        method: "GET",
        path: ["repository"],
        query: { namespace: organization, ...(page !== undefined && { next_page: page }) },
        scope: "repo:read",
      });
      const { repositories, next_page } = body as { repositories: { name: string }[]; next_page?: string };
      names.push(...repositories.map(({ name }) => name));
      page = next_page;
    } while (page !== undefined);
    return names;
  }

  /**
   * @returns what an organization proxies; undefined when nothing, or when there is no such organization
   * @throws {QuayFeatureOffError} when this Quay has no proxy caches; also for organizations that do not exist yet
   */
  async proxyCache(organization: string): Promise<ProxyCacheConfig | undefined> {
    const doing = `reading the proxy cache of organization ${organization}`;
    const answer = await this.inOrganization(organization, {
      doing,
      method: "GET",
      path: ["proxycache"],
      expect: [404],
    }).catch(nothingWithoutOrganization);
    if (answer === undefined) return undefined;
    this.needProxyFeature(answer, doing);
    const { upstream_registry, expiration_s, insecure } = answer.body as Record<string, unknown>;
    if (typeof upstream_registry !== "string" || upstream_registry === "") return undefined;
    return { upstream: upstream_registry, expirationSeconds: Number(expiration_s), insecure: insecure === true };
  }

  /**
   * Makes an organization a proxy cache, after Quay has logged in to the upstream.
   *
   * @throws {QuayUpstreamRefusedError} when Quay could not
   */
  async createProxyCache(organization: string, config: ProxyCacheConfig, login: ProxyCacheLogin): Promise<void> {
    const { upstream, expirationSeconds, insecure } = config;
    const { username, password } = login;
    const body = {
      upstream_registry: upstream,
      ...(username !== undefined && { upstream_registry_username: username }),
      ...(password !== undefined && { upstream_registry_password: password }),
      expiration_s: expirationSeconds,
      insecure,
    };
    const doing = `making organization ${organization} a proxy cache of ${upstream}`;
    const common = { doing, method: "POST" as const, body, secrets: password === undefined ? [] : [password] };
    const post = (path: string) =>
      this.inOrganization(organization, { ...common, path: [path], expect: [404] }).catch((error: unknown) => {
        throw error instanceof QuayRefusedError && error.status === 400
          ? new QuayUpstreamRefusedError(this.host, organization, upstream, username, error.reason)
          : error;
      });
    this.needProxyFeature(await post("validateproxycache"), doing);
    this.needProxyFeature(await post("proxycache"), doing);
  }

  /** Makes an organization a plain one again; what was cached stays in it. */
  async deleteProxyCache(organization: string): Promise<void> {
    const doing = `ending the proxy cache of organization ${organization}`;
    await this.inOrganization(organization, { doing, method: "DELETE", path: ["proxycache"], expect: [404] }).catch(
      nothingWithoutOrganization,
    );
  }

  async robot(organization: string, name: string): Promise<QuayRobot | undefined> {
    const doing = `looking for robot ${organization}+${name}`;
    const answer = await this.inOrganization(organization, {
      doing,
      method: "GET",
      path: ["robots", name],
      expect: [400, 404],
    }).catch(nothingWithoutOrganization);
    // Quay answers 400 for what its database does not find.
    return answer === undefined || answer.status !== 200 ? undefined : robotOf(answer);
  }

  /** @throws {QuayExistsError} when there is one of that name */
  async createRobot(organization: string, name: string, description: string): Promise<QuayRobot> {
    const robot = `${organization}+${name}`;
    const answer = await this.inOrganization(organization, {
      doing: `creating robot ${robot}`,
      method: "PUT",
      path: ["robots", name],
      body: { description },
    }).catch((error: unknown) => {
      throw existing(error)
        ? new QuayExistsError(this.host, `Robot ${robot}`, "Choose other names with `robots`, or delete it")
        : error;
    });
    return robotOf(answer);
  }

  /** Gives a robot a new token; the old one ends at once. */
  async regenerateRobot(organization: string, name: string): Promise<QuayRobot> {
    return robotOf(
      await this.inOrganization(organization, {
        doing: `giving robot ${organization}+${name} a new token`,
        method: "POST",
        path: ["robots", name, "regenerate"],
        body: {},
      }),
    );
  }

  async deleteRobot(organization: string, name: string): Promise<void> {
    await this.remove(organization, `deleting robot ${organization}+${name}`, ["robots", name], () =>
      this.robot(organization, name),
    );
  }

  async team(organization: string, name: string): Promise<{ role: string; members: string[] } | undefined> {
    const role = (await this.organization(organization))?.teams[name];
    if (role === undefined) return undefined;
    const answer = await this.inOrganization(organization, {
      doing: `reading the members of team ${name} in organization ${organization}`,
      method: "GET",
      path: ["team", name, "members"],
      expect: [404],
    });
    if (answer.status === 404) return undefined;
    const { members } = answer.body as { members: { name: string }[] };
    return { role, members: members.map((member) => member.name) };
  }

  /** Makes a team, or gives one another role. */
  async putTeam(organization: string, name: string, role: QuayTeamRole, description: string): Promise<void> {
    const doing = `writing team ${name} of organization ${organization}`;
    await this.inOrganization(organization, {
      doing,
      method: "PUT",
      path: ["team", name],
      body: { role, description },
    });
  }

  async addTeamMember(organization: string, team: string, member: string): Promise<void> {
    const doing = `adding ${member} to team ${team} of organization ${organization}`;
    await this.inOrganization(organization, {
      doing,
      method: "PUT",
      path: ["team", team, "members", member],
      body: {},
    });
  }

  async removeTeamMember(organization: string, team: string, member: string): Promise<void> {
    const doing = `taking ${member} out of team ${team} of organization ${organization}`;
    const path = ["team", team, "members", member];
    await this.inOrganization(organization, { doing, method: "DELETE", path, expect: [400, 404] });
  }

  async deleteTeam(organization: string, name: string): Promise<void> {
    await this.remove(organization, `deleting team ${name} of organization ${organization}`, ["team", name], () =>
      this.team(organization, name),
    );
  }

  /** The rights that new repositories of an organization give, whoever creates them. */
  async defaultPermissions(organization: string): Promise<QuayDefaultPermission[]> {
    const answer = await this.inOrganization(organization, {
      doing: `reading the default permissions of organization ${organization}`,
      method: "GET",
      path: ["prototypes"],
    }).catch(nothingWithoutOrganization);
    const { prototypes = [] } = (answer?.body ?? {}) as { prototypes?: PrototypeView[] };
    return prototypes
      .filter(({ activating_user }) => !activating_user)
      .map(({ id, role, delegate }) => ({ id, role, delegate: delegate.name }));
  }

  /** @param user a user or robot */
  async createDefaultPermission(organization: string, user: string, role: QuayRepositoryRole): Promise<void> {
    await this.inOrganization(organization, {
      doing: `letting ${user} ${role} new repositories of organization ${organization}`,
      method: "POST",
      path: ["prototypes"],
      body: { role, delegate: { kind: "user", name: user } },
    });
  }

  async changeDefaultPermission(organization: string, id: string, role: QuayRepositoryRole): Promise<void> {
    const doing = `changing a default permission of organization ${organization}`;
    await this.inOrganization(organization, { doing, method: "PUT", path: ["prototypes", id], body: { role } });
  }

  async deleteDefaultPermission(organization: string, id: string): Promise<void> {
    const doing = `deleting a default permission of organization ${organization}`;
    await this.inOrganization(organization, { doing, method: "DELETE", path: ["prototypes", id], expect: [404] });
  }

  async repository(organization: string, name: string): Promise<QuayRepository | undefined> {
    const { status, body } = await this.connection.send({
      doing: `looking for repository ${organization}/${name}`,
      method: "GET",
      path: repositoryPath(organization, name),
      query: { includeTags: "true" },
      scope: "repo:read",
      expect: [404],
    });
    if (status === 404) return undefined;
    const { is_public, tags } = body as { is_public?: boolean; tags?: object };
    return { isPublic: is_public === true, hasTags: Object.keys(tags ?? {}).length > 0 };
  }

  /** @throws {QuayExistsError} when there is one of that name */
  async createRepository(organization: string, name: string, isPublic: boolean): Promise<void> {
    await this.connection
      .send({
        doing: `creating repository ${organization}/${name}`,
        method: "POST",
        path: ["repository"],
        body: { namespace: organization, repository: name, visibility: visibility(isPublic), description: "" },
        scope: "repo:create",
      })
      .catch((error: unknown) => {
        throw existing(error)
          ? new QuayExistsError(
              this.host,
              `Repository ${organization}/${name}`,
              "Set repositories to QuayRepositories.OnPush to push to what is there, or delete it",
            )
          : error;
      });
  }

  async changeVisibility(organization: string, name: string, isPublic: boolean): Promise<void> {
    await this.connection.send({
      doing: `making repository ${organization}/${name} ${visibility(isPublic)}`,
      method: "POST",
      path: [...repositoryPath(organization, name), "changevisibility"],
      body: { visibility: visibility(isPublic) },
      scope: "repo:admin",
    });
  }

  async deleteRepository(organization: string, name: string): Promise<void> {
    await this.connection.send({
      doing: `deleting repository ${organization}/${name}`,
      method: "DELETE",
      path: repositoryPath(organization, name),
      scope: "repo:admin",
      expect: [404],
    });
  }

  /**
   * Sends a request that only an organization's owner may send. Quay denies it too when there is no such organization,
   * which is another problem with another remedy.
   */
  private async inOrganization(organization: string, request: Omit<QuayRequest, "scope">): Promise<QuayAnswer> {
    const path = ["organization", organization, ...request.path];
    try {
      return await this.connection.send({ ...request, path, scope: "org:admin" });
    } catch (error) {
      if (error instanceof QuayPermissionError && (await this.organization(organization)) === undefined)
        throw new QuayOrganizationMissingError(this.host, organization, request.doing);
      throw error;
    }
  }

  /** Deletes what Quay answers 400 for when it is gone already. */
  private async remove(
    organization: string,
    doing: string,
    path: readonly string[],
    find: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await this.inOrganization(organization, { doing, method: "DELETE", path, expect: [404] });
    } catch (error) {
      if (error instanceof QuayOrganizationMissingError) return;
      if (error instanceof QuayRefusedError && (await find()) === undefined) return;
      throw error;
    }
  }

  /** The routes are not there when the feature is off. */
  private needProxyFeature({ status }: QuayAnswer, doing: string): void {
    if (status === 404) throw new QuayFeatureOffError(this.host, doing, "FEATURE_PROXY_CACHE");
  }
}

interface PrototypeView {
  readonly id: string;
  readonly role: string;
  readonly activating_user?: Json;
  readonly delegate: { readonly name: string };
}

const visibility = (isPublic: boolean): string => (isPublic ? "public" : "private");

/** Repositories may have slashes in their names, which their routes take as they are. */
const repositoryPath = (organization: string, name: string): string[] => [
  "repository",
  organization,
  ...name.split("/"),
];

const existing = (error: unknown): boolean =>
  error instanceof QuayRefusedError && /already exists|existing robot/i.test(error.reason);

function robotOf({ body }: QuayAnswer): QuayRobot {
  const { name, token } = body as { name: string; token: string };
  return { username: name, token };
}

function nothingWithoutOrganization(error: unknown): undefined {
  if (error instanceof QuayOrganizationMissingError) return undefined;
  throw error;
}
