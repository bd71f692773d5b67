/** The provider's own configuration, with what it defaults to. */
export interface ProviderSettings {
  /** The kubeconfig, a path or its content; empty for the one of the environment. */
  readonly kubeconfig: string;
  readonly context?: string;
  readonly cluster?: string;
  /** The configured one; empty for that of the kubeconfig. */
  readonly defaultNamespace: string;
  /** Where objects are written into files; empty where they go into the cluster. */
  readonly renderYamlToDirectory: string;
  readonly serverSideApply: boolean;
  readonly patchForce: boolean;
  readonly upsertExistingObjects: boolean;
  /** Kinds whose data can change without a replacement. */
  readonly mutable: { readonly secrets: boolean; readonly configMaps: boolean };
  /** Paths that helm is told, where the configuration or the environment sets them. */
  readonly helmEnvironment: Readonly<Record<string, string>>;
}

/** Reads the configuration as the engine passes it: every value a string, anything nested as JSON. */
export function providerSettings(
  config: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  const flag = (key: string, variable: string, otherwise = false) => {
    const set = config[key] ?? env[variable];
    return set === undefined ? otherwise : set === "true";
  };
  const helm = JSON.parse(config["helmReleaseSettings"] ?? "{}") as Readonly<Record<string, string | undefined>>;
  const helmPaths = {
    HELM_DRIVER: helm["driver"] ?? env["PULUMI_K8S_HELM_DRIVER"],
    HELM_PLUGINS: helm["pluginsPath"] ?? env["PULUMI_K8S_HELM_PLUGINS_PATH"],
    HELM_REGISTRY_CONFIG: helm["registryConfigPath"] ?? env["PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH"],
    HELM_REPOSITORY_CONFIG: helm["repositoryConfigPath"] ?? env["PULUMI_K8S_HELM_REPOSITORY_CONFIG_PATH"],
    HELM_REPOSITORY_CACHE: helm["repositoryCache"] ?? env["PULUMI_K8S_HELM_REPOSITORY_CACHE"],
  };
  const { context, cluster, kubeconfig = "", namespace, renderYamlToDirectory = "" } = config;
  return {
    kubeconfig,
    ...(context && { context }),
    ...(cluster && { cluster }),
    defaultNamespace: namespace ?? "",
    renderYamlToDirectory,
    serverSideApply: flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true),
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    mutable: {
      secrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
      configMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    },
    helmEnvironment: Object.fromEntries(
      Object.entries(helmPaths).filter((entry): entry is [string, string] => Boolean(entry[1])),
    ),
  };
}
