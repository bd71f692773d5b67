import { AzureError } from "./azureError";
import { guid, type Entra } from "./entra";
import { resourceTypes, same, type ArmResource, type Neighbours } from "./resourceTypes";
import { checkShape } from "./shape";

/** A request, as the server read it. */
export interface ArmRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  /** Of JSON. */
  readonly body: unknown;
}

export interface ArmReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What is done to a resource by POST: `importImage` and such; `origin` is how the client calls Resource Manager. */
export type ArmAction = (resource: ArmResource, body: unknown, origin: string) => ArmReply | Promise<ArmReply>;

/** Told when a resource was deleted. */
export type ResourceDeleted = (resource: ArmResource) => void;

/** Actions by `TYPE/ACTION`, with the API versions that have them. */
export type ArmActions = Readonly<Record<string, { apiVersions: readonly string[]; run: ArmAction }>>;

/** An operation that goes on after its request was answered. */
export interface Operation {
  /** Undefined while it goes on. */
  outcome: { readonly error?: AzureError } | undefined;
}

const MANAGEMENT = "https://management.azure.com";
const ACR = "Microsoft.ContainerRegistry";

/** The state of Azure Resource Manager in one subscription, and its rules: versions, names, permissions, rate. */
export class ResourceManager implements Neighbours {
  readonly subscription = guid();
  /** Names of registries of other customers, in lower case. */
  readonly taken = new Set<string>();
  readonly #resources = new Map<string, ArmResource>();
  readonly #operations = new Map<string, Operation>();
  readonly #denied = new Set<string>();
  readonly #requests: { method: string; path: string; status: number }[] = [];
  #throttled = 0;

  constructor(
    private readonly entra: Entra,
    private readonly tenant: string,
    private readonly actions: ArmActions,
    private readonly deleted: ResourceDeleted,
  ) {}

  /** Makes a resource group. */
  createGroup(name: string, location = "westeurope"): void {
    const id = `/subscriptions/${this.subscription}/resourceGroups/${name}`;
    this.#resources.set(id.toLowerCase(), {
      id,
      name,
      type: "Microsoft.Resources/resourceGroups",
      location,
      properties: {},
    });
  }

  /** Takes a permission from everybody: `Microsoft.ContainerRegistry/registries/importImage/action`. */
  deny(action: string): void {
    this.#denied.add(action);
  }

  /** Gives a permission back. */
  allow(action: string): void {
    this.#denied.delete(action);
  }

  /** Answers the next requests with 429. */
  throttle(requests: number): void {
    this.#throttled = requests;
  }

  /** What was asked, in order, without queries. */
  get requests(): readonly { method: string; path: string; status: number }[] {
    return this.#requests;
  }

  all(): readonly ArmResource[] {
    return [...this.#resources.values()];
  }

  find(id: string): ArmResource | undefined {
    return this.#resources.get(id.toLowerCase());
  }

  /** The resources of a type, but for resource groups. */
  ofType(type: string): ArmResource[] {
    return this.all().filter((resource) => resource.type === type);
  }

  /** Starts to wait for an operation. Returns where to ask for it. */
  startOperation(operation: Operation, origin: string): string {
    const id = guid();
    this.#operations.set(id, operation);
    return `${origin}/subscriptions/${this.subscription}/providers/Microsoft.ContainerRegistry/locations/westeurope/operationResults/${id}?api-version=2025-04-01&t=${guid()}`;
  }

  async handle(request: ArmRequest): Promise<ArmReply> {
    let reply: ArmReply;
    try {
      reply = await this.#answer(request);
    } catch (error) {
      if (!(error instanceof AzureError)) throw error;
      const { status, code, message, headers } = error;
      reply = { status, headers, body: { error: { code, message } } };
    }
    this.#requests.push({ method: request.method, path: request.url.pathname, status: reply.status });
    return reply;
  }

  async #answer(request: ArmRequest): Promise<ArmReply> {
    const { method, url } = request;
    const principal = this.#authenticate(request.authorization);
    if (this.#throttled > 0) {
      this.#throttled--;
      throw new AzureError(429, "TooManyRequests", "The request is being throttled.", { "retry-after": "1" });
    }
    const version = url.searchParams.get("api-version");
    if (version === null)
      throw new AzureError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required.",
      );
    const path = decodeURIComponent(url.pathname).replace(/\/$/, "");
    const lookup = this.#lookUp(method, path, request.body);
    if (lookup) return lookup;
    const operation = /\/operationResults\/([^/]+)$/.exec(path);
    if (operation) return this.#poll(operation[1] as string);
    const action = method === "POST" ? path.slice(path.lastIndexOf("/") + 1) : undefined;
    const id = action === undefined ? path : path.slice(0, path.lastIndexOf("/"));
    const type = typeOf(id);
    const permission = `${type}/${action === undefined ? VERBS[method] : `${action}/action`}`;
    if (this.#denied.has(permission))
      throw new AzureError(
        403,
        "AuthorizationFailed",
        `The client '${principal}' with object id '${principal}' does not have authorization to perform action '${permission}' over scope '${id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      );
    this.#checkGroup(id);
    if (type === "Microsoft.Resources/resourceGroups" && method === "GET") return { status: 200, body: this.find(id) };
    if (action !== undefined) return this.#act(id, `${type}/${action}`, version, request);
    return this.#crud(method, id, type, version, request.body);
  }

  /** What is asked of a subscription, and lists of what is in a registry. */
  #lookUp(method: string, path: string, body: unknown): ArmReply | undefined {
    if (method === "POST" && same(path, `/subscriptions/${this.subscription}/providers/${ACR}/checkNameAvailability`)) {
      const shape = {
        properties: { name: "string", type: [`${ACR}/registries`] },
        required: ["name", "type"],
      } as const;
      checkShape(shape, body, "the body");
      const { name } = body as { name: string };
      const taken =
        this.taken.has(name.toLowerCase()) || this.ofType(`${ACR}/registries`).some((one) => same(one.name, name));
      return {
        status: 200,
        body: taken
          ? { nameAvailable: false, reason: "AlreadyExists", message: `The registry ${name} is already in use.` }
          : { nameAvailable: true },
      };
    }
    const [, registry, kind] = /^(.*\/registries\/[^/]+)\/(cacheRules)$/.exec(path) ?? [];
    if (method !== "GET" || registry === undefined) return undefined;
    if (!this.find(registry)) throw notFound(registry);
    const inRegistry = ({ id }: ArmResource) => id.toLowerCase().startsWith(`${registry.toLowerCase()}/`);
    return { status: 200, body: { value: this.ofType(`${ACR}/registries/${kind ?? ""}`).filter(inRegistry) } };
  }

  #authenticate(authorization: string | undefined): string {
    const token = this.entra.verify(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
    if (!token) throw new AzureError(401, "InvalidAuthenticationToken", "The access token is invalid.");
    if (token.audience !== MANAGEMENT)
      throw new AzureError(
        401,
        "InvalidAuthenticationTokenAudience",
        "The access token has been obtained for wrong audience.",
      );
    if (token.tenant !== this.tenant)
      throw new AzureError(401, "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer.");
    return token.principal;
  }

  #checkGroup(id: string): void {
    const [, subscription, group] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(id) ?? [];
    if (subscription !== this.subscription)
      throw new AzureError(
        404,
        "SubscriptionNotFound",
        `The subscription '${String(subscription)}' could not be found.`,
      );
    if (group !== undefined && !this.find(`/subscriptions/${subscription}/resourceGroups/${group}`))
      throw new AzureError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  }

  #poll(id: string): ArmReply {
    const operation = this.#operations.get(id);
    if (!operation) throw new AzureError(404, "OperationNotFound", `There is no operation ${id}`);
    if (!operation.outcome) return { status: 202, headers: { "retry-after": "1" } };
    if (operation.outcome.error) throw operation.outcome.error;
    return { status: 200 };
  }

  async #act(id: string, action: string, version: string, { body, url }: ArmRequest): Promise<ArmReply> {
    const known = this.actions[action];
    if (!known) throw new AzureError(404, "InvalidResourceType", `There is no action ${action}`);
    checkVersion(known.apiVersions, version, action);
    const resource = this.find(id);
    if (!resource) throw notFound(id);
    return known.run(resource, body, url.origin);
  }

  #crud(method: string, id: string, type: string, version: string, body: unknown): ArmReply {
    const rules = resourceTypes[type];
    if (!rules) throw new AzureError(404, "InvalidResourceType", `The resource type ${type} could not be found.`);
    checkVersion(rules.apiVersions, version, type);
    const before = this.find(id);
    if (method === "GET") {
      if (!before) throw notFound(id);
      return { status: 200, body: before };
    }
    if (method === "DELETE") {
      if (!before) return { status: 204 };
      for (const resource of this.all())
        if (same(resource.id, id) || resource.id.toLowerCase().startsWith(`${id.toLowerCase()}/`)) {
          this.#resources.delete(resource.id.toLowerCase());
          this.deleted(resource);
        }
      return { status: 200 };
    }
    if (method !== "PUT") throw new AzureError(405, "MethodNotAllowed", `${method} is not allowed`);
    this.#checkParent(id, type);
    checkShape(rules.body, body, "the body");
    const wanted = body as Partial<ArmResource>;
    const name = id.slice(id.lastIndexOf("/") + 1);
    const kept = rules.put({ ...wanted, id, name, type, properties: wanted.properties ?? {} }, before, this);
    this.#resources.set(id.toLowerCase(), kept);
    return { status: before ? 200 : 201, body: kept };
  }

  /** What is in a registry, or assigned on something, needs that. */
  #checkParent(id: string, type: string): void {
    const parent =
      type === "Microsoft.Authorization/roleAssignments"
        ? id.slice(0, id.toLowerCase().lastIndexOf("/providers/"))
        : type.split("/").length > 2
          ? id.split("/").slice(0, -2).join("/")
          : undefined;
    // Vaults and such are not played; a role on one may be assigned.
    if (parent === undefined || !/\/Microsoft\.ContainerRegistry\//i.test(parent)) return;
    if (!this.find(parent))
      throw new AzureError(
        404,
        "ParentResourceNotFound",
        `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`,
      );
  }
}

const VERBS: Readonly<Record<string, string>> = { GET: "read", PUT: "write", DELETE: "delete" };

/** `Microsoft.ContainerRegistry/registries/cacheRules` of an id; the last provider in it decides. */
function typeOf(id: string): string {
  const at = id.toLowerCase().lastIndexOf("/providers/");
  if (at < 0) return "Microsoft.Resources/resourceGroups";
  const [provider = "", ...rest] = id.slice(at + "/providers/".length).split("/");
  return [provider, ...rest.filter((_, index) => index % 2 === 0)].join("/");
}

function checkVersion(versions: readonly string[], version: string, of: string): void {
  if (!versions.includes(version))
    throw new AzureError(
      400,
      "NoRegisteredProviderFound",
      `No registered resource provider found for API version '${version}' and type '${of}'.`,
    );
}

function notFound(id: string): AzureError {
  return new AzureError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
}
