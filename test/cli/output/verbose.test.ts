import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { main } from "../../../src/cli/main";
import { tellVerbosely } from "../../../src/cli/output/verbose";
import { askApiServer } from "../../../src/cluster/apiServer";
import { basicAuthorization } from "../../../src/oci/auth/credentials";
import { HttpTransport } from "../../../src/oci/transport/http";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";
import { ensureTool } from "../../support/tools";

const environment = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-verbose-"));
  process.env = { ...environment, DOCKER_CONFIG: folder, HOME: folder };
  for (const name of ["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "REGISTRY_AUTH_FILE", "DOCKER_AUTH_CONFIG"])
    delete process.env[name];
});
afterEach(async () => {
  process.env = environment;
  await rm(folder, { recursive: true, force: true });
});

interface Shown {
  readonly code: number;
  readonly out: string;
  readonly lines: readonly string[];
}

async function run(args: readonly string[], { password = "", columns = 0 } = {}): Promise<Shown> {
  let [out, err] = ["", ""];
  const stdin = (async function* () {
    yield await Promise.resolve(password);
  })();
  const code = await main(
    args,
    {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      ...(columns > 0 && { columns: () => columns }),
    },
    stdin,
  );
  return { code, out, lines: err.split("\n") };
}

/** Without what differs from run to run. */
const stable = (line: string): string => line.replace(/\d+ ms/g, "N ms").replace(/127\.0\.0\.1:\d+/g, "HOST");

describe("a copy", () => {
  let source: TestRegistry;
  let target: TestRegistry;
  const PULL = { username: "reader", password: "s3cr3t-of-reader" };
  const PUSH = { username: "robot", password: "s3cr3t-of-robot" };
  beforeEach(async () => {
    const auth = { scheme: "bearer" as const, users: { reader: PULL.password } };
    source = await startRegistry({ auth, objectStorage: true });
    target = await startRegistry({ auth: { scheme: "basic", users: { robot: PUSH.password } } });
    await pushImage(source, "team/app:1", makeImage({ layers: [{ size: 4000, seed: 1 }] }));
    const helper = join(folder, "docker-credential-test");
    const answer = JSON.stringify({ Username: PULL.username, Secret: PULL.password });
    await writeFile(helper, `#!/bin/sh\ncat > /dev/null\necho '${answer}'\n`);
    await chmod(helper, 0o755);
    await writeFile(join(folder, "config.json"), JSON.stringify({ credHelpers: { [source.host]: "test" } }));
    process.env.PATH = `${folder}:${environment.PATH}`;
  });
  afterEach(() => Promise.all([source.close(), target.close()]));

  const copy = (...more: string[]): Promise<Shown> =>
    run(
      [
        ...["copy", `${source.host}/team/app:1`, "--to", target.host, "--username", "robot", "--password-stdin"],
        ...["--plain-http", "--plain-http-source", source.host, ...more],
      ],
      { password: PUSH.password, columns: 80 },
    );

  it("tells its requests and where its logins come from, and shows no login", async () => {
    const { code, out, lines } = await copy("--verbose");
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+ -> \S+ \(.*\)\n$/);
    const told = lines.filter((line) => line.startsWith("verbose: "));
    expect(told[0]).toMatch(/^verbose: chart-mirror \d\S+, Node\.js v\S+, \w+ \w+$/);
    expect(told.map(stable)).toEqual(
      expect.arrayContaining([
        `verbose: login for HOST: from docker-credential-test, for HOST in the login file ${folder}/config.json`,
        "verbose: login for HOST: from what was given for it",
        expect.stringMatching(/^verbose: HEAD http:\/\/HOST\/v2\/team\/app\/manifests\/1: 401, \d+ B, N ms$/),
        expect.stringMatching(
          /^verbose: GET http:\/\/HOST\/token\?service=test-registry&scope=repository:team\/app:pull&… \(for a token\): 200, \d+ B, N ms$/,
        ),
        expect.stringMatching(/^verbose: GET http:\/\/HOST\/v2\/team\/app\/manifests\/1: 200, \d+ B, N ms$/),
        expect.stringMatching(/^verbose: GET http:\/\/HOST\/v2\/team\/app\/blobs\/sha256:\w+: 307, \d+ B, N ms$/),
        // What the storage signed.
        expect.stringMatching(/^verbose: GET http:\/\/HOST\/\S+\?…: 200, [\d.]+ (?:Ki)?B, N ms$/),
        expect.stringMatching(/^verbose: POST \S+\?digest=sha256:\w+: 201, sent \S+ \w+, got 0 B, N ms$/),
      ]) as string[],
    );
    for (const login of [PULL, PUSH])
      for (const secret of [login.password, basicAuthorization(login).slice("Basic ".length)])
        expect(lines.join("\n")).not.toContain(secret);
  });

  it("tells nothing of it without the flag, and the same otherwise", async () => {
    const { out, lines } = await copy();
    expect(out).toMatch(/^\S+ -> \S+ \(.*\)\n$/);
    expect(lines.join("\n")).not.toContain("verbose");
  });

  it("draws no bar between the lines, and leaves data to standard output", async () => {
    const { out, lines } = await copy("--verbose", "-o", "json");
    expect(JSON.parse(out)).toHaveLength(1);
    expect(lines.join("\n")).not.toContain("\u001b");
    expect(lines.filter((line) => line.startsWith("verbose: ")).length).toBeGreaterThan(10);
  });

  it("tells what failed, and what is tried again", async () => {
    source.faults.add({ match: { path: /manifests/ }, action: { kind: "answer", status: 500, body: "oh\u001b[31m" } });
    source.faults.add({ match: { path: /storage/ }, action: { kind: "cut", after: 100 } });
    const { lines } = await copy("--verbose");
    expect(lines.map(stable)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^verbose: retry at HOST: looking for HOST\/team\/app:1: attempt 1 failed, the next in N ms: .*500.*$/,
        ),
        expect.stringMatching(/^verbose: GET \S+: 200, 100 B, N ms, cut off$/),
      ]) as string[],
    );
  });

  it("says of a host that nobody listens at why there is no answer, and where no login was", async () => {
    await target.close();
    const args = ["copy", `${target.host}/app:1`, "--to", source.host, "--plain-http", "--plain-http-source"];
    const { code, lines } = await run([...args, target.host, "--verbose"]);
    expect(code).toBe(1);
    const about = lines.map(stable);
    expect(about.join("\n")).toMatch(
      /verbose: login for HOST: none; looked at in vain: login file \S+\/config\.json, login file \S+ \(not there\)/,
    );
    expect(about).toContain("verbose: HEAD http://HOST/v2/app/manifests/1: no answer (ECONNREFUSED), N ms");
  }, 60_000);
});

describe("a registry that repeats what it was told", () => {
  let server: Server;
  let host: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((closed) => server.close(closed).closeAllConnections()));

  const copy = (...more: string[]): Promise<Shown> =>
    run(["copy", `${host}/app:1`, "--to", `${host}/m`, "--plain-http", "--plain-http-source", host, ...more]);

  it("has no control character obeyed, and no signature shown", async () => {
    answer = (request, response) => {
      if (request.url?.startsWith("/v2/app/manifests"))
        return void response
          .writeHead(307, {
            location: `/%1b[31m/\u009b\u00ad::error::x${"y".repeat(5000)}?X-Amz-Signature=s1gned&digest=s1gned&s1gned`,
          })
          .end();
      response.writeHead(404, { "x-evil": "\u009b31m" }).end("\u001b]0;title\u0007\n::error::no");
    };
    const { lines } = await copy("--verbose");
    const text = lines.join("\n");
    expect(text).toContain("verbose: GET");
    expect(text).not.toContain("s1gned");
    // eslint-disable-next-line no-control-regex -- what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad]|^\s*::/m);
    for (const line of lines) expect(line.length).toBeLessThan(2000);
  });

  const secret = fc.string({
    minLength: 12,
    maxLength: 40,
    unit: fc.constantFrom(..."abcdefgXYZ0123456789+/=%&?#: äß\"'"),
  });
  it.each(["basic", "bearer", "identity"])("shows no login that it was given: %s", async (scheme) => {
    await fc.assert(
      fc.asyncProperty(secret, async (password) => {
        const given = new Set<string>();
        answer = (request, response) => {
          const { authorization = "" } = request.headers;
          const [, sent = ""] = authorization.split(" ");
          if (sent) given.add(sent);
          let body = "";
          request.on("data", (chunk: Buffer) => (body += chunk.toString()));
          request.on("end", () => {
            const plain = Buffer.from(sent, "base64")
              .toString("utf8")
              .replace(/^[^:]*:/, "");
            // Everything comes back: as a path, a query, a header, and as words.
            const bytes = [...Buffer.from(password)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
            const inUrl = sent.replaceAll("+", "-").replaceAll("/", "_");
            const echo = `${encodeURIComponent(password)}/${encodeURIComponent(plain)}/${bytes}/${inUrl}`;
            if (request.url?.startsWith("/token"))
              return void response.end(JSON.stringify({ token: Buffer.from(`t:${password}`).toString("base64url") }));
            if (sent === "")
              return void response
                .writeHead(401, {
                  "www-authenticate": scheme === "basic" ? "Basic" : `Bearer realm="http://${host}/token",service="x"`,
                })
                .end();
            if (!request.url?.includes("/again/"))
              return void response.writeHead(307, { location: `/v2/again/${echo}?scope=${echo}` }).end();
            response
              .writeHead(403)
              .end(JSON.stringify({ errors: [{ code: "DENIED", message: `${password} ${sent} ${body}` }] }));
          });
        };
        const entry =
          scheme === "identity"
            ? { identitytoken: password }
            : { auth: Buffer.from(`robot:${password}`).toString("base64") };
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, "config.json"), JSON.stringify({ auths: { [host]: entry } }));
        const { lines } = await copy("--verbose");
        const text = lines.join("\n");
        expect(text).toContain("verbose: GET");
        const unescaped = text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
        for (const one of [password, encodeURIComponent(password), ...given])
          for (const shown of [text, unescaped, unescaped.replaceAll("-", "+").replaceAll("_", "/")])
            expect(shown).not.toContain(one);
      }),
      { numRuns: 15 },
    );
  });
});

describe("the rest of the machine", () => {
  it("helm is told with its arguments, and without numbers among the values", async () => {
    process.env.HELM = await ensureTool("helm");
    const chart = join(folder, "app");
    await mkdir(join(chart, "templates"), { recursive: true });
    await writeFile(join(chart, "Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n");
    await writeFile(join(chart, "values.yaml"), "pin: 1\n");
    const { code, lines } = await run(["images", chart, "--set", "pin=90071992547409931,word=s3cr3t", "--verbose"]);
    expect(code).toBe(0);
    expect(lines.map(stable)).toContainEqual(
      expect.stringMatching(/^verbose: \S*helm template --namespace=default .*'?--set=pin=…'? .*: ended with 0, N ms$/),
    );
    expect(lines.join("\n")).not.toMatch(/s3cr3t|9007199254740993/);
  }, 600_000);

  it("an API server's token and the password of a kubeconfig are not told", async () => {
    const server = createServer((_, response) => response.end("{}"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const told: string[] = [];
    const stop = tellVerbosely((line) => void told.push(line));
    try {
      await askApiServer(
        {
          getCurrentCluster: () => ({ name: "c", server: url, skipTLSVerify: false }),
          applyToHTTPSOptions: (options: { auth?: string | null }) => {
            options.auth = "admin:s3cr3t-of-admin";
            return Promise.resolve();
          },
        },
        "GET",
        "/api/v1/pods?limit=20&continue=s3cr3t-of-admin",
      );
      expect(told.map(stable)).toContain("verbose: GET http://HOST/api/v1/pods?limit=20&…: 200, 2 B, N ms\n");
    } finally {
      stop();
      await new Promise((closed) => server.close(closed).closeAllConnections());
    }
  });

  it("requests of libraries are told, too, once, and tunnels through proxies", async () => {
    const server = createServer((_, response) => response.end("ok"));
    server.on("connect", (_, socket: Socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const told: string[] = [];
    const stop = tellVerbosely((line) => void told.push(line));
    const proxied = new HttpTransport({ HTTPS_PROXY: `http://me:s3cr3t-of-proxy@127.0.0.1:${port}` });
    try {
      const headers = { authorization: "Bearer s3cr3t-of-library" };
      await new Promise((done) =>
        get(`http://127.0.0.1:${port}/api?watch=s3cr3t-of-library&limit=3`, { headers }, (response) =>
          response.resume().on("close", done),
        ),
      );
      const url = new URL("https://r.example.com/v2/");
      const { response } = proxied.open({ method: "GET", url, headers: {}, tls: {}, body: "", idleTimeout: 9000 });
      await expect(response).rejects.toThrow();
      expect(told.slice(1).map(stable)).toEqual([
        "verbose: GET http://HOST/api?…&limit=3: 200, 2 B, N ms\n",
        "verbose: CONNECT https://r.example.com/: 407, 0 B, N ms\n",
        expect.stringMatching(
          /^verbose: GET https:\/\/r\.example\.com\/v2\/: no answer \(.*\), N ms, through proxy HOST\n$/,
        ),
      ]);
      expect(told.join("")).not.toContain("s3cr3t");
    } finally {
      stop();
      proxied.close();
      await new Promise((closed) => server.close(closed).closeAllConnections());
    }
  });

  it("an answer that does not come is told before it does", async () => {
    let late: ServerResponse | undefined;
    const server = createServer((_, response) => (late = response));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const told: string[] = [];
    const waiting = new Promise<void>((resolve) => {
      const stop = tellVerbosely((line) => {
        told.push(line);
        if (/no answer after/.test(line)) late?.end();
        if (/: 200,/.test(line)) {
          stop();
          resolve();
        }
      }, 100);
    });
    const transport = new HttpTransport({});
    try {
      const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
      const { response } = transport.open({ method: "GET", url, headers: {}, tls: {}, body: "", idleTimeout: 9000 });
      (await response).resume();
      await waiting;
      expect(told.slice(1).map(stable)).toEqual([
        "verbose: GET http://HOST/x: no answer after 0.1 s\n",
        "verbose: GET http://HOST/x: 200, 0 B, N ms\n",
      ]);
    } finally {
      transport.close();
      await new Promise((closed) => server.close(closed).closeAllConnections());
    }
  });
});
