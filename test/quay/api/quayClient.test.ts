import type { QuayClient } from "../../../src/quay/api/quayClient";
import {
  QuayExistsError,
  QuayFeatureOffError,
  QuayOrganizationMissingError,
  QuayPermissionError,
  QuayRefusedError,
  QuayTokenRefusedError,
  QuayUpstreamRefusedError,
} from "../../../src/quay/api/quayErrors";
import { KEY, quaysOfTest, UPSTREAM, type Setup } from "../quaysOfTest";

const { empty, created } = quaysOfTest();
const config = { upstream: `${UPSTREAM}/appcircle`, expirationSeconds: 3600, insecure: false };

describe("QuayClient", () => {
  it("makes, reads and deletes an organization", async () => {
    const { client } = await empty();
    expect(await client.organizations.find("team")).toBeUndefined();
    await client.organizations.create("team", "a@example.com");
    expect(await client.organizations.find("team")).toEqual({ email: "a@example.com", teams: { owners: "admin" } });
    await client.organizations.changeEmail("team", "b@example.com");
    expect(await client.organizations.find("team")).toMatchObject({ email: "b@example.com" });
    await client.organizations.delete("team");
    expect(await client.organizations.find("team")).toBeUndefined();
  });

  it("makes an organization a proxy cache, and tells what it proxies", async () => {
    const { client, quay } = await created();
    expect(await client.proxyCaches.find("team")).toBeUndefined();
    await client.proxyCaches.create("team", config, { username: "_json_key", password: KEY });
    expect(await client.proxyCaches.find("team")).toEqual(config);
    expect(quay.state.organizations.get("team")?.proxy?.upstream_registry_password).toBe(KEY);
    await client.proxyCaches.delete("team");
    await client.proxyCaches.delete("team");
    expect(await client.proxyCaches.find("team")).toBeUndefined();
  });

  it("makes robots whose token stays until it is asked for another", async () => {
    const { client } = await created();
    const robot = await client.robots.create("team", "pull", "text");
    expect(robot.username).toBe("team+pull");
    expect(await client.robots.find("team", "pull")).toEqual(robot);
    const again = await client.robots.regenerate("team", "pull");
    expect(again.token).not.toBe(robot.token);
    await client.robots.delete("team", "pull");
    await client.robots.delete("team", "pull");
    expect(await client.robots.find("team", "pull")).toBeUndefined();
    expect(await client.robots.find("elsewhere", "pull")).toBeUndefined();
  });

  it("keeps teams, default permissions and repositories", async () => {
    const { client, quay } = await created();
    await client.robots.create("team", "pull", "");
    await client.teams.put("team", "pullers", "member", "");
    await client.teams.addMember("team", "pullers", "team+pull");
    expect(await client.teams.find("team", "pullers")).toEqual({ role: "member", members: ["team+pull"] });
    await client.teams.removeMember("team", "pullers", "team+pull");
    expect(await client.teams.find("team", "pullers")).toEqual({ role: "member", members: [] });
    await client.teams.delete("team", "pullers");
    await client.teams.delete("team", "pullers");
    expect(await client.teams.find("team", "pullers")).toBeUndefined();

    await client.defaultPermissions.create("team", "team+pull", "read");
    const [permission] = await client.defaultPermissions.list("team");
    expect(permission).toMatchObject({ role: "read", delegate: "team+pull" });
    await client.defaultPermissions.change("team", permission!.id, "write");
    await client.repositories.create("team", "minio/miniob", false);
    expect(quay.state.organizations.get("team")?.repositories.get("minio/miniob")?.roles.get("team+pull")).toBe(
      "write",
    );
    expect(await client.repositories.list("team")).toEqual(["minio/miniob"]);
    await client.repositories.changeVisibility("team", "minio/miniob", true);
    expect(await client.repositories.find("team", "minio/miniob")).toEqual({ isPublic: true, hasTags: false });
    await client.repositories.delete("team", "minio/miniob");
    expect(await client.repositories.find("team", "minio/miniob")).toBeUndefined();
    await client.defaultPermissions.delete("team", permission!.id);
    expect(await client.defaultPermissions.list("team")).toEqual([]);
  });

  const failures: [string, Setup, (client: QuayClient) => Promise<unknown>, new (...args: never[]) => Error, RegExp][] =
    [
      [
        "a wrong token",
        { token: "wrong-token" },
        (q) => q.organizations.find("team"),
        QuayTokenRefusedError,
        /QUAY_TOKEN/,
      ],
      [
        "no user:admin",
        { scopes: ["org:admin"] },
        (q) => q.organizations.create("new", ""),
        QuayPermissionError,
        /user:admin/,
      ],
      ["no org:admin", { scopes: ["user:admin"] }, (q) => q.robots.find("team", "r"), QuayPermissionError, /org:admin/],
      [
        "no repo:admin",
        { scopes: ["repo:read"] },
        (q) => q.repositories.delete("team", "a"),
        QuayPermissionError,
        /repo:admin/,
      ],
      [
        "no organization",
        {},
        (q) => q.robots.create("gone", "r", ""),
        QuayOrganizationMissingError,
        /gone does not exist.*existing/,
      ],
      ["an organization twice", {}, (q) => q.organizations.create("team", ""), QuayExistsError, /existing: true/],
      ["a user's name", {}, (q) => q.organizations.create("ada", ""), QuayExistsError, /organization or user ada/],
      [
        "no email",
        { features: { mailing: true } },
        (q) => q.organizations.create("new", undefined),
        QuayRefusedError,
        /`email`/,
      ],
      [
        "no proxies",
        { features: { proxyCache: false } },
        (q) => q.proxyCaches.find("new"),
        QuayFeatureOffError,
        /FEATURE_PROXY_CACHE: true/,
      ],
      [
        "a wrong key",
        {},
        (q) => q.proxyCaches.create("team", config, { username: "_json_key", password: "not-the-key" }),
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
});
