import { QuayClient } from "../../../src/quay/api/quayClient";
import { QuayConnection } from "../../../src/quay/api/quayConnection";
import { QuayRefusedError } from "../../../src/quay/api/quayErrors";
import { KEY, quaysOfTest, UPSTREAM } from "../quaysOfTest";

const { empty, created } = quaysOfTest();
const config = { upstream: `${UPSTREAM}/appcircle`, expirationSeconds: 3600, insecure: false };

describe("QuayConnection", () => {
  it("repeats no secret that Quay repeats", async () => {
    const { client, quay } = await created();
    for (const detail of [`On instance: ${KEY}`, JSON.stringify({ password: KEY }), "abcdef0123456789 is refused"]) {
      quay.failOnce(/POST .*validateproxycache/, 422, {}, { detail });
      const login = { username: "_json_key", password: KEY };
      const error = await client.proxyCaches.create("team", config, login).catch((failure: Error) => failure);
      expect((error as Error).message).not.toContain("abcdef0123456789");
    }
  });

  it("waits as it is asked, and does not repeat what may have been done", async () => {
    const { client, quay, slept } = await created();
    quay.failOnce(/GET .*organization/, 429, { "retry-after": "7" });
    await client.organizations.find("team");
    expect(Math.max(...slept)).toBeGreaterThanOrEqual(7000);
    quay.failOnce(/GET .*organization/, 502);
    await client.organizations.find("team");
    quay.failOnce(/PUT .*robots/, 502);
    await expect(client.robots.create("team", "pull", "")).rejects.toThrow(QuayRefusedError);
    expect(quay.requests.filter(({ method }) => method === "PUT")).toHaveLength(1);
    quay.failOnce(/PUT .*robots/, 503, { "retry-after": "1" });
    await client.robots.create("team", "pull", "");
  });

  it.each([502, 503, 504, 520, 521, 522, 523, 524, 525, 530])(
    "asks again after %i of what stands before a Quay, and writes again where that was not reached",
    async (status) => {
      const { client, quay } = await created();
      quay.failOnce(/GET .*organization/, status);
      await client.organizations.find("team");
      quay.failOnce(/PUT .*robots/, status);
      const written = client.robots.create("team", "pull", "");
      if ([503, 521, 523, 525, 530].includes(status)) await written;
      else await expect(written).rejects.toThrow(QuayRefusedError);
    },
  );

  it("sends its token to no other host", async () => {
    const { client, quay } = await created();
    const other = await empty();
    quay.failOnce(/GET/, 302, { location: `http://${other.quay.host}/api/v1/organization/team` });
    await expect(client.organizations.find("team")).rejects.toThrow(
      /redirects to 127\.0\.0\.1:\d+, where the token is not sent/,
    );
    expect(other.quay.requests).toEqual([]);
  });

  it("trusts the authority that it is given, and never plain http unasked", async () => {
    const { client, quay } = await created({ tls: { names: [] } });
    expect(await client.organizations.find("team")).toBeDefined();
    const connect = (access: object) =>
      new QuayClient(
        new QuayConnection({ host: quay.host, token: "t0ken-text", ...access }, { retry: { attempts: 1 } }),
      );
    await expect(connect({}).organizations.find("team")).rejects.toThrow(/certificate/);
    const plain = await created();
    await expect(
      new QuayClient(new QuayConnection({ host: plain.quay.host, token: "t0ken-text" })).organizations.find("team"),
    ).rejects.toThrow(/does not answer with TLS/);
  });
});
