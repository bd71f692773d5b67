import { allows } from "./access";
import { hashAuthorization, type RegistryOptions, type TestRegistry } from "..";
import { makeImage, pushImage } from "../../images";
import { basic, errorCode, rawRequest, type RawAnswer } from "../transport/rawRequest";
import { registriesOfTest } from "../registriesOfTest";

const users = {
  admin: "admin-secret",
  reader: { password: "reader-secret", access: [{ repositories: "team/*", actions: ["pull"] }] },
} as const;
const MANIFEST = "/v2/team/app/manifests/1.0";

const startRegistry = registriesOfTest();
let registry: TestRegistry;
async function start(options: RegistryOptions): Promise<void> {
  registry = await startRegistry(options);
  await pushImage(registry, "team/app:1.0", makeImage());
}

const get = (path: string, authorization?: string) =>
  rawRequest(registry, "GET", path, authorization === undefined ? {} : { headers: { authorization } });
const post = (path: string, form: Record<string, string>) =>
  rawRequest(registry, "POST", path, { body: new URLSearchParams(form).toString() });
const json = (answer: RawAnswer) => JSON.parse(answer.body.toString()) as Record<string, string>;

describe("patterns", () => {
  test.each([
    ["*", "any/thing", true],
    ["team/*", "team/a/b", true],
    ["team/*", "teams/a", false],
    ["team/app", "team/app", true],
    ["team.app", "teamxapp", false],
  ])("%s covers %s: %s", (repositories, repository, expected) => {
    expect(allows([{ repositories, actions: ["pull"] }], repository, "pull")).toBe(expected);
    expect(allows([{ repositories, actions: ["pull"] }], repository, "push")).toBe(false);
  });
});

describe("basic", () => {
  test.each([
    ["no login", "GET", undefined, 401],
    ["a wrong password", "GET", basic("admin", "wrong"), 401],
    ["an unknown user", "GET", basic("nobody", "admin-secret"), 401],
    ["another scheme", "GET", "Bearer admin-secret", 401],
    ["the right password", "GET", basic("admin", "admin-secret"), 200],
    ["rights to pull", "GET", basic("reader", "reader-secret"), 200],
    ["no right to delete", "DELETE", basic("reader", "reader-secret"), 403],
  ])("%s, %s", async (_, method, authorization, status) => {
    await start({ auth: { scheme: "basic", users } });
    const answer = await rawRequest(registry, method, MANIFEST, authorization ? { headers: { authorization } } : {});
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers["www-authenticate"]).toBe(`Basic realm="${registry.url}/"`);
  });

  test("anonymous rights, and a changed password", async () => {
    const anonymous = [{ repositories: "team/*", actions: ["pull"] as const }];
    await start({ auth: { scheme: "basic", users, anonymous } });
    expect((await get(MANIFEST)).status).toBe(200);
    expect((await get("/v2/private/app/manifests/1")).status).toBe(401);
    registry.setPassword("reader", "rotated");
    expect((await get(MANIFEST, basic("reader", "reader-secret"))).status).toBe(401);
    expect((await get(MANIFEST, basic("reader", "rotated"))).status).toBe(200);
    expect((await get("/v2/private/app/manifests/1", basic("reader", "rotated"))).status).toBe(403);
  });
});

test("logins that somebody else knows", async () => {
  const check = (name: string, password: string) =>
    name === "AWS" && password.startsWith("signed.")
      ? [{ repositories: "team/*", actions: ["pull"] as const }]
      : undefined;
  await start({ auth: { scheme: "basic", users, check } });
  expect((await get(MANIFEST, basic("AWS", "signed.1"))).status).toBe(200);
  expect((await get(MANIFEST, basic("AWS", "forged"))).status).toBe(401);
  expect((await get(MANIFEST, basic("admin", "admin-secret"))).status).toBe(200);
});

describe("bearer", () => {
  const scope = (actions: string, repository = "team/app") => `scope=repository:${repository}:${actions}`;
  const token = async (query: string, authorization?: string) =>
    json(await get(`/token?${query}`, authorization)).token;

  test("the challenge names realm, service and scope", async () => {
    await start({ auth: { scheme: "bearer", users } });
    const answer = await get(MANIFEST);
    expect([answer.status, errorCode(answer)]).toEqual([401, "UNAUTHORIZED"]);
    expect(answer.headers["www-authenticate"]).toBe(
      `Bearer realm="${registry.url}/token",service="test-registry",scope="repository:team/app:pull"`,
    );
    const push = await rawRequest(registry, "POST", "/v2/team/app/blobs/uploads/");
    expect(push.headers["www-authenticate"]).toContain('scope="repository:team/app:pull,push"');
  });

  test("a token opens what its scope and its user allow, and nothing else", async () => {
    await start({ auth: { scheme: "bearer", users } });
    const admin = basic("admin", "admin-secret");
    const pull = `Bearer ${await token(scope("pull"), admin)}`;
    expect((await get(MANIFEST, pull)).status).toBe(200);
    const other = await get("/v2/team/other/tags/list", pull);
    expect([other.status, other.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining("insufficient_scope"),
    ]);
    expect(
      (await rawRequest(registry, "POST", "/v2/team/app/blobs/uploads/", { headers: { authorization: pull } })).status,
    ).toBe(401);
    const both = await token(`${scope("pull")}&${scope("pull,push", "team/other")}`, admin);
    expect((await get("/v2/team/other/tags/list", `Bearer ${both}`)).status).toBe(404);
    const reader = await token(scope("pull,push"), basic("reader", "reader-secret"));
    const headers = { authorization: `Bearer ${reader}` };
    expect((await get(MANIFEST, headers.authorization)).status).toBe(200);
    expect((await rawRequest(registry, "POST", "/v2/team/app/blobs/uploads/", { headers })).status).toBe(401);
  });

  test("a mount needs the right to pull from the other repository", async () => {
    await start({ auth: { scheme: "bearer", users } });
    const layer = makeImage().blobs[1]?.digest;
    const mount = async (scopes: string) => {
      const authorization = `Bearer ${await token(scopes, basic("admin", "admin-secret"))}`;
      const path = `/v2/new/app/blobs/uploads/?mount=${layer}&from=team/app`;
      return (await rawRequest(registry, "POST", path, { headers: { authorization } })).status;
    };
    expect(await mount(scope("pull,push", "new/app"))).toBe(202);
    expect(await mount(`${scope("pull,push", "new/app")}&${scope("pull")}`)).toBe(201);
  });

  test("tokens expire and are revoked", async () => {
    let now = 1_000_000;
    await start({ auth: { scheme: "bearer", users, expiresIn: 60 }, now: () => now });
    const login = basic("admin", "admin-secret");
    const first = `Bearer ${await token(scope("pull"), login)}`;
    now += 59_000;
    expect((await get(MANIFEST, first)).status).toBe(200);
    now += 1_000;
    const expired = await get(MANIFEST, first);
    expect([expired.status, expired.headers["www-authenticate"]]).toEqual([
      401,
      expect.stringContaining("invalid_token"),
    ]);
    const second = `Bearer ${await token(scope("pull"), login)}`;
    registry.revokeTokens();
    expect((await get(MANIFEST, second)).status).toBe(401);
  });

  test("wrong logins, foreign services and other grants are refused", async () => {
    await start({ auth: { scheme: "bearer", users } });
    expect((await get("/token", basic("admin", "wrong"))).status).toBe(401);
    expect((await get("/token", "Negotiate x")).status).toBe(401);
    expect((await get("/token?service=other", basic("admin", "admin-secret"))).status).toBe(400);
    expect((await post("/token", { grant_type: "other" })).status).toBe(400);
    expect((await post("/token", { grant_type: "refresh_token", refresh_token: "x" })).status).toBe(401);
    expect((await get("/oauth2/exchange")).status).toBe(404);
  });

  test("anonymous tokens", async () => {
    const anonymous = [{ repositories: "team/*", actions: ["pull"] as const }];
    await start({ auth: { scheme: "bearer", users, anonymous } });
    expect((await get(MANIFEST)).status).toBe(401);
    expect((await get(MANIFEST, `Bearer ${await token(scope("pull"))}`)).status).toBe(200);
  });

  test("OAuth2: a password gives an identity token, and that gives access tokens", async () => {
    await start({ auth: { scheme: "bearer", users } });
    const login = { grant_type: "password", username: "admin", password: "admin-secret", service: "test-registry" };
    const { refresh_token = "" } = json(await post("/token", { ...login, access_type: "offline" }));
    const again = await post("/token", {
      grant_type: "refresh_token",
      refresh_token,
      scope: "repository:team/app:pull",
    });
    expect((await get(MANIFEST, `Bearer ${json(again).access_token}`)).status).toBe(200);
    expect(json(await get("/token?offline_token=true", basic("admin", "admin-secret"))).refresh_token).toBeDefined();
  });

  test("a token service with an address of its own is logged as such", async () => {
    await start({ auth: { scheme: "bearer", users, tokenService: "otherHost" } });
    const challenge = (await get(MANIFEST)).headers["www-authenticate"] ?? "";
    expect(challenge).toContain(`realm="http://${registry.tokenHost}/token"`);
    const authorization = basic("admin", "admin-secret");
    const url = `http://${registry.tokenHost}`;
    const answer = await rawRequest({ url }, "GET", "/token?scope=repository:team/app:pull", {
      headers: { authorization },
    });
    expect((await get(MANIFEST, `Bearer ${json(answer).token}`)).status).toBe(200);
    expect(registry.requests.find({ service: "token" })).toMatchObject([
      { host: registry.tokenHost, authorization: hashAuthorization(authorization) },
    ]);
    expect((await get("/token")).status).toBe(404);
  });

  test("the token service can have another IP address, which the certificate names", async () => {
    // Only Linux answers on all of 127.0.0.0/8.
    const otherHost = process.platform === "linux" ? "127.0.0.2" : "127.0.0.1";
    await start({ auth: { scheme: "bearer", users, tokenService: "otherHost" }, tls: true, otherHost });
    expect(registry.tokenHost).toMatch(`${otherHost}:`);
    const ca = registry.ca ?? "";
    expect((await rawRequest({ url: `https://${registry.tokenHost}`, ca }, "GET", "/token")).status).toBe(200);
  });

  test("a realm elsewhere, for tests of clients that must not follow it", async () => {
    await start({ auth: { scheme: "bearer", users, realm: "http://127.0.0.9/token" } });
    expect((await get("/v2/")).headers["www-authenticate"]).toContain('realm="http://127.0.0.9/token"');
  });
});

describe("ACR's tokens", () => {
  const exchange = { "aad-token": [{ repositories: "*", actions: ["pull"] as const }] };
  const service = "test-registry";

  test("an Azure AD token becomes a refresh token, and that an access token, as form and as password", async () => {
    await start({ behaviour: "acr", auth: { scheme: "bearer", users, exchange } });
    expect((await get(MANIFEST)).headers["www-authenticate"]).toContain(`realm="${registry.url}/oauth2/token"`);
    const exchanged = await post("/oauth2/exchange", {
      grant_type: "access_token",
      service,
      tenant: "t",
      access_token: "aad-token",
    });
    const { refresh_token = "" } = json(exchanged);
    const scope = "repository:team/app:pull";
    const form = await post("/oauth2/token", { grant_type: "refresh_token", service, scope, refresh_token });
    expect(Object.keys(json(form))).toEqual(["access_token"]);
    expect((await get(MANIFEST, `Bearer ${json(form).access_token}`)).status).toBe(200);
    const login = basic("00000000-0000-0000-0000-000000000000", refresh_token);
    const query = await get(`/oauth2/token?service=${service}&scope=${scope}`, login);
    expect((await get(MANIFEST, `Bearer ${json(query).access_token}`)).status).toBe(200);
    const scopeMap = await get(`/oauth2/token?service=${service}&scope=${scope}`, basic("reader", "reader-secret"));
    expect((await get(MANIFEST, `Bearer ${json(scopeMap).access_token}`)).status).toBe(200);
  });

  test.each([
    [{ grant_type: "access_token", service, access_token: "wrong" }, 401],
    [{ grant_type: "access_token", service: "other", access_token: "aad-token" }, 400],
    [{ grant_type: "password", service, access_token: "aad-token" }, 400],
  ])("exchange of %j → %s", async (form, status) => {
    await start({ behaviour: "acr", auth: { scheme: "bearer", users, exchange } });
    expect((await post("/oauth2/exchange", form)).status).toBe(status);
  });
});
