import { cacheRulesOf, isRegistryNameFree } from "../../src/azure/registryLookups";
import type { ResourceManagerDependencies } from "../../src/azure/resourceManager";
import { HttpTransport } from "../../src/oci/transport/http";
import { DEFAULT_RETRY, Retrier } from "../../src/oci/transport/retry";
import { systemClock } from "../../src/oci/transport/clock";
import { startAzure, type Azure } from "../support/azure";

let azure: Azure;
let transport: HttpTransport;
beforeEach(async () => {
  azure = await startAzure();
  transport = new HttpTransport({});
});
afterEach(async () => {
  transport.close();
  await azure.close();
});

const dependencies = (): ResourceManagerDependencies => ({
  transport,
  retrier: new Retrier(systemClock, Math.random, { ...DEFAULT_RETRY, attempts: 1 }, () => undefined),
  clock: systemClock,
});
const login = () => ({ url: azure.url, accessToken: azure.token() });
const registryId = () =>
  `/subscriptions/${azure.subscription}/resourceGroups/platform/providers/Microsoft.ContainerRegistry/registries/contoso1`;
const make = () => azure.put(registryId(), { location: "westeurope", sku: { name: "Basic" }, properties: {} });
const free = (name: string) => isRegistryNameFree(login(), azure.subscription, name, dependencies());

it("tells whether a registry's name is taken, by whomever", async () => {
  expect(await free("contoso1")).toBe(true);
  await make();
  azure.resources.taken.add("fabrikam1");
  expect([await free("Contoso1"), await free("Fabrikam1"), await free("fabrikam2")]).toEqual([false, false, true]);
});

it("tells a registry's cache rules", async () => {
  await make();
  expect(await cacheRulesOf(login(), registryId(), dependencies())).toEqual([]);
  await azure.put(`${registryId()}/cacheRules/mirror-quay`, {
    properties: { sourceRepository: "quay.io/*", targetRepository: "quay/*" },
  });
  expect(await cacheRulesOf(login(), registryId(), dependencies())).toEqual([
    { name: "mirror-quay", target: "quay/*" },
  ]);
});

it("fails where Azure refuses to tell", async () => {
  await expect(cacheRulesOf(login(), registryId(), dependencies())).rejects.toMatchObject({
    code: "AZURE_REQUEST_FAILED",
  });
  const stranger = { url: azure.url, accessToken: "wrong" };
  await expect(isRegistryNameFree(stranger, azure.subscription, "contoso1", dependencies())).rejects.toMatchObject({
    code: "AZURE_LOGIN_REFUSED",
  });
});
