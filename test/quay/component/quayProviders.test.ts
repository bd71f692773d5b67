import { quayProviders } from "../../../src/quay/component/quayProviders";
import { QuayClient } from "../../../src/quay/api/quayClient";
import { QuayConnection } from "../../../src/quay/api/quayConnection";
import { startQuay, type Quay } from "../../support/quay";
import { startRegistry, type TestRegistry } from "../../support/registry";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let quay: Quay;
let upstream: TestRegistry;
let warnings: string[];
let machineToken: string | undefined;
let providers: ReturnType<typeof quayProviders>;

beforeEach(async () => {
  upstream = await startRegistry({ auth: { scheme: "bearer", users: { puller: "secret-1" } } });
  quay = await startQuay({ upstreams: { "up.example.com": { url: upstream.url } } });
  warnings = [];
  machineToken = undefined;
  providers = newProcess();
});
afterEach(() => Promise.all([quay.close(), upstream.close()]));

/** Providers that know nothing of earlier runs. */
const newProcess = () =>
  quayProviders({
    clientFor: (access) => new QuayClient(new QuayConnection(access)),
    machineToken: () => machineToken,
    log: { info: () => undefined, warn: (message) => warnings.push(message), status: () => undefined },
  });

/** What a resource keeps once it is made. */
async function created(provider: (typeof providers)["quayRobot"], news: object): Promise<Record<string, unknown>> {
  return ((await provider.create(news)) as { outs: Record<string, unknown> }).outs;
}

const inputs = (token = quay.issueToken()) => ({
  host: quay.host,
  organization: "team",
  access: { token, plainHttp: true },
});
const proxy = (password = "secret-1") => ({
  ...inputs(),
  upstream: "up.example.com/images",
  username: "puller",
  password,
  expirationSeconds: 60,
  insecure: false,
});

// With them lifecycleProvider and quayService are tested, which stand behind every one.
describe("the providers of Quay's resources", () => {
  it("put the old proxy cache back when the new one is refused", async () => {
    quay.state.createOrganization("team", "", "ada");
    const { quayProxyCache } = providers;
    const outs = await created(quayProxyCache, proxy());
    await expect(quayProxyCache.update!("id", outs, proxy("wrong-secret"))).rejects.toThrow(/as user "puller"/);
    expect(quay.state.organizations.get("team")?.proxy).toMatchObject({ upstream_registry_password: "secret-1" });
  });

  it("see what others have changed, and mend it", async () => {
    quay.state.createOrganization("team", "", "ada");
    const { quayProxyCache } = providers;
    const news = proxy();
    const outs = await created(quayProxyCache, news);
    expect(await quayProxyCache.diff!("id", outs, news)).toEqual({ changes: false });
    expect(await quayProxyCache.diff!("id", outs, { ...news, access: inputs().access })).toEqual({ changes: false });
    quay.state.organizations.get("team")!.proxy!.expiration_s = 5;
    expect(await quayProxyCache.diff!("id", outs, news)).toEqual({ changes: true });
    expect(await quayProxyCache.read!("id", outs)).toMatchObject({ props: { expirationSeconds: 5 } });
    await quayProxyCache.update!("id", outs, news);
    expect(await quayProxyCache.diff!("id", outs, news)).toEqual({ changes: false });
    quay.state.organizations.delete("team");
    expect(await quayProxyCache.diff!("id", outs, news)).toEqual({ changes: true });
    expect(await quayProxyCache.read!("id", outs)).toEqual({});
    expect(warnings.join()).toMatch(/expirationSeconds of the proxy cache.*it will be as it was.*missing at Quay/s);
  });

  it("give a robot another token when they are asked to, and never else", async () => {
    quay.state.createOrganization("team", "", "ada");
    const { quayRobot } = providers;
    const news = { ...inputs(), name: "pull" };
    const outs = await created(quayRobot, news);
    const unchanged = await quayRobot.update!("id", outs, news);
    expect(unchanged.outs).toMatchObject({ token: (outs as { token: string }).token });
    expect(await quayRobot.diff!("id", outs, { ...news, rotation: "2026" })).toEqual({ changes: true });
    const rotated = await quayRobot.update!("id", outs, { ...news, rotation: "2026" });
    expect((rotated.outs as { token: string }).token).not.toBe((outs as { token: string }).token);
    // A token that somebody regenerated in Quay is taken over.
    quay.state.organizations.get("team")!.robots.set("pull", "BY-HAND");
    expect(await quayRobot.diff!("id", rotated.outs, { ...news, rotation: "2026" })).toEqual({ changes: true });
    expect((await quayRobot.update!("id", rotated.outs, { ...news, rotation: "2026" })).outs).toMatchObject({
      token: "BY-HAND",
    });
  });

  it("delete with the newest token that they know, or the machine's", async () => {
    const { quayOrganization } = providers;
    const news = { ...inputs(), forceDelete: false };
    const outs = await created(quayOrganization, news);
    quay.revokeToken(news.access.token);
    await expect(newProcess().quayOrganization.delete!("id", outs)).rejects.toThrow(/refused the API token/);
    const rotated = { ...inputs(), forceDelete: false };
    expect(await quayOrganization.check!(news, rotated)).toEqual({ inputs: rotated });
    await quayOrganization.delete!("id", outs);
    expect(quay.state.organizations.size).toBe(0);

    const again = await created(quayOrganization, rotated);
    quay.revokeToken(rotated.access.token);
    machineToken = quay.issueToken();
    await newProcess().quayOrganization.delete!("id", again);
    expect(quay.state.organizations.size).toBe(0);
  });

  it("refuse in the preview what exists, what Quay cannot do, and names that it does not take", async () => {
    quay.state.createOrganization("team", "", "ada");
    const check = (organization: string, access: object = inputs().access) =>
      providers.quayOrganization.check!({}, { ...inputs(), organization, access, forceDelete: false });
    const reasons = async (organization: string) => (await check(organization)).failures?.map(({ reason }) => reason);
    expect(await reasons("team")).toEqual([expect.stringMatching(/exists at Quay.*existing: true/)]);
    expect(await reasons("Team")).toEqual([expect.stringMatching(/lower-case/)]);
    expect(await reasons("other")).toBeUndefined();
    expect((await check("team", { token: UNKNOWN })).failures).toBeUndefined();
    providers = newProcess();
    expect((await check("team", {})).failures?.[0]?.reason).toMatch(/no API token.*QUAY_TOKEN/);
  });

  it("keep an organization that holds repositories, unless they may delete it", async () => {
    const { quayOrganization } = providers;
    const news = { ...inputs(), forceDelete: false };
    const outs = await created(quayOrganization, news);
    quay.state.createRepository(quay.state.organizations.get("team")!, "app", "ada");
    await expect(quayOrganization.delete!("id", outs)).rejects.toThrow(/holds 1 repositories \(app\).*forceDelete/);
    await quayOrganization.delete!("id", { ...outs, forceDelete: true });
    expect(quay.state.organizations.size).toBe(0);
  });
});
