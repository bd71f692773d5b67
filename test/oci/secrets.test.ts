import { inspect } from "node:util";
import type { AuthOptions, Fault, TestRegistry } from "../support/registry";
import type { RegistryAccess } from "../../src/oci/transport/access";
import type { Keychain } from "../../src/oci/auth/credentials";
import { Registries } from "../../src/oci/registries";
import { basicAuthorization } from "../../src/oci/auth/credentials";
import { makeImage, pushImage } from "../support/images";
import { at, Fixture } from "./fixture";

const fixture = new Fixture();
const PASSWORD = "s3cr3t-passw0rd-of-robot";
const USER = { username: "robot", password: PASSWORD };
const SECRETS = [PASSWORD, basicAuthorization(USER).slice(6)];
const image = makeImage({ layers: [{ size: 700_000, seed: 1 }] });
const users = { robot: PASSWORD };

/** A registry that repeats what it was sent, as debugging proxies do. */
const echo = `{"errors":[{"code":"DENIED","message":"no: ${basicAuthorization(USER)} / ${PASSWORD}"}]}`;
const faults: [string, Fault][] = [
  ["that repeats credentials in a 403", { action: { kind: "answer", status: 403, body: echo } }],
  ["that repeats credentials in a 401", { action: { kind: "answer", status: 401, body: echo } }],
  ["that repeats credentials in a 500", { action: { kind: "answer", status: 500, body: echo } }],
  ["that repeats credentials in a 429", { action: { kind: "answer", status: 429, body: echo } }],
  [
    "that redirects to a URL with credentials",
    { action: { kind: "redirect", to: `http://x:${PASSWORD}@127.0.0.1:9/?sig=${PASSWORD}` } },
  ],
  ["that closes connections", { action: { kind: "close" } }],
  ["that answers other manifests", { match: { method: "GET" }, action: { kind: "answer", status: 200, body: echo } }],
];
const auths: AuthOptions[] = [
  { scheme: "basic", users },
  { scheme: "bearer", users },
];

describe.each(auths)("no credential is in an error or an event: $scheme", (auth) => {
  it.each(faults)("of a registry %s", async (_, { match, action }) => {
    const [source, target] = await fixture.pair({ auth }, { auth });
    await pushImage(source, "a:1", image);
    for (const server of [source, target]) server.faults.add({ match: { ...match, nth: 2, times: Infinity }, action });
    const told: unknown[] = [];
    const tell = (event: unknown) => told.push(event);
    const client = fixture.client([source, target], { onEvent: tell, retry: { attempts: 2 } }, () => USER);
    await client
      .copy(at(source, "a:1"), at(target, "b:1"), { onProgress: tell, referrers: true })
      .then(tell, (error: Error) => told.push(error, error.message, error.stack, error.cause));
    await client.head(at(source, "a:1")).then(tell, tell);
    const text = inspect(told, { depth: 20, showHidden: true });
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });
});

it("no line of a key file is in an error, in whatever form a registry repeats it", async () => {
  const key = JSON.stringify(
    { type: "account", private_key: "-----BEGIN\ns3cr3t+line/of\nkey=\n", id: 7 },
    undefined,
    2,
  );
  const said = [key, JSON.stringify(key), encodeURIComponent(key), new URLSearchParams({ key }).toString()];
  for (const auth of [{ scheme: "basic" as const }, { scheme: "bearer" as const }]) {
    const server = await fixture.registry({ auth: { ...auth, users: { _json_key: key } } });
    for (const message of said) {
      server.faults.clear();
      const body = JSON.stringify({ errors: [{ code: "DENIED", message }] });
      server.faults.add({ match: { times: Infinity, path: /./ }, action: { kind: "answer", status: 403, body } });
      const client = fixture.client([server], { retry: { attempts: 1 } }, () => ({
        username: "_json_key",
        password: key,
      }));
      const error = await client.resolve(at(server, "a:1")).catch((error: unknown) => error);
      expect(error).toMatchObject({ registry: server.host });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/s3cr3t|account|BEGIN/);
    }
  }
});

it("bearer tokens of one registry are never seen by the other", async () => {
  const auth: AuthOptions = { scheme: "bearer", users };
  const [source, target] = await fixture.pair({ auth }, { auth });
  await pushImage(source, "a:1", image);
  await fixture.client([source, target], {}, () => USER).copy(at(source, "a:1"), at(target, "b:1"));
  const seen = (server: TestRegistry) =>
    new Set(server.requests.find({ service: "registry" }).flatMap(({ authorization }) => authorization ?? []));
  const [atSource, atTarget] = [seen(source), seen(target)];
  expect(atSource.size).toBeGreaterThan(0);
  expect(atTarget.size).toBeGreaterThan(0);
  for (const hash of atSource) expect(atTarget.has(hash)).toBe(false);
});

describe("whoever prints registries sees no secret", () => {
  const KEY = "-----BEGIN PRIVATE KEY-----\ns3cr3t-key-of-client\n-----END PRIVATE KEY-----\n";
  const keychain: Keychain = { credentialsFor: () => Promise.resolve({ kind: "basic", ...USER }) };
  const ways: [string, AuthOptions, Partial<RegistryAccess>][] = [
    ["given for Basic", { scheme: "basic", users }, USER],
    ["given for Bearer", { scheme: "bearer", users }, USER],
    ["of a keychain", { scheme: "bearer", users }, {}],
  ];

  it.each(ways)("%s", async (_, auth, access) => {
    const [source, target] = await fixture.pair({ auth }, { auth });
    await pushImage(source, "a:1", image);
    const environment = { PULUMI_ACCESS_TOKEN: "s3cr3t-of-environment", HTTPS_PROXY: "http://u:s3cr3t-of-proxy@p:1" };
    const client = fixture.client([source, target], { keychain, environment }, () => access);
    await client.copy(at(source, "a:1"), at(target, "b:1"));
    // A client certificate is of no use without TLS; what is asked is whether its key can be seen.
    const unused = new Registries({
      access: [{ host: "r.io", ...USER, clientCertificate: { cert: "c", key: KEY } }],
    });
    unused.client("r.io");
    const printed = [client, client.client(source.host), client.client(source.host).session, unused].flatMap(
      (value) => [
        inspect(value),
        inspect(value, { depth: 20, showHidden: true }),
        inspect(value, { depth: 20, customInspect: false }),
      ],
    );
    for (const text of printed) {
      for (const secret of [...SECRETS, "s3cr3t", "BEGIN PRIVATE"]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/(?:Bearer|Basic) [\w-]{8}/);
    }
  });
});
