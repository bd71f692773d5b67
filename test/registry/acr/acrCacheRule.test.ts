import { AcrRegistry } from "../../../src/registry/acr/acrRegistry";
import { base, mockedAzure, SUBSCRIPTION } from "./acrUnderTest";

const { made } = mockedAzure();

describe("cache rules", () => {
  it("map an upstream to a path, and the layout knows them", async () => {
    const cacheRules = [{ upstream: "quay.io/prometheus", path: "quay/prometheus" }];
    const of = await made({ cacheRules });
    expect(of("containerregistry:CacheRule")).toEqual([
      {
        type: "azure-native:containerregistry:CacheRule",
        name: "mirror/quay/prometheus",
        inputs: {
          registryName: "contoso1",
          resourceGroupName: "platform",
          cacheRuleName: expect.stringMatching(/^mirror-quay-prometheus-[0-9a-f]{8}$/) as string,
          sourceRepository: "quay.io/prometheus/*",
          targetRepository: "quay/prometheus/*",
        },
      },
    ]);
    expect(of("containerregistry:CredentialSet")).toEqual([]);
    expect(new AcrRegistry("other", { ...base, cacheRules }).layout.upstreams).toMatchObject(cacheRules);
  });

  it("log in with secrets of a vault that they may read", async () => {
    const login = {
      usernameSecret: "https://v.vault.azure.net/secrets/hub-user",
      passwordSecret: "https://v.vault.azure.net/secrets/hub-token",
      keyVaultId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/r/providers/Microsoft.KeyVault/vaults/v`,
    };
    const of = await made({ cacheRules: [{ upstream: "docker.io", path: "hub", login }] });
    expect(of("containerregistry:CredentialSet")[0]?.inputs).toMatchObject({
      registryName: "contoso1",
      credentialSetName: "mirror-hub",
      loginServer: "docker.io",
      identity: { type: "SystemAssigned" },
      authCredentials: [
        {
          name: "Credential1",
          usernameSecretIdentifier: login.usernameSecret,
          passwordSecretIdentifier: login.passwordSecret,
        },
      ],
    });
    expect(of("authorization:RoleAssignment")[0]?.inputs).toMatchObject({
      scope: login.keyVaultId,
      principalId: "cache-principal",
      roleDefinitionId: expect.stringContaining("4633458b-17de-408a-b874-0445c86b69e6") as string,
    });
    expect(of("containerregistry:CacheRule")[0]?.inputs).toMatchObject({
      cacheRuleName: "mirror-hub",
      credentialSetResourceId: expect.stringMatching(/^mirror\d+\/hub-id$/) as string,
    });
  });

  it("are not made when they exist", async () => {
    const of = await made({ cacheRules: [{ upstream: "quay.io", path: "quay", existing: true }] });
    expect(of("containerregistry:CacheRule")).toEqual([]);
  });
});
