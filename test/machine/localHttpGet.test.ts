import * as http from "node:http";
import * as https from "node:https";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { localHttpGet } from "../../src/machine/localHttpGet";
import { certificateAuthority } from "../support/registry";

const LOGIN = { username: "me", password: "s3cr3t" };
const PROXY_LOGIN = `Basic ${Buffer.from("user:pa@ss").toString("base64")}`;

/** What each server was sent. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

const servers: http.Server[] = [];
async function listen(server: http.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return (server.address() as AddressInfo).port;
}
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

const noted = (seen: Seen[], { method = "", url = "", headers }: http.IncomingMessage) =>
  void seen.push({ method, url, headers });

/** A chart repository at `charts.test`, which only the proxy knows, and that proxy, which wants a login. */
async function world(scheme: string): Promise<{ atProxy: Seen[]; atHome: Seen[]; ca: string; port: number }> {
  const atProxy: Seen[] = [];
  const atHome: Seen[] = [];
  const authority = await certificateAuthority();
  const { certificate, key } = await authority.issue(["charts.test"]);
  const answer: http.RequestListener = (request, response) => {
    noted(atHome, request);
    response.end("entries: {}");
  };
  const home = await listen(
    scheme === "https" ? https.createServer({ cert: certificate, key }, answer) : http.createServer(answer),
  );
  const proxy = http.createServer((request, response) => {
    noted(atProxy, request);
    if (request.headers["proxy-authorization"] !== PROXY_LOGIN) return void response.writeHead(407).end();
    const { "proxy-authorization": _, ...headers } = request.headers;
    const { pathname } = new URL(request.url ?? "");
    http.get({ host: "127.0.0.1", port: home, path: pathname, headers }, (from) => from.pipe(response));
  });
  proxy.on("connect", (request: http.IncomingMessage, socket: Duplex) => {
    noted(atProxy, request);
    if (request.headers["proxy-authorization"] !== PROXY_LOGIN) return void socket.end("HTTP/1.1 407 Login\r\n\r\n");
    const onward = connect(home, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    onward.pipe(socket).pipe(onward);
    socket.on("error", () => onward.destroy());
    onward.on("error", () => socket.destroy());
  });
  return { atProxy: atProxy, atHome: atHome, ca: authority.certificate, port: await listen(proxy) };
}

describe.each(["http", "https"])("a chart repository that only a proxy reaches, by %s", (scheme) => {
  const url = `${scheme}://charts.test/index.yaml`;
  const variable = `${scheme.toUpperCase()}_PROXY`;

  it("is reached through it; each login goes to its own server alone", async () => {
    const { atProxy, atHome, ca, port } = await world(scheme);
    const get = localHttpGet({ [variable]: `http://user:pa%40ss@127.0.0.1:${port}` });
    const { status, body } = await get({ url, login: LOGIN, tls: { ca } });
    expect([status, body.toString()]).toEqual([200, "entries: {}"]);
    const authorization = `Basic ${Buffer.from("me:s3cr3t").toString("base64")}`;
    expect(atHome).toMatchObject([{ method: "GET", url: "/index.yaml", headers: { authorization } }]);
    expect(atHome[0]?.headers).not.toHaveProperty("proxy-authorization");
    expect(atProxy).toHaveLength(1);
    if (scheme === "https") {
      expect(atProxy).toMatchObject([{ method: "CONNECT", url: "charts.test:443" }]);
      expect(atProxy[0]?.headers).not.toHaveProperty("authorization");
    }
  });

  it("is told to be behind a proxy that wants another login, without the login", async () => {
    const { atHome, port } = await world(scheme);
    const get = localHttpGet({ [variable]: `http://user:s3cr3t@127.0.0.1:${port}` });
    const error: unknown = await get({ url, login: LOGIN }).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/proxy.*407/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
    expect(atHome).toEqual([]);
  });

  it("is not asked for where the variable is no proxy", async () => {
    const error: unknown = await localHttpGet({ [variable]: "socks5://u:s3cr3t@p" })({ url }).catch((e: unknown) => e);
    expect(String(error)).toContain(variable);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
  });
});

it("goes around the proxy where NO_PROXY says so", async () => {
  const { atProxy, port } = await world("http");
  const get = localHttpGet({ HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "charts.test" });
  await expect(get({ url: "http://charts.test/index.yaml" })).rejects.toThrow(/^its name /);
  expect(atProxy).toEqual([]);
});
