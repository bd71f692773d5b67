import { createHash, randomBytes } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { certificateAuthority, startRegistry, type TestRegistry, type UpstreamOptions } from "../registry";
import { QuayApi, type ApiToken, type QuayFeatures } from "./quayApi";
import { QuayState } from "./quayState";

/** How a Quay is started. */
export interface QuayOptions {
  features?: QuayFeatures;
  /** The registries that are played for upstreams, by host. */
  upstreams?: Readonly<Record<string, Pick<UpstreamOptions, "url" | "ca">>>;
  /** Serve https, with a certificate for these names too. Default: plain http. */
  tls?: { names: readonly string[] };
}

/** A Quay: its API and its images at one address, as the real one has them. */
export interface Quay {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** PEM certificate authority of an https one. */
  readonly ca?: string;
  readonly state: QuayState;
  /** The images, without logins. */
  readonly images: TestRegistry;
  /** What was asked: `GET /v2/...`, with a hash of the login. */
  readonly requests: { method: string; path: string; authorization: string | undefined }[];
  /** Lets a request fail once: the next whose `METHOD /path` fits. */
  failOnce(what: RegExp, status: number, headers?: Record<string, string>, body?: unknown): void;
  /** Gives an OAuth token for the user `ada`, by default with every scope that a mirror needs. */
  issueToken(scopes?: readonly string[], user?: string): string;
  revokeToken(token: string): void;
  close(): Promise<void>;
}

export const ALL_SCOPES = ["org:admin", "user:admin", "repo:read", "repo:create", "repo:admin"];

/** Starts a Quay: the API and the logins are this folder's, the images those of the programmable registry. */
export async function startQuay({ features = {}, upstreams = {}, tls }: QuayOptions = {}): Promise<Quay> {
  const state = new QuayState();
  const tokens = new Map<string, ApiToken>();
  const grants = new Map<string, { repository: string; actions: string[] }[]>();
  const requests: Quay["requests"] = [];
  const failures: { what: RegExp; status: number; headers: Record<string, string>; body: unknown }[] = [];
  const images = await startRegistry({
    behaviour: "quay",
    upstreams: () => Promise.resolve(proxies(state, upstreams)),
  });
  const mayLogIn = async (upstream: string, username?: string, password?: string): Promise<boolean> => {
    const at = upstreams[upstream.split("/")[0] ?? ""];
    return at !== undefined && (await logsIn(at, username, password));
  };
  const api = new QuayApi(state, tokens, features, mayLogIn, (repository) => images.tags(repository));

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const { method = "GET", headers } = request;
    const url = new URL(request.url ?? "/", `${tls ? "https" : "http"}://${headers.host ?? ""}`);
    const { authorization } = headers;
    requests.push({
      method,
      path: url.pathname + url.search,
      authorization: authorization && createHash("sha256").update(authorization).digest("hex"),
    });
    const send = (status: number, body: unknown, more: Record<string, string> = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...more }).end(body && JSON.stringify(body));
    const failing = failures.findIndex(({ what }) => what.test(`${method} ${url.pathname}`));
    const [failure] = failing < 0 ? [] : failures.splice(failing, 1);
    if (failure) return void send(failure.status, failure.body, failure.headers);
    if (url.pathname.startsWith("/api/v1/")) {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const reply = await api.handle({ method, path: url.pathname, query: url.searchParams, authorization, body });
      return void send(reply.status, reply.body);
    }
    if (url.pathname === "/v2/auth") {
      // endpoints/v2/v2auth.py knows GET alone; containerd tries POST first, and takes 405 for what it says.
      if (method !== "GET") return void send(405, undefined, { allow: "GET" });
      return void giveToken(url, authorization, send);
    }
    const need = /^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname)?.[1];
    const action = method === "GET" || method === "HEAD" ? "pull" : "push";
    const granted = grants.get(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
    const allowed =
      need === undefined
        ? granted !== undefined
        : granted?.some(({ repository, actions }) => repository === need && actions.includes(action));
    if (!allowed) {
      const scope = need === undefined ? "" : `,scope="repository:${need}:${action === "push" ? "pull,push" : "pull"}"`;
      const challenge = `Bearer realm="${url.origin}/v2/auth",service="${url.host}"${scope}`;
      const errors = [{ code: "UNAUTHORIZED", message: "access to the requested resource is not authorized" }];
      return void send(401, { errors }, { "www-authenticate": challenge });
    }
    forward(images, request, response);
  };

  const giveToken = (
    url: URL,
    authorization: string | undefined,
    send: (status: number, body: unknown) => unknown,
  ): void => {
    const basic = /^Basic (.+)$/.exec(authorization ?? "")?.[1];
    const [user = "", ...password] = Buffer.from(basic ?? "", "base64")
      .toString()
      .split(":");
    if (basic !== undefined && !state.isRobot(user, password.join(":")))
      return void send(401, {
        errors: [{ code: "UNAUTHORIZED", message: "Could not find robot with specified username" }],
      });
    const scopes = url.searchParams.getAll("scope").flatMap((scope) => scope.split(" "));
    const grant = scopes.map((scope) => {
      const [, repository = "", asked = ""] = /^repository:(.+):([^:]+)$/.exec(scope) ?? [];
      const [namespace = "", ...name] = repository.split("/");
      const actions = state.authorize(basic && user, namespace, name.join("/"), asked.split(","));
      return { repository, actions };
    });
    const token = randomBytes(16).toString("hex");
    grants.set(token, grant);
    send(200, { token });
  };

  const certificate = tls && (await (await certificateAuthority()).issue(["localhost", "127.0.0.1", ...tls.names]));
  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
  const server = certificate
    ? https.createServer({ key: certificate.key, cert: certificate.certificate }, onRequest)
    : http.createServer(onRequest);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...(certificate && { ca: certificate.ca }),
    state,
    images,
    requests,
    failOnce: (what, status, headers = {}, body) => void failures.push({ what, status, headers, body }),
    issueToken: (scopes = ALL_SCOPES, user = "ada") => {
      const token = randomBytes(20).toString("hex");
      tokens.set(token, { user, scopes });
      return token;
    },
    revokeToken: (token) => void tokens.delete(token),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, images.close()]);
    },
  };
}

/** The upstreams of proxy organizations, with the logins that they hold. */
function proxies(state: QuayState, upstreams: NonNullable<QuayOptions["upstreams"]>): UpstreamOptions[] {
  return [...state.organizations].flatMap(([prefix, { proxy }]) => {
    const [host = "", ...path] = proxy?.upstream_registry.split("/") ?? [];
    const at = upstreams[host];
    if (!proxy || !at) return [];
    const { upstream_registry_username: username, upstream_registry_password: password } = proxy;
    return {
      ...at,
      prefix,
      ...(path.length > 0 && { path: path.join("/") }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    };
  });
}

/** Whether a registry takes a login; one with a token service is asked there. */
async function logsIn({ url, ca }: Pick<UpstreamOptions, "url" | "ca">, user?: string, password?: string) {
  const get = (to: string, headers: Record<string, string> = {}): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { get } = to.startsWith("https:") ? https : http;
      get(to, { headers, ca }, (answer) => resolve(answer.resume())).on("error", reject);
    });
  const authorization = `Basic ${Buffer.from(`${user ?? ""}:${password ?? ""}`).toString("base64")}`;
  const login = user === undefined ? undefined : { authorization };
  const first = await get(`${url}/v2/`);
  if (first.statusCode === 200) return true;
  const realm = /^Bearer .*realm="([^"]+)"/i.exec(first.headers["www-authenticate"] ?? "")?.[1];
  return (await get(realm ?? `${url}/v2/`, login)).statusCode === 200;
}

/** Hands a request to the images, whose locations are paths and so fit here too. */
function forward(images: TestRegistry, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { authorization: _, ...headers } = request.headers;
  const inner = http.request(images.url + (request.url ?? ""), { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  inner.on("error", () => response.destroy());
  request.pipe(inner);
}
