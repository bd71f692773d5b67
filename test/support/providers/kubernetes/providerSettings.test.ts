import { providerSettings } from "./providerSettings";

it("defaults as the real provider", () => {
  expect(providerSettings({}, {})).toEqual({
    kubeconfig: "",
    defaultNamespace: "",
    renderYamlToDirectory: "",
    serverSideApply: true,
    patchForce: false,
    upsertExistingObjects: false,
    mutable: { secrets: false, configMaps: false },
    helmEnvironment: {},
  });
});

it("takes the configuration over the environment", () => {
  const env = { PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true", PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE: "true" };
  expect(providerSettings({ enableSecretMutable: "false" }, env).mutable).toEqual({ secrets: false, configMaps: true });
});

it("tells helm where its files are", () => {
  const config = { helmReleaseSettings: JSON.stringify({ registryConfigPath: "/a/config.json", driver: "memory" }) };
  const env = {
    PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH: "/b/config.json",
    PULUMI_K8S_HELM_REPOSITORY_CACHE: "/b/cache",
  };
  expect(providerSettings(config, env).helmEnvironment).toEqual({
    HELM_DRIVER: "memory",
    HELM_REGISTRY_CONFIG: "/a/config.json",
    HELM_REPOSITORY_CACHE: "/b/cache",
  });
});
