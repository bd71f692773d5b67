import { refuseUndeclared } from "./declaredInputs";

const sku = { name: "Basic" };

it.each<[string, object, RegExp | undefined]>([
  ["aws:ecr/repository:Repository", { name: "a/b", imageScanningConfiguration: { scanOnPush: true } }, undefined],
  ["aws:ecr/repository:Repository", { nmae: "a/b" }, /"nmae"/],
  [
    "aws:ecr/repository:Repository",
    { imageScanningConfiguration: { scan: true } },
    /imageScanningConfiguration\.scan"/,
  ],
  ["aws:ecr/repository:Repository", { encryptionConfigurations: [{ kms: "k" }] }, /encryptionConfigurations\.kms"/],
  [
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    { scanType: "BASIC", rules: [{ scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ prefix: "a" }] }] },
    /rules\.repositoryFilters\.prefix"/,
  ],
  ["aws:ecr/getAuthorizationToken:getAuthorizationToken", { registry: "1" }, /"registry"/],
  ["azure-native:containerregistry:Registry", { resourceGroupName: "g", sku }, undefined],
  ["azure-native:containerregistry:Registry", { resourceGroupName: "g", sku: { tier: "x" } }, /"sku\.tier"/],
  [
    "azure-native:containerregistry:Registry",
    { resourceGroupName: "g", sku, networkRuleSet: { defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }] } },
    /"networkRuleSet\.ipRules\.value"/,
  ],
  ["azure-native:containerregistry:Registry", { sku: undefined }, undefined],
  [
    "aws:secretsmanager/secretVersion:SecretVersion",
    // A secret, as mocks are given it.
    { secretString: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "a" } },
    undefined,
  ],
  ["azure-native:authorization:getClientConfig", { tenant: "t" }, /"tenant"/],
  ["kubernetes:core/v1:Secret", { metadata: { name: "a" }, data: {} }, undefined],
  ["kubernetes:core/v1:Secret", { dta: {} }, /"dta"/],
  ["docker:index/registryImage:RegistryImage", { name: "a/b:1", keepRemotely: true, triggers: { a: "b" } }, undefined],
  ["docker:index/registryImage:RegistryImage", { keep: true }, /"keep"/],
  ["kubernetes:helm.sh/v3:Release", { chart: "a", chrat: "b" }, /"chrat"/],
  ["pulumi-chart-mirror:index:EcrRegistry", { whatever: 1 }, undefined],
])("%s with %j", (token, inputs, refusal) => {
  const check = () => refuseUndeclared(token, inputs);
  if (refusal) expect(check).toThrow(refusal);
  else expect(check).not.toThrow();
});

it("knows the resources of the packages and no others", () => {
  expect(() => refuseUndeclared("aws:ecr/nothing:Nothing", {})).toThrow(/@pulumi\/aws has no/);
  expect(() => refuseUndeclared("azure-native:containerregistry:Nothing", {})).toThrow(/has no azure-native/);
});
