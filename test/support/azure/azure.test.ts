import { makeImage, pushImage } from "../images";
import { rawRequest } from "../registry/transport/rawRequest";
import { startRegistry, type TestRegistry } from "../registry";
import { startAzure, type Azure } from ".";

let azure: Azure;
let acr: TestRegistry;
let id: string;

beforeEach(async () => {
  azure = await startAzure();
  acr = await azure.startAcr("contoso1");
  id = `/subscriptions/${azure.subscription}/resourceGroups/platform/providers/Microsoft.ContainerRegistry/registries`;
});
afterEach(() => Promise.all([azure, acr].map((one) => one.close())));

const registry = (more: object = {}, sku = "Basic") => ({
  location: "westeurope",
  sku: { name: sku },
  properties: more,
});

async function exchange(token: string): Promise<number> {
  const body = new URLSearchParams({ grant_type: "access_token", service: "test-registry", access_token: token });
  return (await rawRequest(acr, "POST", "/oauth2/exchange", { body: body.toString() })).status;
}

test("registries exchange tokens of their tenant for Resource Manager or ACR, and no others", async () => {
  expect(await exchange(azure.token())).toBe(401); // There is no such registry yet.
  await azure.put(`${id}/contoso1`, registry());
  const tokens = [
    azure.token(),
    azure.token("https://containerregistry.azure.net"),
    azure.token("https://vault.azure.net"),
    azure.token(undefined, azure.stranger()),
    "entra.made-up",
  ];
  expect(await Promise.all(tokens.map(exchange))).toEqual([200, 200, 401, 401, 401]);
  const policies = { azureADAuthenticationAsArmPolicy: { status: "disabled" } };
  await azure.put(`${id}/contoso1`, registry({ policies }));
  expect(await Promise.all(tokens.slice(0, 2).map(exchange))).toEqual([401, 200]);
});

test.each<[string, string, object, RegExp]>([
  ["a name with a dash", "contoso-1", registry(), /InvalidResourceName/],
  ["a property that there is not", "contoso1", registry({ adminUser: true }), /has no property adminUser/],
  ["a value that there is not", "contoso1", registry({ publicNetworkAccess: "Off" }), /not one of Enabled, Disabled/],
  ["a body without its SKU", "contoso1", { location: "x", properties: {} }, /lacks sku/],
  ["zones without Premium", "contoso1", registry({ zoneRedundancy: "Enabled" }), /SkuNotSupported/],
  ["a name that is taken elsewhere", "Contoso9", registry(), /AlreadyInUse/],
])("%s is refused", async (_what, name, body, reason) => {
  azure.resources.createGroup("other");
  await azure.put(id.replace("platform", "other") + "/contoso9", registry());
  await expect(azure.put(`${id}/${name}`, body)).rejects.toThrow(reason);
});

test("cache rules serve their upstream, and do not overlap", async () => {
  const upstream = await startRegistry();
  const image = makeImage();
  await pushImage(upstream, "library/nginx:1", image);
  const own = await startAzure({ upstreams: { "docker.io": { url: upstream.url } } });
  const cache = await own.startAcr("contoso1");
  const at = id.replace(azure.subscription, own.subscription);
  await own.put(`${at}/contoso1`, registry());
  const rule = (sourceRepository: string, targetRepository: string) => ({
    properties: { sourceRepository, targetRepository },
  });
  await own.put(`${at}/contoso1/cacheRules/hub-rule`, rule("docker.io/*", "hub/*"));
  await expect(own.put(`${at}/contoso1/cacheRules/other`, rule("quay.io/*", "hub/quay/*"))).rejects.toThrow(/Overlaps/);
  const form = new URLSearchParams({ grant_type: "access_token", service: "test-registry", access_token: own.token() });
  const { refresh_token } = JSON.parse(
    (await rawRequest(cache, "POST", "/oauth2/exchange", { body: form.toString() })).body.toString(),
  ) as { refresh_token: string };
  const ask = new URLSearchParams({
    grant_type: "refresh_token",
    service: "test-registry",
    scope: "repository:hub/library/nginx:pull",
    refresh_token,
  });
  const { access_token } = JSON.parse(
    (await rawRequest(cache, "POST", "/oauth2/token", { body: ask.toString() })).body.toString(),
  ) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await rawRequest(cache, "GET", "/v2/hub/library/nginx/manifests/1", { headers })).status).toBe(200);
  expect(cache.tag("hub/library/nginx", "1")).toBe(image.digest);
  await Promise.all([own, cache, upstream].map((one) => one.close()));
});
