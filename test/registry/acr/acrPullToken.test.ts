import * as pulumi from "@pulumi/pulumi";
import { AcrRegistry } from "../../../src/registry/acr/acrRegistry";
import type { AcrRegistryArgs } from "../../../src/registry/acr/acrRegistryArgs";
import { value } from "../../support/providers/mockedEngine";
import { base, HOST, ID, mockedAzure } from "./acrUnderTest";

const { engine, made } = mockedAzure();
const { registered } = engine;

describe("a token for pods", () => {
  const actions = async (args: Partial<AcrRegistryArgs>) =>
    (await made({ ...args, pullToken: {} }))("containerregistry:ScopeMap")[0]?.inputs["actions"];

  it("may read what is mirrored and served", async () => {
    expect(await actions({})).toEqual(["repositories/*/content/read", "repositories/*/metadata/read"]);
    expect(await actions({ path: "platform", cacheRules: [{ upstream: "quay.io", path: "quay" }] })).toEqual([
      "repositories/platform/*/content/read",
      "repositories/platform/*/metadata/read",
      "repositories/quay/*/content/read",
      "repositories/quay/*/metadata/read",
    ]);
  });

  it("is made with a password, which the pull secret has", async () => {
    const registry = new AcrRegistry("deploy/eu", { ...base, pullToken: { rotation: "1" } });
    if (!registry.pullCredentials) throw new Error("no pull credentials");
    expect(await pulumi.isSecret(registry.pullCredentials)).toBe(true);
    expect(await value(registry.pullCredentials)).toMatchObject({ host: HOST, username: "deploy-eu-pull" });
    const inputs = (type: string) =>
      registered.find((one) => one.type.endsWith(type) && one.name === "deploy/eu-pull")?.inputs;
    expect(inputs(":Token")).toEqual({
      registryName: "contoso1",
      resourceGroupName: "platform",
      tokenName: "deploy-eu-pull",
      scopeMapId: "deploy/eu-pull-id",
      status: "enabled",
    });
    expect(inputs(":AcrTokenPassword")).toMatchObject({
      tokenName: "deploy-eu-pull",
      registryId: ID,
      rotation: "1",
      resourceManager: { value: { url: "https://management.azure.com", registryId: ID, accessToken: "entra-1" } },
    });
  });
});
