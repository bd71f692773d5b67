import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { inspect, promisify } from "node:util";
import { parseReference } from "../../../src/image/reference";
import type { RegistryAccess } from "../../../src/oci/transport/access";
import { Registries } from "../../../src/oci/registries";
import { makeImage, pushImage } from "../../support/images";
import { certificateAuthority } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();

it("a registry whose authority is not trusted is an error with a remedy, and is asked nothing", async () => {
  const registry = await fixture.registry({ tls: true });
  const client = fixture.client([registry], {}, () => ({ caCertificates: [] }));
  const error = await failure(client.head(at(registry, "a:1")));
  expect(error).toMatchObject({ code: "TLS_UNTRUSTED", registry: registry.host });
  expect(error.message).toContain("caCertificate of the registry");
  expect(registry.requests.all).toEqual([]);
});

it("an own authority does not take the place of the system's, and images travel over TLS", async () => {
  const [source, target] = await fixture.pair({ tls: true }, { tls: true, objectStorage: true });
  const image = makeImage({ layers: [{ size: 3_000_000, seed: "tls" }] });
  await pushImage(source, "a:1", image);
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
});

it("an own authority does not take the place of those that Node.js was started with", async () => {
  const registry = await fixture.registry({ tls: true });
  const image = makeImage();
  await pushImage(registry, "a:1", image);
  const folder = await mkdtemp(join(tmpdir(), "authorities-"));
  try {
    const ca = join(folder, "ca.pem");
    await writeFile(ca, registry.ca ?? "");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--require",
        "./test/support/typescript.js",
        "test/oci/transport/headWithAnotherAuthority.ts",
        `${registry.host}/a:1`,
      ],
      { cwd: join(__dirname, "../..", ".."), env: { ...process.env, NODE_EXTRA_CA_CERTS: ca } },
    );
    expect(stdout).toBe(`${image.digest}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("a registry is reached where its access says, by its own name", async () => {
  const [source, target] = await fixture.pair();
  const image = makeImage();
  await pushImage(source, "cache/hub/library/nginx:1", image);
  const client = fixture.client([source, target], {}, (server) =>
    server === source ? { host: "index.docker.io", location: `${source.host}/cache/hub` } : {},
  );
  const nginx = { ...at(source, "library/nginx:1"), registry: "docker.io" };
  await client.copy(nginx, at(target, "nginx:1"));
  expect(target.tag("nginx", "1")).toBe(image.digest);
});

it.each<[string, Partial<RegistryAccess>]>([
  ["authority", { caCertificates: ["/etc/ssl/own-ca.pem"] }],
  ["authority", { caCertificates: ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] }],
  ["client certificate", { clientCertificate: { cert: "/etc/ssl/client.pem", key: "s3cr3t" } }],
  ["client certificate", { clientCertificate: { cert: "", key: "" } }],
])("an %s that is no PEM is said to be so, and nothing is asked: %j", async (what, access) => {
  const registry = await fixture.registry({ tls: true });
  const error = await failure(fixture.client([registry], {}, () => access).head(at(registry, "a:1")));
  expect(error).toMatchObject({ code: "CERTIFICATE_UNREADABLE" });
  expect(error.message).toContain(registry.host);
  expect(error.message).toContain(what);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
  expect(registry.requests.all).toEqual([]);
});

it("a key that is not that of its certificate is said to be so", async () => {
  const authority = await certificateAuthority();
  const registry = await fixture.registry({ tls: true });
  const { certificate: cert } = await authority.issue(["client"]);
  const { key } = await authority.issue(["other"]);
  const client = fixture.client([registry], {}, () => ({ clientCertificate: { cert, key } }));
  expect(await failure(client.head(at(registry, "a:1")))).toMatchObject({ code: "CERTIFICATE_UNREADABLE" });
});

it("a client certificate is presented to its registry alone, not to the storage that it redirects to", async () => {
  const authority = await certificateAuthority();
  const { certificate: cert, key } = await authority.issue(["client"]);
  const presented: [string, boolean][] = [];
  const listen = async (name: string, answer: (response: ServerResponse) => void): Promise<Server> => {
    const own = await authority.issue(["127.0.0.1"]);
    const server = createServer(
      { cert: own.certificate, key: own.key, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        presented.push([name, Boolean((request.socket as TLSSocket).getPeerCertificate().subject)]);
        answer(response);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  };
  const hostOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const storage = await listen("storage", (response) => response.writeHead(404).end());
  const registry = await listen("registry", (response) =>
    response.writeHead(307, { location: `https://${hostOf(storage)}/x` }).end(),
  );
  const host = hostOf(registry);
  const client = new Registries({
    access: [{ host, caCertificates: [authority.certificate], clientCertificate: { cert, key } }],
  });
  try {
    expect(await client.head(parseReference(`${host}/a:1`))).toBeUndefined();
    expect(presented).toEqual([
      ["registry", true],
      ["storage", false],
    ]);
  } finally {
    client.close();
    for (const server of [registry, storage]) {
      server.closeAllConnections();
      server.close();
    }
  }
});

it("a registry that wants a client certificate says so, and is not asked again and again", async () => {
  const registry = await fixture.registry({ tls: { clientCertificates: true } });
  const events: unknown[] = [];
  const client = fixture.client([registry], { onEvent: (event) => events.push(event) });
  const error = await failure(client.head(at(registry, "a:1")));
  expect(error.code).toBe("REGISTRY_UNREACHABLE");
  expect(error.message).toMatch(/it wants a client certificate/);
  expect(events).toEqual([]);
});

it("a registry with TLS of a version that nobody speaks any more is not taken for one without TLS", async () => {
  const { key, certificate, ca } = await (await certificateAuthority()).issue(["127.0.0.1"]);
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const server = createTlsServer({ ...old, key, cert: certificate });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = fixture.client([], { access: [{ host, caCertificates: [ca] }] });
  const error = await failure(client.head(parseReference(`${host}/a:1`)));
  server.close();
  expect(error.code).toBe("REGISTRY_UNREACHABLE");
  expect(error.message).toMatch(/the TLS handshake failed \(.*protocol/);
});

describe("a port with TLS that is spoken to in plain http", () => {
  it("and ends the connection without a word leads to the setting", async () => {
    const registry = await fixture.registry({ tls: true });
    const access = () => ({ plainHttp: true, caCertificates: [] });
    const client = fixture.client([registry], { retry: { attempts: 2 } }, access);
    const error = await failure(client.head(at(registry, "a:1")));
    expect(error.code).toBe("TRANSFER_FAILED");
    expect(error.message).toMatch(/where it speaks TLS, take it out of .*plainHttp/);
  });

  it("and says so in TLS is told as what it is", async () => {
    // A fatal alert, "unexpected message" (RFC 8446, 6).
    const server = createNetServer((socket) =>
      socket.on("error", () => undefined).end(Buffer.from([0x15, 3, 1, 0, 2, 2, 10])),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new Registries({ access: [{ host, plainHttp: true }], retry: { attempts: 1 } });
    try {
      expect(await failure(client.head(parseReference(`${host}/a:1`)))).toMatchObject({ code: "REGISTRY_SPEAKS_TLS" });
    } finally {
      client.close();
      server.close();
    }
  });
});
