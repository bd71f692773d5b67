import { HttpTransport } from "../../../src/oci/transport/http";
import { systemClock } from "../../../src/oci/transport/clock";
import { DEFAULT_RETRY, Retrier } from "../../../src/oci/transport/retry";
import {
  acrTokenPasswordProvider,
  type AcrTokenPasswordInputs,
} from "../../../src/registry/acr/acrTokenPasswordProvider";
import { startAzure, type Azure } from "../../support/azure";
import { basic, rawRequest } from "../../support/registry/transport/rawRequest";
import type { TestRegistry } from "../../support/registry";

let azure: Azure;
let acr: TestRegistry;
let transport: HttpTransport;
let registryId: string;

beforeEach(async () => {
  azure = await startAzure();
  acr = await azure.startAcr("contoso1");
  transport = new HttpTransport({});
  registryId = `/subscriptions/${azure.subscription}/resourceGroups/platform/providers/Microsoft.ContainerRegistry/registries/contoso1`;
  await azure.put(registryId, { location: "westeurope", sku: { name: "Basic" }, properties: {} });
  const actions = ["repositories/team/*/content/read"];
  await azure.put(`${registryId}/scopeMaps/pulls`, { properties: { actions } });
  await azure.put(`${registryId}/tokens/pulls`, { properties: { scopeMapId: `${registryId}/scopeMaps/pulls` } });
});
afterEach(async () => {
  transport.close();
  await Promise.all([azure, acr].map((one) => one.close()));
});

const provider = () => {
  const retrier = new Retrier(
    systemClock,
    () => 0,
    DEFAULT_RETRY,
    () => undefined,
  );
  return acrTokenPasswordProvider({ transport, retrier, clock: systemClock });
};
const inputs = (more: Partial<AcrTokenPasswordInputs> = {}): AcrTokenPasswordInputs => ({
  tokenName: "pulls",
  registryId,
  resourceManager: { url: azure.url, registryId, accessToken: azure.token() },
  ...more,
});
const mayLogIn = async ({ password }: AcrTokenPasswordInputs) => {
  const headers = { authorization: basic("pulls", String(password)) };
  return (await rawRequest(acr, "GET", "/oauth2/token?service=test-registry", { headers })).status === 200;
};

it("makes a password, and with another rotation another one beside it", async () => {
  const { create, diff, update } = provider();
  const { id, outs: first } = (await create(inputs({ rotation: "1" }))) as {
    id: string;
    outs: AcrTokenPasswordInputs;
  };
  expect(id).toBe(`${registryId}/tokens/pulls`);
  expect(await mayLogIn(first)).toBe(true);

  // Another login in Azure is no change.
  expect(await diff!(id, first, inputs({ rotation: "1" }))).toEqual({ changes: false, replaces: [] });
  expect(await diff!(id, first, inputs({ rotation: "2" }))).toEqual({ changes: true, replaces: [] });
  const { outs: second } = (await update!(id, first, inputs({ rotation: "2" }))) as { outs: AcrTokenPasswordInputs };
  expect(await Promise.all([first, second].map(mayLogIn))).toEqual([true, true]);
  const { outs: third } = (await update!(id, second, inputs({ rotation: "3" }))) as { outs: AcrTokenPasswordInputs };
  expect(await Promise.all([first, second, third].map(mayLogIn))).toEqual([false, true, true]);
});

it("is another one for another token", async () => {
  const old = { ...inputs(), password: "x" };
  expect(await provider().diff!("id", old, inputs({ tokenName: "others" }))).toEqual({
    changes: true,
    replaces: ["tokenName"],
  });
});

it("names the permission that is missing", async () => {
  azure.resources.deny("Microsoft.ContainerRegistry/registries/generateCredentials/action");
  await expect(provider().create(inputs())).rejects.toThrow(
    /Making a password of the token pulls.*generateCredentials\/action on .*contoso1/,
  );
});
