import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { inspect, promisify } from "node:util";
import * as fc from "fast-check";
import { parseReference } from "../../../src/image/reference";
import { proxyAuthorization, proxyFor } from "../../../src/oci/transport/httpProxy";
import { Registries } from "../../../src/oci/registries";
import { makeImage, pushImage } from "../../support/images";
import { certificateAuthority } from "../../support/registry";
import { FastClock, failure, Fixture } from "../fixture";

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
  // One address may be written in several ways.
  ["https://[fd00::1]/", { HTTPS_PROXY: "http://p", NO_PROXY: "FD00:0:0::1" }, undefined],
  ["https://[fd00::1]/", { HTTPS_PROXY: "http://p", NO_PROXY: "[fd00::1]:443" }, undefined],
  ["https://[fd00::1]/", { HTTPS_PROXY: "http://p", NO_PROXY: "[fd00::1]:80" }, "http://p/"],
  ["https://[::ffff:10.1.2.3]/", { HTTPS_PROXY: "http://p", NO_PROXY: "10.1.2.3" }, undefined],
  ["https://10.1.2.3/", { HTTPS_PROXY: "http://p", NO_PROXY: "::/0" }, "http://p/"],
  ["https://xn--bcher-kva.io/", { HTTPS_PROXY: "http://p", NO_PROXY: "bücher.io" }, undefined],
  ["https://a.io/", { HTTPS_PROXY: "http://p", NO_PROXY: "*a.io" }, "http://p/"],
  ["https://a.io/", { HTTPS_PROXY: "http://p", NO_PROXY: "a.io:" }, undefined],
  ["https://a.io/", { HTTPS_PROXY: "", https_proxy: "http://p", NO_PROXY: "", no_proxy: "b.io" }, "http://p/"],
  ["https://a.io/", { HTTPS_PROXY: "http://upper", https_proxy: "http://lower" }, "http://upper/"],
  ["https://a.io/", { ALL_PROXY: "http://p" }, undefined],
  ["https://a.io/", { HTTPS_PROXY: "https://p" }, "https://p/"],
])("%s with %j goes through %s", (url, environment, proxy) => {
  expect(proxyFor(new URL(url), environment)?.href).toBe(proxy);
});

it.each(["http://u:s3cr3t@", "http://u:s3cr#t@p", "http://p:s3cr3t", "socks5://u:s3cr3t@p:1080", "ftp://s3cr3t"])(
  "%s is no proxy, which is said without its text",
  async (HTTPS_PROXY) => {
    const registries = new Registries({ environment: { HTTPS_PROXY } });
    const error = await failure(registries.head(parseReference("a.io/b:1")));
    expect(error).toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(error.message).toContain("HTTPS_PROXY");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr");
  },
);

it.each([
  ["http://user:pa%40ss@p", "user:pa@ss"],
  ["http://user:100%@p", "user:100%"],
  ["http://user@p", "user:"],
])("the login of %s is %s", (proxy, login) => {
  expect(proxyAuthorization(new URL(proxy))).toBe(`Basic ${Buffer.from(login).toString("base64")}`);
});

describe("for every NO_PROXY", () => {
  const throughProxy = (host: string, NO_PROXY: string) =>
    proxyFor(new URL(`https://${host}/`), { HTTPS_PROXY: "http://p", NO_PROXY }) !== undefined;
  const label = fc.constantFrom("a", "b", "io", "ba");
  const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const address = fc.integer({ min: 0, max: 0xffffffff });
  const dotted = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");

  it("a domain stands for itself and what is below it", () => {
    fc.assert(
      fc.property(domain, fc.array(domain), (host, domains) => {
        const isExcluded = domains.some((name) => `.${host}`.endsWith(`.${name}`));
        expect(throughProxy(host, domains.join(","))).toBe(!isExcluded);
        const isBelow = domains.some((name) => host.endsWith(`.${name}`));
        expect(throughProxy(host, domains.map((name) => `.${name}`).join(" , "))).toBe(!isBelow);
      }),
    );
  });

  it("a range stands for the addresses with its first bits", () => {
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: 32 }), fc.nat(32), (host, other, bits, shared) => {
        // Half of the networks are near the address.
        const network = shared === 0 ? other : ((host >>> (32 - shared)) << (32 - shared)) >>> 0;
        const first = (number: number) => (bits === 0 ? 0 : number >>> (32 - bits));
        const isExcluded = first(host) === first(network) || host >>> 24 === 127;
        expect(throughProxy(dotted(host), `${dotted(network)}/${bits}`)).toBe(!isExcluded);
        expect(throughProxy(`[::ffff:${dotted(host)}]`, `${dotted(network)}/${bits}`)).toBe(!isExcluded);
      }),
    );
  });

  it("no text is an error", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.:[\]/*, -]{0,20}$/), fc.ipV6(), fc.ipV4Extended());
    const host = fc.oneof(
      domain,
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    fc.assert(fc.property(host, text, (host, text) => typeof throughProxy(host, text) === "boolean"));
  });
});

describe("through a proxy", () => {
  /** A proxy that wants a login, knows one name, and notes what it sees. */
  async function proxy(target: { host: string }, certificate?: { certificate: string; key: string }) {
    const seen: { method: string; url: string; headers: string[]; login?: string }[] = [];
    const [address = "", port = ""] = target.host.split(":");
    const note = (request: http.IncomingMessage) => {
      const { method = "", url = "", headers } = request;
      const login = headers["proxy-authorization"];
      seen.push({ method, url, headers: Object.keys(headers), ...(login !== undefined && { login }) });
      return login === `Basic ${Buffer.from("user:pa@ss").toString("base64")}`;
    };
    const forwardAll = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      if (!note(request)) return void response.writeHead(407).end();
      const { pathname, search } = new URL(request.url ?? "");
      const { "proxy-authorization": _, ...headers } = request.headers;
      const forward = http.request({ host: address, port, method: request.method, path: pathname + search, headers });
      forward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(forward);
    };
    const server = certificate
      ? https.createServer({ cert: certificate.certificate, key: certificate.key }, forwardAll)
      : http.createServer(forwardAll);
    server.on("connect", (request: http.IncomingMessage, socket: Duplex) => {
      if (!note(request)) return void socket.end("HTTP/1.1 407 Login\r\n\r\n");
      const onward = connect(Number(port), address, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      onward.pipe(socket).pipe(onward);
      socket.on("error", () => onward.destroy());
      onward.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port: own } = server.address() as AddressInfo;
    const origin = certificate ? "https://LOGINlocalhost" : "http://LOGIN127.0.0.1";
    return { seen, server, url: (login: string) => `${origin.replace("LOGIN", login)}:${own}` };
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
      const refused = await failure(registries("").head(parseReference(`${host}/a:1`)));
      expect(refused).toMatchObject({ code: "REGISTRY_UNREACHABLE" });
      expect(refused.message).toContain("proxy");
    } finally {
      client.close();
      server.closeAllConnections();
      server.close();
    }
  });

  it.each(["http", "https"])("that speaks TLS itself, to a registry of %s", async (scheme) => {
    const authority = await certificateAuthority();
    const certificate = await authority.issue(["localhost"]);
    const registry = await fixture.registry(scheme === "https" ? { tls: { names: ["registry.test"] } } : {});
    const image = makeImage();
    await pushImage(registry, "a:1", image);
    const { seen, server, url } = await proxy(registry, certificate);
    const folder = await mkdtemp(join(tmpdir(), "proxy-"));
    try {
      const ca = join(folder, "ca.pem");
      await writeFile(ca, authority.certificate);
      const host = `registry.test:${scheme === "https" ? 443 : 80}`;
      // Whom a proxy's certificate is trusted by is said where Node.js is started.
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--require", "./test/support/typescript.js", "test/oci/transport/headThroughProxy.ts", `${host}/a:1`, scheme],
        {
          cwd: join(__dirname, "../..", ".."),
          env: { ...process.env, NODE_EXTRA_CA_CERTS: ca, [`${scheme.toUpperCase()}_PROXY`]: url("user:pa%40ss@") },
        },
      );
      expect(stdout).toBe(`${image.digest}\n`);
      expect(seen.length).toBeGreaterThan(0);
      expect(registry.requests.all.every(({ headerNames }) => !headerNames.includes("proxy-authorization"))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
      server.closeAllConnections();
      server.close();
    }
  });

  it.each<[string, boolean, string]>([
    ["never answers", false, "REGISTRY_UNREACHABLE"],
    ["has a tunnel with nobody at its end", true, "TRANSFER_STALLED"],
  ])("that %s does not keep anyone waiting", async (_, opens, code) => {
    const server = http.createServer();
    server.on("connect", (_request, socket: Duplex) => {
      if (opens) socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const registries = new Registries({
      environment: { HTTPS_PROXY: `http://127.0.0.1:${port}` },
      stallTimeoutMs: 300,
      clock: new FastClock(),
      retry: { attempts: 2 },
    });
    try {
      expect(await failure(registries.head(parseReference("registry.test/a:1")))).toMatchObject({ code });
    } finally {
      registries.close();
      server.closeAllConnections();
      server.close();
    }
  });

  it.each<[number, string | undefined, RegExp, number]>([
    [407, 'Basic realm="p"', /another login \(status 407\).*HTTPS_PROXY.*USER:PASSWORD/, 1],
    [407, undefined, /another login \(status 407\)/, 1],
    [407, "Negotiate, NTLM", /a login by negotiate \(status 407\).*cntlm/, 1],
    [403, undefined, /refused a tunnel \(status 403\)/, 1],
    [502, undefined, /refused a tunnel \(status 502\)/, 3],
  ])(
    "that refuses a tunnel with %s (%s) is named, after as many tries as may help",
    async (status, challenge, words, tries) => {
      let asked = 0;
      const server = http.createServer();
      server.on("connect", (_request, socket: Duplex) => {
        asked++;
        const header = challenge === undefined ? "" : `Proxy-Authenticate: ${challenge}\r\n`;
        socket.on("error", () => undefined).end(`HTTP/1.1 ${status} No\r\n${header}Content-Length: 0\r\n\r\n`);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const registries = new Registries({
        environment: { HTTPS_PROXY: `http://me:s3cr3t@127.0.0.1:${port}` },
        clock: new FastClock(),
        retry: { attempts: 3 },
      });
      try {
        const error = await failure(registries.head(parseReference("registry.test/a:1")));
        expect(error.code).toBe("REGISTRY_UNREACHABLE");
        expect(error.message).toMatch(words);
        expect(error.message).not.toContain("s3cr3t");
        expect(asked).toBe(tries);
      } finally {
        registries.close();
        server.closeAllConnections();
        server.close();
      }
    },
  );

  it("that wants a login for plain http is told at once, with its words", async () => {
    let asked = 0;
    const server = http.createServer((_request, response) => {
      asked++;
      response.writeHead(407, { "proxy-authenticate": "Basic realm=p", "content-type": "text/html" });
      response.end("<html><title>Squid: access denied</title></html>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const registries = new Registries({
      access: [{ host: "registry.test", plainHttp: true }],
      environment: { HTTP_PROXY: `http://127.0.0.1:${port}` },
      clock: new FastClock(),
    });
    try {
      const error = await failure(registries.listTags(parseReference("registry.test/a")));
      expect(error.code).toBe("REGISTRY_UNREACHABLE");
      expect(error.message).toMatch(/status 407\): the web page "Squid: access denied".*HTTP_PROXY/);
      expect(asked).toBe(1);
    } finally {
      registries.close();
      server.close();
    }
  });
});
