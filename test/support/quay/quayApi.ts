import { randomBytes, randomUUID } from "node:crypto";
import type { Organization, QuayState } from "./quayState";

/** An OAuth token: whose, and for what. */
export interface ApiToken {
  user: string;
  scopes: readonly string[];
}
/** Switches of Quay's configuration. */
export interface QuayFeatures {
  /** Default true. */
  proxyCache?: boolean;
  /** Every organization needs an email address. Default false. */
  mailing?: boolean;
}
export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  body: unknown;
}
export interface ApiReply {
  status: number;
  body: unknown;
}

const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const isName = (name: string): boolean => NAME.test(name) && name.length >= 2 && name.length <= 255;

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
  ) {
    super(String(body.detail ?? body.message));
  }
}
const problem = (status: number, error_type: string, detail: string) =>
  new Refusal(status, { detail, error_message: detail, error_type, title: error_type, status });
const invalidRequest = (message: string) => problem(400, "invalid_request", message);
const unauthorized = () => problem(403, "insufficient_scope", "Unauthorized");
const notFound = () => problem(404, "not_found", "Not Found");
/** endpoints/decorated.py, handle_dme: what a database model raises. */
const modelException = (message: string) => new Refusal(400, { message });

/**
 * Quay's API, as its own description has it ({@link https://github.com/quay/quay/tree/master/endpoints/api}): scopes,
 * statuses and texts are from there.
 */
export class QuayApi {
  constructor(
    private readonly state: QuayState,
    private readonly tokens: Map<string, ApiToken>,
    private readonly features: QuayFeatures,
    /** Whether a login at an upstream is good. */
    private readonly mayLogIn: (upstream: string, username?: string, password?: string) => Promise<boolean>,
    private readonly tagsOf: (repository: string) => string[],
  ) {}

  async handle(request: ApiRequest): Promise<ApiReply> {
    try {
      return await this.route(request);
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: error.body };
      throw error;
    }
  }

  private async route(request: ApiRequest): Promise<ApiReply> {
    const token = this.tokens.get(/^Bearer (.+)$/.exec(request.authorization ?? "")?.[1] ?? "");
    if (!token) throw problem(401, "invalid_token", "The access token provided was invalid.");
    const path = request.path
      .replace(/^\/api\/v1\//, "")
      .split("/")
      .map(decodeURIComponent);
    const body = (request.body ?? {}) as Record<string, unknown>;
    if (path[0] === "organization" && path.length === 2 && path[1] === "") return this.newOrganization(token, body);
    if (path[0] === "organization") return this.organization(token, request.method, path.slice(1), body);
    if (path[0] === "repository") return this.repository(token, request, path.slice(1), body);
    throw notFound();
  }

  private newOrganization({ user, scopes }: ApiToken, { name, email }: Record<string, unknown>): ApiReply {
    if (!scopes.includes("user:admin")) throw unauthorized();
    if (typeof name !== "string") throw invalidRequest("'name' is a required property");
    if (this.state.organizations.has(name) || name === user)
      throw invalidRequest("A user or organization with this name already exists");
    if (!isName(name)) throw invalidRequest(`Invalid namespace ${name}`);
    if (this.features.mailing && !email) throw invalidRequest("Email address is required");
    this.state.createOrganization(name, typeof email === "string" ? email : "", user);
    return { status: 201, body: "Created" };
  }

  private async organization(
    token: ApiToken,
    method: string,
    [name = "", kind, ...rest]: string[],
    body: Record<string, unknown>,
  ): Promise<ApiReply> {
    // A route that a feature switches off is not there, whoever asks.
    if ((kind === "proxycache" || kind === "validateproxycache") && this.features.proxyCache === false)
      throw notFound();
    const organization = this.state.organizations.get(name);
    const isAdmin = token.scopes.includes("org:admin") && organization?.owners.has(token.user) === true;
    if (kind === undefined && method === "GET") {
      if (!organization) throw notFound();
      const teams = Object.fromEntries([...organization.teams].map(([team, { role }]) => [team, { name: team, role }]));
      return ok({ name, email: isAdmin ? organization.email : "", is_admin: isAdmin, ...(isAdmin && { teams }) });
    }
    if (!isAdmin || !organization) throw unauthorized();
    switch (kind) {
      case undefined:
        if (method === "DELETE") {
          this.state.organizations.delete(name);
          return gone;
        }
        organization.email = body.email as string;
        return ok({ name });
      case "proxycache":
      case "validateproxycache":
        return this.proxyCache(organization, method, kind, body);
      case "robots":
        return this.robots(name, organization, method, rest);
      case "team":
        return this.teams(organization, method, rest, body);
      case "prototypes":
        return this.prototypes(organization, method, rest[0], body);
      default:
        throw notFound();
    }
  }

  private async proxyCache(
    organization: Organization,
    method: string,
    kind: string,
    body: Record<string, unknown>,
  ): Promise<ApiReply> {
    const { proxy } = organization;
    if (method === "GET")
      return ok({
        upstream_registry: proxy?.upstream_registry ?? "",
        expiration_s: proxy?.expiration_s ?? "",
        insecure: proxy?.insecure ?? "",
      });
    if (method === "DELETE") {
      if (!proxy) throw notFound();
      delete organization.proxy;
      return { status: 201, body: "Deleted" };
    }
    if (proxy) throw invalidRequest("Proxy Cache Configuration already exists");
    const { upstream_registry: upstream } = body;
    // jsonschema's message repeats the whole request.
    if (typeof upstream !== "string")
      throw invalidRequest(`'upstream_registry' is a required property\n\nOn instance:\n    ${JSON.stringify(body)}`);
    const config = { expiration_s: 86_400, insecure: false, ...body, upstream_registry: upstream };
    if (kind === "proxycache") {
      organization.proxy = config;
      return { status: 201, body: "Created" };
    }
    const { upstream_registry_username: user, upstream_registry_password: password } = body as Record<string, string>;
    if (!(await this.mayLogIn(upstream, user, password)))
      throw invalidRequest("Failed login to remote registry. Please verify entered details and try again.");
    return { status: 202, body: "Valid" };
  }

  private robots(name: string, organization: Organization, method: string, [robot = "", verb]: string[]): ApiReply {
    const username = `${name}+${robot}`;
    const view = () => ({ name: username, token: organization.robots.get(robot), description: "" });
    if (method === "PUT") {
      if (!isName(robot)) throw invalidRequest(`The name for the robot '${robot}' is invalid`);
      if (organization.robots.has(robot)) throw invalidRequest(`Existing robot with name: ${username}`);
    } else if (!organization.robots.has(robot)) throw modelException("Could not find robot with specified username");
    if (method === "PUT" || verb === "regenerate")
      organization.robots.set(robot, randomBytes(32).toString("hex").toUpperCase());
    if (method !== "DELETE") return { status: method === "PUT" ? 201 : 200, body: view() };
    this.state.deleteRobot(organization, robot, username);
    return gone;
  }

  private teams(
    organization: Organization,
    method: string,
    [name = "", , member]: string[],
    body: Record<string, unknown>,
  ): ApiReply {
    const team = organization.teams.get(name);
    if (member !== undefined) {
      if (!team) throw notFound();
      const [owner = "", robot = ""] = member.split("+");
      if (!this.state.organizations.get(owner)?.robots.has(robot)) throw invalidRequest("Unknown user");
      if (method === "PUT" && team.members.has(member))
        throw modelException(`User ${member} is already a member of team ${name}`);
      if (method === "PUT") team.members.add(member);
      else team.members.delete(member);
      return method === "PUT" ? ok({ name: member }) : gone;
    }
    if (method === "GET") {
      if (!team) throw notFound();
      return ok({ name, members: [...team.members].map((one) => ({ name: one })) });
    }
    if (method === "DELETE") {
      if (!organization.teams.delete(name)) throw modelException(`Team '${name}' is not a team in org`);
      return gone;
    }
    if (!isName(name)) throw modelException(`Invalid team name ${name}`);
    if (!["member", "creator", "admin"].includes(body.role as string)) throw invalidRequest("role is not one of them");
    organization.teams.set(name, {
      role: body.role as string,
      description: body.description as string,
      members: team?.members ?? new Set(),
    });
    return ok({ name, role: body.role });
  }

  private prototypes(
    organization: Organization,
    method: string,
    id: string | undefined,
    body: Record<string, unknown>,
  ): ApiReply {
    const view = ({ id, role, delegate }: Organization["prototypes"][number]) => ({
      id,
      role,
      activating_user: null,
      delegate: { name: delegate, kind: "user", is_robot: true },
    });
    if (id === undefined && method === "GET") return ok({ prototypes: organization.prototypes.map(view) });
    if (id === undefined) {
      const { name } = body.delegate as { name: string };
      const [owner = "", robot = ""] = name.split("+");
      if (!this.state.organizations.get(owner)?.robots.has(robot))
        throw invalidRequest("Missing delegate user or team");
      const made = { id: randomUUID(), role: body.role as string, delegate: name };
      organization.prototypes.push(made);
      return ok(view(made));
    }
    const found = organization.prototypes.find((one) => one.id === id);
    if (!found) throw notFound();
    if (method === "PUT") {
      found.role = body.role as string;
      return ok(view(found));
    }
    organization.prototypes = organization.prototypes.filter((one) => one !== found);
    return gone;
  }

  private repository(
    { user, scopes }: ApiToken,
    { method, query }: ApiRequest,
    path: string[],
    body: Record<string, unknown>,
  ): ApiReply {
    const may = (...any: string[]) => any.some((scope) => scopes.includes(scope));
    if (path.length === 0 && method === "GET") {
      const of = this.state.organizations.get(query.get("namespace") ?? "");
      return ok({ repositories: [...(of?.repositories.keys() ?? [])].map((name) => ({ name })) });
    }
    const creates = path.length === 0;
    const verb = path.at(-1) === "changevisibility" ? path.pop() : undefined;
    const [namespace = "", ...names] = creates ? [body.namespace as string, body.repository as string] : path;
    const name = names.join("/");
    const organization = this.state.organizations.get(namespace);
    const isOwner = organization?.owners.has(user) === true;
    if (creates) {
      if (!organization || !isOwner || !may("repo:create", "org:admin")) throw unauthorized();
      if (organization.repositories.has(name)) throw invalidRequest("Repository already exists");
      this.state.createRepository(organization, name, user, body.visibility === "public");
      return { status: 201, body: { namespace, name, kind: "image" } };
    }
    const found = organization?.repositories.get(name);
    if (!isOwner || !may(...(method === "GET" ? ["repo:read", "repo:write", "repo:admin"] : ["repo:admin"])))
      throw unauthorized();
    if (!found) throw notFound();
    if (method === "GET")
      return ok({
        is_public: found.isPublic,
        tags: Object.fromEntries(this.tagsOf(`${namespace}/${name}`).map((tag) => [tag, { name: tag }])),
      });
    if (verb) {
      found.isPublic = body.visibility === "public";
      return ok({ success: true });
    }
    organization?.repositories.delete(name);
    return gone;
  }
}

const ok = (body: unknown): ApiReply => ({ status: 200, body });
const gone: ApiReply = { status: 204, body: undefined };
