import * as pulumi from "@pulumi/pulumi";
import { AzureCloud } from "../../../src/azure/azureCloud";
import { CopyMethod } from "../../../src/copy/copyMethod";
import { AcrRegistry } from "../../../src/registry/acr/acrRegistry";
import { AcrSku, type AcrRegistryArgs } from "../../../src/registry/acr/acrRegistryArgs";
import { value } from "../../support/providers/mockedEngine";
import { letRefusedChildrenFail } from "../refusedChildren";
import { base, HOST, ID, mockedAzure, SUBSCRIPTION } from "./acrUnderTest";

const { engine, made } = mockedAzure();
const { registered, called } = engine;

letRefusedChildrenFail();

describe("address", () => {
  it("is made of the name, before anything exists and without the provider", async () => {
    engine.answers = {};
    const registry = new AcrRegistry("mirror", { ...base, registryName: "Contoso1", path: "platform" });
    expect(await registry.address).toEqual({ host: HOST, path: "platform" });
    expect(await value(registry.host)).toBe(HOST);
  });

  it.each([
    [AzureCloud.UsGovernment, "contoso1.azurecr.us"],
    [AzureCloud.China, "contoso1.azurecr.cn"],
  ])("in the cloud %s is %s", async (cloud, host) => {
    expect(await new AcrRegistry("mirror", { ...base, cloud }).address).toEqual({ host });
  });

  it("of a registry with a domain name label is given", async () => {
    const host = "contoso1-a1b2c3.azurecr.io";
    const registry = new AcrRegistry("mirror", { registryName: "contoso1", existing: true, host });
    expect(await registry.address).toEqual({ host });
  });

  it("follows the cloud of the stack, and refuses one that it does not know", async () => {
    pulumi.runtime.setConfig("azure-native:environment", "china");
    expect(await new AcrRegistry("mirror", base).address).toEqual({ host: "contoso1.azurecr.cn" });
    pulumi.runtime.setConfig("azure-native:environment", "moon");
    expect(() => new AcrRegistry("mirror", base)).toThrow(/"moon".*Give cloud/);
    pulumi.runtime.setConfig("azure-native:environment", "public");
  });

  const rule = { upstream: "quay.io", path: "quay" };
  it.each<[Partial<AcrRegistryArgs>, RegExp]>([
    [{ registryName: "my-registry" }, /"my-registry", and a name has letters and digits alone/],
    [{ registryName: "abcd" }, /5 to 50 characters, and this one has 4/],
    [{ registryName: "a".repeat(51) }, /this one has 51/],
    [{ path: "Platform" }, /path is "Platform", and a name is lower-case/],
    [{ path: "/platform" }, /no empty segment/],
    [{ sku: AcrSku.Basic, anonymousPull: true }, /anonymousPull needs AcrSku.Standard/],
    [
      { zoneRedundancy: true, publicNetworkAccess: false },
      /publicNetworkAccess: false, zoneRedundancy needs AcrSku.Premium/,
    ],
    [
      { allowedIpRanges: ["203.0.113.0/24"], sku: AcrSku.Standard },
      /allowedIpRanges needs AcrSku.Premium, and its sku is Standard/,
    ],
    [{ existing: true, sku: AcrSku.Premium, tags: {} }, /it exists, and sku, tags would be ignored/],
    [{ existing: true, resourceGroupName: undefined, pullers: { aks: "p" } }, /no resourceGroupName/],
    [{ existing: true, resourceGroupName: undefined, cacheRules: [rule] }, /no resourceGroupName/],
    [{ resourceGroupName: undefined }, /no resourceGroupName/],
    [{ existing: true, resourceGroupName: undefined, copyWith: CopyMethod.AcrImport }, /no resourceGroupName/],
    [
      { copyWith: CopyMethod.PullThrough },
      /copyWith is "pull-through", and images come .* by process or acr-import, or by cacheRules/,
    ],
    [
      { cacheRules: [rule, { upstream: "ghcr.io", path: "quay/gh" }] },
      /for ghcr.io overlaps the one for quay.io: quay\/gh and quay/,
    ],
    [{ cacheRules: [rule], path: "quay/own" }, /for quay.io holds the registry's path quay\/own/],
    [{ cacheRules: [{ upstream: "hub", path: "hub" }] }, /for hub names no registry/],
    [{ cacheRules: [{ upstream: "docker.io/Library", path: "hub" }] }, /names no repositories: a name is lower-case/],
    [{ cacheRules: [{ upstream: "docker.io", path: "hub/" }] }, /cannot be at "hub\/"/],
  ])("with %j is refused", async (args, reason) => {
    const { address } = new AcrRegistry("mirror", { ...base, ...args });
    await expect(address).rejects.toMatchObject({ code: "INVALID_REGISTRY" });
    await expect(address).rejects.toThrow(reason);
  });

  it("reports several problems together", async () => {
    const { address } = new AcrRegistry("mirror", { ...base, registryName: "x", path: "Y", zoneRedundancy: true });
    await expect(address).rejects.toThrow(/"x".*"Y".*Premium/);
  });

  it("needs no resource group where nothing is made", async () => {
    const rules = [{ upstream: "quay.io", path: "quay", existing: true }];
    const registry = new AcrRegistry("mirror", { registryName: "contoso1", existing: true, cacheRules: rules });
    expect(await registry.address).toEqual({ host: HOST });
    expect(registry.layout.upstreams).toMatchObject([{ upstream: "quay.io", path: "quay" }]);
  });
});

describe("logins", () => {
  it("pushes with a token of the provider, secret, and gives pods none", async () => {
    const registry = new AcrRegistry("mirror", { registryName: "contoso1", existing: true });
    expect(await pulumi.isSecret(registry.pushAccess)).toBe(true);
    expect(await value(registry.pushAccess)).toEqual({ host: HOST, azureToken: { accessToken: "entra-1" } });
    expect(registry.pullCredentials).toBeUndefined();
    expect(called).toEqual([{ token: "azure-native:authorization:getClientToken", inputs: {} }]);
  });

  it("asks for a token for ACR itself where those for Resource Manager are off", async () => {
    await value(new AcrRegistry("mirror", { ...base, armTokens: false }).pushAccess);
    const tokens = called.filter(({ token }) => token.endsWith(":getClientToken"));
    // The other one is for imports, which Resource Manager is asked for.
    expect(tokens.map(({ inputs }) => inputs)).toEqual([{ endpoint: "https://containerregistry.azure.net" }, {}]);
  });

  it("are unknown while the provider's configuration is", async () => {
    engine.answers = {};
    pulumi.runtime.setAllConfig({});
    const { pushAccess } = new AcrRegistry("mirror", base);
    expect(await (pushAccess as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
  });
});

describe("copies", () => {
  it("by the registry itself know it in Resource Manager, and are not those that a cache rule serves", async () => {
    const args = { ...base, copyWith: CopyMethod.AcrImport, cacheRules: [{ upstream: "ghcr.io", path: "gh" }] };
    const registry = new AcrRegistry("importing", args);
    expect(await value(registry.pushAccess)).toEqual({
      host: HOST,
      azureToken: { accessToken: "entra-1" },
      resourceManager: { url: "https://management.azure.com", registryId: ID, accessToken: "entra-1" },
    });
    const images = [
      { source: "quay.io/team/web:1.0", target: `${HOST}/team/web:1.0`, locations: [] },
      { source: "ghcr.io/team/api:1.0", target: `${HOST}/gh/team/api:1.0`, locations: [] },
    ];
    for (const copy of registry.mirrorImages(images, [])) await value(copy.urn);
    const methods = registered
      .filter(({ type, name }) => type.endsWith(":ImageCopy") && name.startsWith("importing/"))
      .map(({ name, inputs }) => [name, inputs["method"]]);
    expect(Object.fromEntries(methods)).toEqual({
      "importing/quay.io/team/web:1.0": "acr-import",
      "importing/ghcr.io/team/api:1.0": "pull-through",
    });
  });
});

describe("the way that a release chooses", () => {
  const images = [{ source: "quay.io/team/web:1.0", target: `${HOST}/team/web:1.0`, locations: [] }];

  it("may be an import", async () => {
    const registry = new AcrRegistry("chosen", base);
    for (const { resource } of registry.mirrorImages(images, [], { copyWith: CopyMethod.AcrImport }))
      await value(resource.urn);
    expect(registered.find(({ name }) => name.startsWith("chosen/"))?.inputs["method"]).toBe("acr-import");
  });

  it("is refused where the registry's place in Azure is not known", () => {
    const registry = new AcrRegistry("mirror", { registryName: "contoso1", existing: true });
    expect(() => registry.mirrorImages(images, [], { copyWith: CopyMethod.AcrImport })).toThrow(
      /process, kubernetes, pull-through/,
    );
  });
});

describe("the registry", () => {
  const registryInputs = {
    registryName: "contoso1",
    resourceGroupName: "platform",
    sku: { name: "Standard" },
    adminUserEnabled: false,
    // What the SDK itself fills in.
    anonymousPullEnabled: false,
    networkRuleBypassOptions: "AzureServices",
    publicNetworkAccess: "Enabled",
    zoneRedundancy: "Disabled",
  };

  it("is plain unless more is asked for", async () => {
    const of = await made({});
    expect(of("containerregistry:Registry")).toEqual([
      { type: "azure-native:containerregistry:Registry", name: "mirror", inputs: registryInputs },
    ]);
    expect(of("")).toHaveLength(1);
  });

  it("has all that it was given", async () => {
    const of = await made({
      location: "westeurope",
      sku: AcrSku.Premium,
      anonymousPull: true,
      publicNetworkAccess: false,
      allowedIpRanges: ["203.0.113.0/24"],
      trustedServices: false,
      zoneRedundancy: true,
      armTokens: false,
      tags: { team: "platform" },
    });
    expect(of("containerregistry:Registry")[0]?.inputs).toMatchObject({
      ...registryInputs,
      location: "westeurope",
      sku: { name: "Premium" },
      anonymousPullEnabled: true,
      publicNetworkAccess: "Disabled",
      networkRuleSet: { defaultAction: "Deny", ipRules: [{ action: "Allow", iPAddressOrRange: "203.0.113.0/24" }] },
      networkRuleBypassOptions: "None",
      zoneRedundancy: "Enabled",
      policies: { azureADAuthenticationAsArmPolicy: { status: "disabled" } },
      tags: { team: "platform" },
    });
  });

  it("is not made when it exists", async () => {
    const of = await made({ existing: true });
    expect(of("containerregistry:Registry")).toEqual([]);
  });
});

describe("pullers", () => {
  it("each get AcrPull on the registry, created or not", async () => {
    for (const existing of [false, true]) {
      const of = await made({ existing, pullers: { aks: "principal-1", spare: "principal-2" } });
      expect(of("authorization:RoleAssignment")).toEqual(
        ["aks", "spare"].map((name, index) => ({
          type: "azure-native:authorization:RoleAssignment",
          name: `mirror-${name}`,
          inputs: {
            scope: ID,
            principalId: `principal-${index + 1}`,
            principalType: "ServicePrincipal",
            roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d`,
          },
        })),
      );
    }
  });
});

it("refuses targets that ACR cannot hold, all at once", () => {
  const registry = new AcrRegistry("mirror", base);
  const targets = [`${HOST}/Team/web:1`, `${HOST}/${"a/".repeat(130)}x:1`, `${HOST}/team/web:1`];
  expect(() => registry.refuseTargets(targets.map((target) => ({ source: "quay.io/x:1", target })))).toThrow(
    /2 problems[\s\S]*"Team\/web": a name is lower-case[\s\S]*at most 256/,
  );
});
