/** What a Quay keeps, and who may do what ({@link https://github.com/quay/quay/blob/master/auth/permissions.py}). */
export interface Organization {
  email: string;
  /** Users who administer it. */
  owners: Set<string>;
  proxy?: ProxyConfig;
  /** Tokens by short name. */
  readonly robots: Map<string, string>;
  readonly teams: Map<string, Team>;
  prototypes: Prototype[];
  readonly repositories: Map<string, Repository>;
}
export interface ProxyConfig {
  upstream_registry: string;
  upstream_registry_username?: string;
  upstream_registry_password?: string;
  expiration_s: number;
  insecure: boolean;
}
export interface Team {
  role: string;
  description: string;
  readonly members: Set<string>;
}
export interface Prototype {
  readonly id: string;
  role: string;
  readonly delegate: string;
}
export interface Repository {
  isPublic: boolean;
  /** Roles by name of user or robot. */
  readonly roles: Map<string, string>;
}

/** Everything in one Quay. */
export class QuayState {
  readonly organizations = new Map<string, Organization>();

  createOrganization(name: string, email: string, owner: string): Organization {
    const made: Organization = {
      email,
      owners: new Set([owner]),
      robots: new Map(),
      teams: new Map([["owners", { role: "admin", description: "", members: new Set([owner]) }]]),
      prototypes: [],
      repositories: new Map(),
    };
    this.organizations.set(name, made);
    return made;
  }

  /** Whether a login is a robot's. */
  isRobot(username: string, password: string): boolean {
    const [organization = "", robot = ""] = username.split("+");
    return this.organizations.get(organization)?.robots.get(robot) === password;
  }

  deleteRobot(organization: Organization, name: string, username: string): boolean {
    for (const team of organization.teams.values()) team.members.delete(username);
    organization.prototypes = organization.prototypes.filter(({ delegate }) => delegate !== username);
    for (const repository of organization.repositories.values()) repository.roles.delete(username);
    return organization.robots.delete(name);
  }

  /** data/model/repository.py, create_repository, with apply_default_permissions. */
  createRepository(organization: Organization, name: string, creator: string, isPublic = false): Repository {
    const roles = new Map([[creator, organization.proxy ? "read" : "admin"]]);
    for (const { delegate, role } of organization.prototypes) if (delegate !== creator) roles.set(delegate, role);
    const made = { isPublic, roles };
    organization.repositories.set(name, made);
    return made;
  }

  /** endpoints/v2/v2auth.py, _authorize_or_downscope_request: what of the actions somebody may do. */
  authorize(user: string | undefined, namespace: string, name: string, actions: readonly string[]): string[] {
    const organization = this.organizations.get(namespace);
    if (!organization) return [];
    const roles = [...organization.teams.values()].filter(({ members }) => user !== undefined && members.has(user));
    const isAdmin = roles.some(({ role }) => role === "admin");
    const granted: string[] = [];
    if (actions.includes("push") && user !== undefined) {
      const repository = organization.repositories.get(name);
      const role = repository?.roles.get(user);
      if (repository && (isAdmin || role === "write" || role === "admin")) granted.push("push");
      if (!repository && (isAdmin || roles.some((team) => team.role === "creator"))) {
        // Quay makes the repository when it gives the token.
        this.createRepository(organization, name, user);
        granted.push("push");
      }
    }
    if (actions.includes("pull")) {
      const repository = organization.repositories.get(name);
      const mayRead = isAdmin || (user !== undefined && repository?.roles.has(user));
      const mayPullThrough = organization.proxy !== undefined && roles.length > 0;
      if (mayRead || mayPullThrough || repository?.isPublic) granted.push("pull");
    }
    return granted;
  }
}
