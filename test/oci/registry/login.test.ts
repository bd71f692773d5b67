import {
  certificateAuthority,
  hashAuthorization,
  type AuthOptions,
  type RegistryOptions,
  type TestRegistry,
} from "../../support/registry";
import { basicAuthorization, type Credentials } from "../../../src/oci/auth/credentials";
import type { RegistryAccess } from "../../../src/oci/transport/access";
import { makeImage, pushImage } from "../../support/images";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();
const USER = { username: "robot", password: "p:ass/wörd" };
const users = { robot: USER.password };
const basic: AuthOptions = { scheme: "basic", users };
const bearer: AuthOptions = { scheme: "bearer", users };
const image = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (seed) => [
    { size: 800_000, seed },
    { size: 900, seed: "s" },
  ],
});

async function pair(source: RegistryOptions, target: RegistryOptions = source): Promise<[TestRegistry, TestRegistry]> {
  const servers = await fixture.pair(target, source);
  await pushImage(servers[0], "team/app:1", image);
  return servers;
}
const copy = (
  [source, target]: readonly [TestRegistry, TestRegistry],
  access: (server: TestRegistry) => Partial<RegistryAccess> = () => USER,
) => fixture.client([source, target], {}, access).copy(at(source, "team/app:1"), at(target, "m/app:1"));

describe("ways to log in", () => {
  const ways: [string, RegistryOptions, Partial<RegistryAccess>][] = [
    ["Basic", { auth: basic }, USER],
    ["Bearer", { auth: bearer }, USER],
    ["Bearer from a token service on another port", { auth: { ...bearer, tokenService: "otherHost" } }, USER],
    ["Basic over TLS", { auth: basic, tls: true }, USER],
    ["Bearer over TLS with a client certificate", { auth: bearer, tls: { clientCertificates: true } }, USER],
    [
      "Artifact Registry's key file",
      { auth: { scheme: "bearer", users: { _json_key: JSON.stringify({ key: "x".repeat(2000) }) } } },
      { username: "_json_key", password: JSON.stringify({ key: "x".repeat(2000) }) },
    ],
    [
      "a Microsoft Entra token at Azure",
      {
        behaviour: "acr",
        auth: { ...bearer, exchange: { "entra-token": [{ repositories: "*", actions: ["pull", "push"] }] } },
      },
      { azureToken: { accessToken: "entra-token", tenant: "t" } },
    ],
    ["short-lived tokens", { auth: { ...bearer, expiresIn: 1 } }, USER],
  ];
  it.each(ways)("%s", async (name, options, access) => {
    const servers = await pair(options);
    const client = name.includes("client certificate") ? await clientCertificate() : {};
    await copy(servers, () => ({ ...access, ...client }));
    expect(await servers[1].defects("m/app", "1")).toEqual([]);
  });

  it("anonymous where the registry allows it", async () => {
    const anonymous = [{ repositories: "*", actions: ["pull" as const] }];
    const servers = await pair({ auth: { ...bearer, anonymous } }, { auth: basic });
    await copy(servers, (server) => (server === servers[1] ? USER : {}));
    expect(await servers[1].defects("m/app", "1")).toEqual([]);
  });

  it("one login serves all requests: a token is asked for once for each scope", async () => {
    const servers = await pair({ auth: bearer });
    await copy(servers);
    for (const { requests } of servers) {
      const tokens = requests.find({ service: "token" });
      expect(new Set(tokens.map(({ path }) => path)).size).toBe(tokens.length);
    }
  });
});

async function clientCertificate(): Promise<Partial<RegistryAccess>> {
  const { certificate: cert, key } = await (await certificateAuthority()).issue(["client"]);
  return { clientCertificate: { cert, key } };
}

describe("a login that fails", () => {
  it.each<[string, RegistryOptions]>([
    ["Basic", { auth: basic }],
    ["Bearer", { auth: bearer }],
    ["Basic of ECR", { auth: basic, behaviour: { wrongCredentials: 403 } }],
  ])("is an error that names registry and user, not the password: %s", async (_, options) => {
    const servers = await pair(options, {});
    const error = await failure(copy(servers, () => ({ username: "robot", password: "wrong-secret" })));
    expect(error).toMatchObject({ code: "LOGIN_REFUSED", registry: servers[0].host, user: "robot" });
    expect(error.message).toContain(servers[0].host);
    expect(error.message).toContain("robot");
    expect(error.message).not.toContain("wrong-secret");
  });

  it.each<[string, RegistryOptions]>([
    ["Basic", { auth: basic }],
    ["Bearer", { auth: bearer }],
  ])("without credentials says that they are needed: %s", async (_, options) => {
    const servers = await pair(options, {});
    const error = await failure(copy(servers, () => ({})));
    expect(error).toMatchObject({ registry: servers[0].host });
    expect(["LOGIN_REQUIRED", "ACCESS_DENIED"]).toContain(error.code);
  });

  it("a login without the right to push is denied by name", async () => {
    const access = [{ repositories: "*", actions: ["pull" as const] }];
    const users = { robot: { password: USER.password, access } };
    const servers = await pair({ auth: { scheme: "bearer", users } });
    const error = await failure(copy(servers));
    expect(error).toMatchObject({ code: "ACCESS_DENIED", registry: servers[1].host, user: "robot" });
  });
});

it("a source and a target on one host have tokens for both repositories, and no more rights", async () => {
  const access = [
    { repositories: "team/app", actions: ["pull" as const] },
    { repositories: "m/app", actions: ["pull" as const, "push" as const] },
  ];
  const server = await fixture.registry({
    auth: { scheme: "bearer", users: { robot: { password: USER.password, access } }, expiresIn: 1 },
  });
  await pushImage(server, "team/app:1", image);
  await copy([server, server]);
  expect(await server.defects("m/app", "1")).toEqual([]);
  expect(server.requests.count({ method: "POST", path: /mount=/, status: 201 })).toBeGreaterThan(0);
  const scopes = server.requests
    .find({ service: "token" })
    .map(({ path }) => new URL(path, server.url).searchParams.getAll("scope").join(" "));
  expect(scopes).toContain("repository:m/app:pull,push repository:team/app:pull");
  expect(scopes).toContain("repository:team/app:pull");
  expect(scopes.join(" ")).not.toContain("repository:team/app:pull,push");
});

describe("a token that dies while images are copied", () => {
  it.each(["HEAD", "GET", "POST", "PATCH", "PUT"])("is renewed, seen at %s", async (method) => {
    const servers = await pair({ auth: bearer });
    for (const server of servers)
      server.faults.add({
        match: { method, path: /blobs|manifests/, nth: 2 },
        action: { kind: "answer", status: 401, headers: { "www-authenticate": realm(server) } },
      });
    await copy(servers);
    expect(servers[0].faults.met + servers[1].faults.met).toBeGreaterThan(0);
    expect(await servers[1].defects("m/app", "1")).toEqual([]);
  });

  it("is renewed when the registry forgot all tokens", async () => {
    const servers = await pair({ auth: bearer });
    const [source, target] = servers;
    const client = fixture.client(servers, {}, () => USER);
    await client.copy(at(source, "team/app:1"), at(target, "m/app:1"));
    target.revokeTokens();
    source.revokeTokens();
    await client.copy(at(source, "team/app:1"), at(target, "m/other:1"));
    expect(await target.defects("m/other", "1")).toEqual([]);
  });

  it("with new credentials from the keychain where the old ones are no more", async () => {
    for (const behaviour of [{}, { wrongCredentials: 403 as const }]) {
      const [source, target] = await pair({}, { auth: basic, behaviour });
      let password = USER.password;
      const asked: string[] = [];
      const keychain = {
        credentialsFor: (host: string): Promise<Credentials | undefined> => {
          asked.push(host);
          return Promise.resolve(host === target.host ? { kind: "basic", username: "robot", password } : undefined);
        },
      };
      const client = fixture.client([source, target], { keychain });
      await client.copy(at(source, "team/app:1"), at(target, "m/app:1"));
      target.setPassword("robot", "next");
      password = "next";
      await client.copy(at(source, "team/app:1"), at(target, "m/app:2"));
      expect(target.tag("m/app", "2")).toBe(image.digest);
      expect(asked).toContain(target.host);
    }
  });

  it("with credentials that the keychain is asked for by all images at a time, whose helpers run once then", async () => {
    const [source, target] = await pair({}, { auth: basic });
    let asking = 0;
    let together = 0;
    const keychain = {
      credentialsFor: async (host: string): Promise<Credentials | undefined> => {
        together = Math.max(together, ++asking);
        await new Promise((resolve) => setTimeout(resolve, 50));
        asking--;
        return host === target.host ? { kind: "basic", ...USER } : undefined;
      },
    };
    const client = fixture.client([source, target], { keychain });
    const names = [1, 2, 3, 4, 5].map((i) => `m/app${i}`);
    await Promise.all(names.map((name) => client.copy(at(source, "team/app:1"), at(target, `${name}:1`))));
    expect(names.map((name) => target.tag(name, "1"))).toEqual(names.map(() => image.digest));
    expect(together).toBeGreaterThanOrEqual(5);
  });

  it("with new credentials from the keychain where those of an upload end on its way", async () => {
    const [source, target] = await pair({}, { auth: basic, behaviour: { wrongCredentials: 403 } });
    let password = USER.password;
    const credentialsFor = (host: string): Promise<Credentials | undefined> =>
      Promise.resolve(host === target.host ? { kind: "basic", username: "robot", password } : undefined);
    target.faults.add({
      match: { method: "POST", path: /uploads\/$/ },
      action: { kind: "meanwhile", happen: () => target.setPassword("robot", (password = "next")) },
    });
    const client = fixture.client([source, target], { keychain: { credentialsFor } });
    await client.copy(at(source, "team/app:1"), at(target, "m/app:1"));
    expect(await target.defects("m/app", "1")).toEqual([]);
  });
});

const realm = (server: TestRegistry) => `Bearer realm="${server.url}/token",service="test-registry"`;

describe("credentials go to their own host alone", () => {
  const secretHashes = [hashAuthorization(basicAuthorization(USER))];

  it("not to the storage that a registry redirects to", async () => {
    for (const auth of [basic, bearer]) {
      const servers = await pair({ auth, objectStorage: true });
      await copy(servers);
      expect(await servers[1].defects("m/app", "1")).toEqual([]);
      const storage = servers[0].requests.find({ service: "storage" });
      expect(storage.length).toBeGreaterThan(0);
      expect(storage.every(({ headerNames }) => !headerNames.includes("authorization"))).toBe(true);
    }
  });

  it("not to another registry that an upload's Location names", async () => {
    const other = await fixture.registry();
    const [source, target] = await pair({}, { auth: basic });
    target.faults.add({
      match: { method: "POST", times: Infinity },
      action: { kind: "answer", status: 202, headers: { location: `${other.url}/v2/stolen/blobs/uploads/1` } },
    });
    await failure(copy([source, target]));
    expect(other.requests.count()).toBeGreaterThan(0);
    expect(other.requests.all.every(({ headerNames }) => !headerNames.includes("authorization"))).toBe(true);
    expect(target.tags("m/app")).toEqual([]);
  });

  it("not to a redirect's target that asks for a login", async () => {
    const thief = await fixture.registry({ auth: { ...basic, users: {} } });
    const [source, target] = await pair({ auth: basic }, {});
    source.faults.add({
      match: { method: "GET", path: /\/blobs\//, times: Infinity },
      action: { kind: "redirect", to: `${thief.url}/v2/a/blobs/sha256:${"0".repeat(64)}` },
    });
    await failure(copy([source, target]));
    expect(thief.requests.count()).toBeGreaterThan(0);
    expect(thief.requests.all.every(({ headerNames }) => !headerNames.includes("authorization"))).toBe(true);
  });

  it("not to a token service of another host, unless the user names it", async () => {
    // 127.0.0.2 is another host than 127.0.0.1, as the trust of names sees it.
    const service = await fixture.registry({ host: "127.0.0.2", auth: bearer });
    const realm = `${service.url}/token`;
    const servers = await pair({ auth: { ...bearer, realm } }, {});
    const error = await failure(copy(servers));
    expect(error).toMatchObject({ code: "TOKEN_SERVICE_UNTRUSTED", tokenService: service.host });
    expect(service.requests.all).toEqual([]);
    await failure(copy(servers, () => ({ ...USER, tokenServices: ["127.0.0.2"] })));
    expect(service.requests.all.map(({ authorization }) => authorization)).toContain(secretHashes[0]);
  });

  it.each<[string, RegistryAccess | object]>([
    ["GET", USER],
    ["POST", { identityToken: "refresh-secret" }],
  ])("not to where a token service redirects to (%s), if it is not itself", async (method, access) => {
    for (const status of [301, 302, 307, 308]) {
      const thief = await fixture.registry({ auth: bearer });
      const [source, target] = await pair({ auth: bearer }, {});
      source.faults.add({
        match: { method, path: /^\/token/, times: Infinity },
        action: { kind: "redirect", to: `${thief.url}/token?scope=repository:team/app:pull`, status },
      });
      const error = await failure(copy([source, target], () => access));
      expect(error).toMatchObject({ code: "LOCATION_REFUSED", registry: source.host, location: thief.host });
      expect(thief.requests.all).toEqual([]);
    }
  });

  it("but to another place at the token service itself", async () => {
    const [source, target] = await pair({ auth: bearer }, {});
    source.faults.add({
      match: { path: /^\/token/ },
      action: { kind: "redirect", to: "/token?service=test-registry&scope=repository:team/app:pull", status: 302 },
    });
    await copy([source, target]);
    expect(await target.defects("m/app", "1")).toEqual([]);
  });

  it("not those of Docker Hub to the proxy that serves its images, whose own they are", async () => {
    const [proxy, target] = await fixture.pair({}, { auth: bearer });
    await pushImage(proxy, "hub/library/nginx:1", image);
    const asked: string[] = [];
    const keychain = {
      credentialsFor: (host: string, repository?: string): Promise<Credentials | undefined> => {
        asked.push(`${host} ${repository}`);
        const password = host === proxy.host ? USER.password : "of-docker-hub";
        return Promise.resolve({ kind: "basic", username: "robot", password });
      },
    };
    const access = (server: TestRegistry) =>
      server === proxy ? { host: "docker.io", location: `${proxy.host}/hub` } : {};
    const nginx = { ...at(proxy, "library/nginx:1"), registry: "docker.io" };
    await fixture.client([proxy, target], { keychain }, access).copy(nginx, at(target, "nginx:1"));
    expect(asked).toContain(`${proxy.host} hub/library/nginx`);
    expect(asked.join()).not.toContain("docker.io");
    const error = await failure(fixture.client([proxy], {}, access).resolve(nginx));
    expect(error).toMatchObject({ code: "LOGIN_REQUIRED", registry: "docker.io" });
    expect(error.message).toContain(`docker login ${proxy.host}`);
  });

  it("not from one registry to the other of the same copy", async () => {
    const sourceUser = { username: "reader", password: "r-secret" };
    const [source, target] = await fixture.pair(
      { auth: basic },
      { auth: { scheme: "basic", users: { reader: sourceUser.password } } },
    );
    await pushImage(source, "team/app:1", image);
    await copy([source, target], (server) => (server === source ? sourceUser : USER));
    const seen = (server: TestRegistry) => new Set(server.requests.all.flatMap((r) => r.authorization ?? []));
    expect([...seen(source)]).toEqual([hashAuthorization(basicAuthorization(sourceUser))]);
    expect([...seen(target)]).toEqual(secretHashes);
  });
});
