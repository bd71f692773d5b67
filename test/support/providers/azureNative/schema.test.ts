import { apiVersionOf, azureSchema } from "./schema";

const REGISTRY = "azure-native:containerregistry:Registry";
const required = { resourceGroupName: "group", sku: { name: "Basic" } };
const failures = (...args: Parameters<typeof azureSchema.inputFailures>) =>
  azureSchema.inputFailures(...args).map(({ property }) => property);

describe("the schema of the installed @pulumi/azure-native", () => {
  it("has a version, the provider's own arguments and the versions of Azure's API", () => {
    expect(azureSchema.providerVersion).toMatch(/^3\./);
    expect([...azureSchema.providerSchema().keys()]).toEqual(expect.arrayContaining(["subscriptionId", "tenantId"]));
    expect(apiVersionOf("azure-native:authorization:RoleAssignment")).toBe("2022-04-01");
  });

  it("lets what the SDK declares pass", () => {
    const networkRuleSet = { defaultAction: "Deny", ipRules: [{ action: "Allow", iPAddressOrRange: "203.0.113.7" }] };
    expect(failures(REGISTRY, { ...required, registryName: "contoso1", networkRuleSet })).toEqual([]);
    expect(failures("azure-native:authorization:getClientToken", { endpoint: "https://vault.azure.net" })).toEqual([]);
  });

  it("refuses unknown, wrong and missing inputs, also in structures", () => {
    expect(failures(REGISTRY, { ...required, name: "a", adminUserEnabled: "no" })).toEqual([
      "name",
      "adminUserEnabled",
    ]);
    expect(failures(REGISTRY, { resourceGroupName: "group" })).toEqual(["sku"]);
    const networkRuleSet = { defaultAction: "Deny", ipRules: [{ action: "Allow", value: "203.0.113.7" }] };
    expect(failures(REGISTRY, { ...required, networkRuleSet })).toEqual([
      "networkRuleSet.ipRules.value",
      "networkRuleSet.ipRules.iPAddressOrRange",
    ]);
  });

  it("refuses arguments of functions too, and types that there are not", () => {
    expect(failures("azure-native:authorization:getClientConfig", { tenant: "t" })).toEqual(["tenant"]);
    expect(() => azureSchema.inputFailures("azure-native:containerregistry:Nothing", {})).toThrow(
      /has no azure-native/,
    );
  });
});
