import * as http from "node:http";
import { connect, type AddressInfo } from "node:net";
import { parseReference } from "../../src/image/reference";
import { proxyFor } from "../../src/oci/httpProxy";
import { Registries } from "../../src/oci/registries";
import { makeImage, pushImage } from "../support/images";
import { FastClock, failure, Fixture } from "./fixture";

const fixture = new Fixture();

it.each<[string, Record<string, string>, string | undefined]>([
  ["https://a.io/x", { HTTPS_PROXY: "http://p:3128" }, "http://p:3128/"],
  ["https://a.io/x", { https_proxy: "p:3128" }, "http://p:3128/"],
  ["http://a.io/x", { HTTPS_PROXY: "http://p:3128" }, undefined],
  ["http://a.io/x", { HTTP_PROXY: "http://p" }, "http://p/"],
  ["https://localhost:5000/", { HTTPS_PROXY: "http://p" }, undefined],
  ["https://127.0.0.9/", { HTTPS_PROXY: "http://p" }, undefined],
  ["https://[::1]/", { HTTPS_PROXY: "http://p" }, undefined],
  ...(
    [
      ["a.io", undefined],
      ["A.IO", undefined],
      ["io", undefined],
      [".a.io", "http://p/"],
      ["b.io, a.io", undefined],
      ["a.io:443", undefined],
      ["a.io:444", "http://p/"],
      ["ba.io", "http://p/"],
      ["*", undefined],
      ["*.io", undefined],
    ] as const
  ).map(([NO_PROXY, proxy]): [string, Record<string, string>, string | undefined] => [
    "https://a.io/",
    { HTTPS_PROXY: "http://p", NO_PROXY },
    proxy,
  ]),
  ["https://x.a.io/", { HTTPS_PROXY: "http://p", NO_PROXY: ".a.io" }, undefined],
  ["https://x.a.io/", { HTTPS_PROXY: "http://p", NO_PROXY: "a.io" }, undefined],
  ["https://10.1.2.3/", { HTTPS_PROXY: "http://p", NO_PROXY: "10.0.0.0/8" }, undefined],
  ["https://11.1.2.3/", { HTTPS_PROXY: "http://p", NO_PROXY: "10.0.0.0/8" }, "http://p/"],
  ["https://10.1.2.3/", { HTTPS_PROXY: "http://p", NO_PROXY: "10.1.2.3" }, undefined],
  ["https://[fd00::1]/", { HTTPS_PROXY: "http://p", NO_PROXY: "fd00::/8" }, undefined],
  ["https://[fd00::1]/", { HTTPS_PROXY: "http://p", NO_PROXY: "fd00::1" }, undefined],
  ["https://a.io/", { HTTPS_PROXY: "http://p", NO_PROXY: "10.0.0.0/99" }, "http://p/"],
])("%s with %j goes through %s", (url, environment, proxy) => {
  expect(proxyFor(new URL(url), environment)?.href).toBe(proxy);
});

describe("through a proxy", () => {
  /** A proxy that wants a login, knows one name, and notes what it sees. */
  async function proxy(target: { host: string }) {
    const seen: { method: string; url: string; headers: string[]; login?: string }[] = [];
    const [address = "", port = ""] = target.host.split(":");
    const note = (request: http.IncomingMessage) => {
      const { method = "", url = "", headers } = request;
      const login = headers["proxy-authorization"];
      seen.push({ method, url, headers: Object.keys(headers), ...(login !== undefined && { login }) });
      return login === `Basic ${Buffer.from("user:pa@ss").toString("base64")}`;
    };
    const server = http.createServer((request, response) => {
      if (!note(request)) return void response.writeHead(407).end();
      const { pathname, search } = new URL(request.url ?? "");
      const { "proxy-authorization": _, ...headers } = request.headers;
      const forward = http.request({ host: address, port, method: request.method, path: pathname + search, headers });
      forward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(forward);
    });
    server.on("connect", (request, socket) => {
      if (!note(request)) return void socket.end("HTTP/1.1 407 Login\r\n\r\n");
      const onward = connect(Number(port), address, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      onward.pipe(socket).pipe(onward);
      socket.on("error", () => onward.destroy());
      onward.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port: own } = server.address() as AddressInfo;
    return { seen, server, url: (login: string) => `http://${login}127.0.0.1:${own}` };
  }

  it.each(["http", "https"])("an image is copied (%s); the proxy's login goes to the proxy alone", async (scheme) => {
    const tls = scheme === "https" && { tls: { names: ["registry.test"] } };
    const auth = { scheme: "basic" as const, users: { robot: "secret" } };
    const registry = await fixture.registry({ ...tls, auth });
    await pushImage(registry, "a:1", makeImage({ layers: [{ size: 700_000, seed: 1 }] }));
    const { seen, server, url } = await proxy(registry);
    const host = `registry.test:${scheme === "https" ? 443 : 80}`;
    const login = { username: "robot", password: "secret" };
    const trust = registry.ca === undefined ? { plainHttp: true } : { caCertificates: [registry.ca] };
    const registries = (proxyLogin: string) =>
      new Registries({
        access: [{ host, ...login, ...trust }],
        environment: { [`${scheme.toUpperCase()}_PROXY`]: url(proxyLogin) },
        clock: new FastClock(),
        retry: { attempts: 2 },
      });
    const client = registries("user:pa%40ss@");
    try {
      await client.copy(parseReference(`${host}/a:1`), parseReference(`${host}/b:1`));
      expect(await registry.defects("b", "1")).toEqual([]);
      expect(seen.length).toBeGreaterThan(0);
      if (scheme === "https") {
        expect(seen.every(({ method, url }) => method === "CONNECT" && url === "registry.test:443")).toBe(true);
        expect(seen.every(({ headers }) => !headers.includes("authorization"))).toBe(true);
      }
      expect(registry.requests.all.every(({ headerNames }) => !headerNames.includes("proxy-authorization"))).toBe(true);
      if (scheme === "https") {
        const refused = await failure(registries("").head(parseReference(`${host}/a:1`)));
        expect(refused).toMatchObject({ code: "REGISTRY_UNREACHABLE" });
        expect(refused.message).toContain("proxy");
      }
    } finally {
      client.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
