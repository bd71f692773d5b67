import { randomBytes } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { certificateAuthority, startRegistry, type Access, type TestRegistry, type UpstreamOptions } from "../registry";
import { FULL_ACCESS } from "../registry/access/access";
import { AzureError } from "./azureError";
import { Entra, guid, type ServicePrincipal } from "./entra";
import { startImport, type ImportSources } from "./imageImport";
import { ResourceManager, type ArmActions, type Operation } from "./resourceManager";
import { same, type ArmResource } from "./resourceTypes";

const MANAGEMENT = "management.azure.com";
const ACR = "Microsoft.ContainerRegistry/registries";
/** The audiences whose tokens registries exchange. */
const ACR_AUDIENCES = ["https://containerregistry.azure.net", `https://${MANAGEMENT}`];

/** How Azure is started. */
export interface AzureOptions {
  /** Resource groups that are there. Default: `platform`. */
  groups?: readonly string[];
  /** The registries that are played for what cache rules and imports name, by host. */
  upstreams?: ImportSources;
}

/** One tenant with one subscription of Azure. */
export interface Azure {
  /** Resource Manager and Entra ID, without TLS, for the provider's double. */
  readonly url: string;
  /** `host:port` of the same over https under the name `management.azure.com`. */
  readonly management: string;
  /** PEM authority of all https servers. */
  readonly ca: string;
  readonly tenant: string;
  readonly subscription: string;
  /** The login that the provider is configured with. */
  readonly principal: ServicePrincipal;
  /** The state, and how to disturb it. */
  readonly resources: ResourceManager;
  /** Imports that have been accepted wait until they are let go. */
  holdImports(): () => void;
  /** Starts the data plane of a registry, under its real name over https. */
  startAcr(name: string): Promise<TestRegistry>;
  /** A token as the provider gets it. */
  token(audience?: string, principal?: ServicePrincipal): string;
  /** Makes a resource, as somebody else than the program would. */
  put(id: string, body: object): Promise<void>;
  /** Makes an application of another tenant. */
  stranger(): ServicePrincipal;
  close(): Promise<void>;
}

/** Starts Azure. */
export async function startAzure({ groups = ["platform"], upstreams = {} }: AzureOptions = {}): Promise<Azure> {
  const tenant = guid();
  const entra = new Entra();
  const principal = entra.register(tenant);
  const registries = new Map<string, TestRegistry>();
  const passwords = new TokenPasswords();
  let gate: Promise<void> = Promise.resolve();

  const actions: ArmActions = {
    [`${ACR}/importImage`]: {
      apiVersions: ["2019-05-01", "2023-07-01", "2025-04-01"],
      run: (registry, body, origin) => {
        const target = registries.get(registry.name.toLowerCase());
        if (!target) throw new Error(`the data plane of ${registry.name} was not started`);
        const held = gate;
        const started = startImport(body, target, upstreams, held);
        const operation: Operation = { outcome: undefined };
        started.done.then(
          () => (operation.outcome = {}),
          (error: unknown) => (operation.outcome = { error: error as AzureError }),
        );
        return started.reply(resources.startOperation(operation, origin));
      },
    },
    [`${ACR}/generateCredentials`]: {
      apiVersions: ["2023-07-01", "2025-04-01"],
      run: (_registry, body) => {
        const { tokenId, name, expiry } = body as { tokenId: string; name: string; expiry?: string };
        const token = resources.find(tokenId);
        if (!token) throw new AzureError(404, "TokenNotFound", `There is no token ${tokenId}`);
        const value = passwords.generate(token.id, name);
        return {
          status: 200,
          body: {
            username: token.name,
            passwords: [{ name, value, creationTime: new Date().toISOString(), ...(expiry && { expiry }) }],
          },
        };
      },
    },
  };
  const resources = new ResourceManager(entra, tenant, actions, ({ type, name, id }) => {
    const data = type === ACR ? registries.get(name.toLowerCase()) : undefined;
    for (const repository of data?.repositories() ?? []) data?.deleteRepository(repository);
    passwords.forget(id);
  });
  for (const group of groups) resources.createGroup(group);

  const authority = await certificateAuthority();
  const certificate = await authority.issue([MANAGEMENT]);
  const answer = (scheme: string): http.RequestListener => {
    return (request, response) => void serve(entra, resources, scheme, request, response);
  };
  const plain = await listen(http.createServer(answer("http")));
  const { key, certificate: cert } = certificate;
  const secure = await listen(https.createServer({ key, cert }, answer("https")));

  /** Whether a registry's own rules let an Entra token in. */
  const exchange = (name: string, token: string): readonly Access[] | undefined => {
    const known = entra.verify(token);
    const registry = registryOf(resources, name);
    if (!registry || known?.tenant !== tenant || !ACR_AUDIENCES.includes(known.audience)) return undefined;
    const policies = registry.properties["policies"] as Record<string, { status?: string }> | undefined;
    const armTokens = policies?.["azureADAuthenticationAsArmPolicy"]?.status !== "disabled";
    return armTokens || known.audience === ACR_AUDIENCES[0] ? FULL_ACCESS : undefined;
  };

  const token: Azure["token"] = (
    audience = `https://${MANAGEMENT}`,
    { tenant: of, clientId, clientSecret } = principal,
  ) => {
    const form = { client_id: clientId, client_secret: clientSecret, scope: `${audience}/.default` };
    const answer = entra.login(of, new URLSearchParams({ grant_type: "client_credentials", ...form }));
    return (answer as { access_token: string }).access_token;
  };

  return {
    url: `http://127.0.0.1:${plain.port}`,
    management: `127.0.0.1:${secure.port}`,
    ca: authority.certificate,
    tenant,
    subscription: resources.subscription,
    principal,
    resources,
    holdImports() {
      let release = (): void => undefined;
      gate = new Promise((resolve) => (release = resolve));
      return release;
    },
    async startAcr(name) {
      const registry = await startRegistry({
        tls: { names: [`${name.toLowerCase()}.azurecr.io`] },
        behaviour: "acr",
        auth: {
          scheme: "bearer",
          users: {},
          check: (user, password) => tokenAccess(resources, passwords, name, user, password),
          exchange: (token) => exchange(name, token),
        },
        upstreams: () => Promise.resolve(cacheRules(resources, name, upstreams)),
      });
      registries.set(name.toLowerCase(), registry);
      return registry;
    },
    token,
    async put(id, body) {
      const url = new URL(`https://${MANAGEMENT}${id}?api-version=2023-07-01`);
      const reply = await resources.handle({ method: "PUT", url, authorization: `Bearer ${token()}`, body });
      if (reply.status > 299) throw new Error(`${id} was not made: ${JSON.stringify(reply.body)}`);
    },
    stranger: () => entra.register(guid()),
    async close() {
      await Promise.all([plain, secure].map(({ close }) => close()));
    },
  };
}

async function serve(
  entra: Entra,
  resources: ResourceManager,
  scheme: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? "", `${scheme}://${request.headers.host ?? MANAGEMENT}`);
  const reply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const login = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(url.pathname);
  try {
    if (login) return reply(200, entra.login(login[1] as string, new URLSearchParams(text)));
    const { status, body, headers } = await resources.handle({
      method: request.method ?? "",
      url,
      authorization: request.headers.authorization,
      body: text ? JSON.parse(text) : undefined,
    });
    reply(status, body, headers);
  } catch (error) {
    if (error instanceof AzureError)
      return reply(error.status, { error: error.code, error_description: error.message });
    // A mistake in the double itself: show where.
    process.stderr.write(`${String((error as Error).stack)}\n`);
    reply(500, { error: { code: "InternalServerError", message: String(error) } });
  }
}

async function listen(server: http.Server): Promise<{ port: number; close: () => Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The passwords of scope-map tokens: a new one of a name ends the old one. */
class TokenPasswords {
  readonly #passwords = new Map<string, Map<string, string>>();

  generate(tokenId: string, name: string): string {
    const value = randomBytes(26).toString("base64url");
    const key = tokenId.toLowerCase();
    this.#passwords.set(key, (this.#passwords.get(key) ?? new Map<string, string>()).set(name, value));
    return value;
  }

  has(tokenId: string, password: string): boolean {
    return [...(this.#passwords.get(tokenId.toLowerCase())?.values() ?? [])].includes(password);
  }

  forget(tokenId: string): void {
    this.#passwords.delete(tokenId.toLowerCase());
  }
}

function registryOf(resources: ResourceManager, name: string): ArmResource | undefined {
  return resources.ofType(ACR).find((registry) => same(registry.name, name));
}

function childrenOf(resources: ResourceManager, name: string, type: string): ArmResource[] {
  const id = registryOf(resources, name)?.id.toLowerCase();
  return resources.ofType(`${ACR}/${type}`).filter((child) => child.id.toLowerCase().startsWith(`${String(id)}/`));
}

/** What the scope map of a token allows. */
function tokenAccess(
  resources: ResourceManager,
  passwords: TokenPasswords,
  registry: string,
  user: string,
  password: string,
): readonly Access[] | undefined {
  const token = childrenOf(resources, registry, "tokens").find(({ name }) => name === user);
  if (!token || token.properties["status"] === "disabled" || !passwords.has(token.id, password)) return undefined;
  const scopes = resources.find(token.properties["scopeMapId"] as string)?.properties["actions"] as string[];
  return scopes.flatMap((scope) => {
    const [, repositories = "", action = ""] = /^repositories\/(.+)\/content\/(read|write|delete)$/.exec(scope) ?? [];
    const actions = ({ read: ["pull"], write: ["push"], delete: ["delete"] } as const)[action];
    return actions ? [{ repositories, actions }] : [];
  });
}

/** The registry's cache rules, those of one repository first, with the upstreams that are played. */
function cacheRules(resources: ResourceManager, name: string, upstreams: ImportSources): UpstreamOptions[] {
  return childrenOf(resources, name, "cacheRules").flatMap(({ properties }) => {
    const source = (properties["sourceRepository"] as string).replace(/\/\*$/, "");
    const [host = "", ...path] = source.split("/");
    const upstream = upstreams[host];
    if (!upstream) return [];
    const prefix = (properties["targetRepository"] as string).replace(/\/\*$/, "");
    return [{ ...upstream, prefix, ...(path.length > 0 && { path: path.join("/") }) }];
  });
}
