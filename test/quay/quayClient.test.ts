import { QuayClient } from "../../src/quay/quayClient";
import { QuayConnection } from "../../src/quay/quayConnection";
import {
  QuayExistsError,
  QuayFeatureOffError,
  QuayOrganizationMissingError,
  QuayPermissionError,
  QuayRefusedError,
  QuayTokenRefusedError,
  QuayUpstreamRefusedError,
} from "../../src/quay/quayErrors";
import { startQuay, type Quay, type QuayOptions } from "../support/quay";
import { startRegistry, type TestRegistry } from "../support/registry";

const UPSTREAM = "europe-west1-docker.pkg.dev";
const KEY = JSON.stringify({ private_key: "-----BEGIN-----\nabcdef0123456789\n-----END-----" }, null, 2);
const config = { upstream: `${UPSTREAM}/appcircle`, expirationSeconds: 3600, insecure: false };

let upstream: TestRegistry;
const running: Quay[] = [];
beforeAll(async () => {
  upstream = await startRegistry({ auth: { scheme: "bearer", users: { _json_key: KEY } } });
});
afterAll(() => upstream.close());
afterEach(() => Promise.all(running.splice(0).map((quay) => quay.close())));

interface Setup extends QuayOptions {
  scopes?: string[];
  token?: string;
}
async function setup({ scopes, token, ...options }: Setup = {}) {
  const quay = await startQuay({ upstreams: { [UPSTREAM]: { url: upstream.url } }, ...options });
  running.push(quay);
  const slept: number[] = [];
  let now = 0;
  const sleep = (ms: number) => {
    slept.push(ms);
    now += ms;
    return Promise.resolve();
  };
  const connection = new QuayConnection(
    {
      host: quay.host,
      token: token ?? quay.issueToken(scopes),
      ...(quay.ca === undefined ? { plainHttp: true } : { caCertificates: [quay.ca] }),
    },
    { clock: { now: () => now, sleep }, random: () => 0 },
  );
  return { quay, client: new QuayClient(connection), slept };
}
const created = async (options?: Setup) => {
  const made = await setup(options);
  made.quay.state.createOrganization("team", "a@b.c", "ada");
  return made;
};

describe("QuayClient", () => {
  it("makes, reads and deletes an organization", async () => {
    const { client } = await setup();
    expect(await client.organization("team")).toBeUndefined();
    await client.createOrganization("team", "a@example.com");
    expect(await client.organization("team")).toEqual({ email: "a@example.com", teams: { owners: "admin" } });
    await client.changeEmail("team", "b@example.com");
    expect(await client.organization("team")).toMatchObject({ email: "b@example.com" });
    await client.deleteOrganization("team");
    expect(await client.organization("team")).toBeUndefined();
  });

  it("makes an organization a proxy cache, and tells what it proxies", async () => {
    const { client, quay } = await created();
    expect(await client.proxyCache("team")).toBeUndefined();
    await client.createProxyCache("team", config, { username: "_json_key", password: KEY });
    expect(await client.proxyCache("team")).toEqual(config);
    expect(quay.state.organizations.get("team")?.proxy?.upstream_registry_password).toBe(KEY);
    await client.deleteProxyCache("team");
    await client.deleteProxyCache("team");
    expect(await client.proxyCache("team")).toBeUndefined();
  });

  it("makes robots whose token stays until it is asked for another", async () => {
    const { client } = await created();
    const robot = await client.createRobot("team", "pull", "text");
    expect(robot.username).toBe("team+pull");
    expect(await client.robot("team", "pull")).toEqual(robot);
    const again = await client.regenerateRobot("team", "pull");
    expect(again.token).not.toBe(robot.token);
    await client.deleteRobot("team", "pull");
    await client.deleteRobot("team", "pull");
    expect(await client.robot("team", "pull")).toBeUndefined();
    expect(await client.robot("elsewhere", "pull")).toBeUndefined();
  });

  it("keeps teams, default permissions and repositories", async () => {
    const { client, quay } = await created();
    await client.createRobot("team", "pull", "");
    await client.putTeam("team", "pullers", "member", "");
    await client.addTeamMember("team", "pullers", "team+pull");
    expect(await client.team("team", "pullers")).toEqual({ role: "member", members: ["team+pull"] });
    await client.removeTeamMember("team", "pullers", "team+pull");
    expect(await client.team("team", "pullers")).toEqual({ role: "member", members: [] });
    await client.deleteTeam("team", "pullers");
    await client.deleteTeam("team", "pullers");
    expect(await client.team("team", "pullers")).toBeUndefined();

    await client.createDefaultPermission("team", "team+pull", "read");
    const [permission] = await client.defaultPermissions("team");
    expect(permission).toMatchObject({ role: "read", delegate: "team+pull" });
    await client.changeDefaultPermission("team", permission!.id, "write");
    await client.createRepository("team", "minio/miniob", false);
    expect(quay.state.organizations.get("team")?.repositories.get("minio/miniob")?.roles.get("team+pull")).toBe(
      "write",
    );
    expect(await client.repositories("team")).toEqual(["minio/miniob"]);
    await client.changeVisibility("team", "minio/miniob", true);
    expect(await client.repository("team", "minio/miniob")).toEqual({ isPublic: true, hasTags: false });
    await client.deleteRepository("team", "minio/miniob");
    expect(await client.repository("team", "minio/miniob")).toBeUndefined();
    await client.deleteDefaultPermission("team", permission!.id);
    expect(await client.defaultPermissions("team")).toEqual([]);
  });

  const failures: [string, Setup, (client: QuayClient) => Promise<unknown>, new (...args: never[]) => Error, RegExp][] =
    [
      ["a wrong token", { token: "wrong-token" }, (q) => q.organization("team"), QuayTokenRefusedError, /QUAY_TOKEN/],
      [
        "no user:admin",
        { scopes: ["org:admin"] },
        (q) => q.createOrganization("new", ""),
        QuayPermissionError,
        /user:admin/,
      ],
      ["no org:admin", { scopes: ["user:admin"] }, (q) => q.robot("team", "r"), QuayPermissionError, /org:admin/],
      [
        "no repo:admin",
        { scopes: ["repo:read"] },
        (q) => q.deleteRepository("team", "a"),
        QuayPermissionError,
        /repo:admin/,
      ],
      [
        "no organization",
        {},
        (q) => q.createRobot("gone", "r", ""),
        QuayOrganizationMissingError,
        /gone does not exist.*existing/,
      ],
      ["an organization twice", {}, (q) => q.createOrganization("team", ""), QuayExistsError, /existing: true/],
      ["a user's name", {}, (q) => q.createOrganization("ada", ""), QuayExistsError, /organization or user ada/],
      [
        "no email",
        { features: { mailing: true } },
        (q) => q.createOrganization("new", undefined),
        QuayRefusedError,
        /`email`/,
      ],
      [
        "no proxies",
        { features: { proxyCache: false } },
        (q) => q.proxyCache("new"),
        QuayFeatureOffError,
        /FEATURE_PROXY_CACHE: true/,
      ],
      [
        "a wrong key",
        {},
        (q) => q.createProxyCache("team", config, { username: "_json_key", password: "not-the-key" }),
        QuayUpstreamRefusedError,
        /europe-west1-docker\.pkg\.dev\/appcircle as user "_json_key".*JSON key/,
      ],
    ];
  it.each(failures)("names the remedy for %s", async (_, options, act, type, text) => {
    const { client } = await created(options);
    const error = await act(client).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toMatch(text);
    expect((error as Error).message).not.toMatch(/wrong-token|not-the-key/);
  });

  it("repeats no secret that Quay repeats", async () => {
    const { client, quay } = await created();
    for (const detail of [`On instance: ${KEY}`, JSON.stringify({ password: KEY }), "abcdef0123456789 is refused"]) {
      quay.failOnce(/POST .*validateproxycache/, 422, {}, { detail });
      const login = { username: "_json_key", password: KEY };
      const error = await client.createProxyCache("team", config, login).catch((failure: Error) => failure);
      expect((error as Error).message).not.toContain("abcdef0123456789");
    }
  });

  it("waits as it is asked, and does not repeat what may have been done", async () => {
    const { client, quay, slept } = await created();
    quay.failOnce(/GET .*organization/, 429, { "retry-after": "7" });
    await client.organization("team");
    expect(Math.max(...slept)).toBeGreaterThanOrEqual(7000);
    quay.failOnce(/GET .*organization/, 502);
    await client.organization("team");
    quay.failOnce(/PUT .*robots/, 502);
    await expect(client.createRobot("team", "pull", "")).rejects.toThrow(QuayRefusedError);
    expect(quay.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
    quay.failOnce(/PUT .*robots/, 503, { "retry-after": "1" });
    await client.createRobot("team", "pull", "");
  });

  it("sends its token to no other host", async () => {
    const { client, quay } = await created();
    const other = await setup();
    quay.failOnce(/GET/, 302, { location: `http://${other.quay.host}/api/v1/organization/team` });
    await expect(client.organization("team")).rejects.toThrow(
      /redirects to 127\.0\.0\.1:\d+, where the token is not sent/,
    );
    expect(other.quay.requests).toEqual([]);
  });

  it("trusts the authority that it is given, and never plain http unasked", async () => {
    const { client, quay } = await created({ tls: { names: [] } });
    expect(await client.organization("team")).toBeDefined();
    const connect = (access: object) =>
      new QuayClient(
        new QuayConnection({ host: quay.host, token: "t0ken-text", ...access }, { retry: { attempts: 1 } }),
      );
    await expect(connect({}).organization("team")).rejects.toThrow(/certificate/);
    const plain = await created();
    await expect(
      new QuayClient(new QuayConnection({ host: plain.quay.host, token: "t0ken-text" })).organization("team"),
    ).rejects.toThrow(/does not answer with TLS/);
  });
});
