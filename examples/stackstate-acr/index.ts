// StackState from Azure Container Registry, with the chart's own pull secret: the guide "StackState images" as a program.
import * as pulumi from "@pulumi/pulumi";
import { AcrRegistry, MirroredRelease, type RegistryAccessArgs } from "pulumi-chart-mirror";

const config = new pulumi.Config();

// The registry is created in the resource group, and this program logs in to it as the azure-native provider does.
const registry = new AcrRegistry("mirror", {
  registryName: config.require("registryName"),
  resourceGroupName: config.require("resourceGroup"),
});

const stackstate = new MirroredRelease("stackstate", {
  chart: "stackstate",
  version: config.get("version") ?? "5.0.0",
  repositoryOpts: { repo: config.get("charts") ?? "https://helm.stackstate.io" },
  namespace: "stackstate",
  createNamespace: true,
  registry,
  sourceAccess: config.getObject<RegistryAccessArgs[]>("sourceAccess") ?? [],
  values: {
    stackstate: { baseUrl: config.require("baseUrl"), license: { key: config.requireSecret("licenseKey") } },
    // The guide's `pull-secret` object, with the login of an ACR token. Clusters of AKS with the role AcrPull
    // (`pullers` of the registry) need none of it.
    "pull-secret": {
      enabled: true,
      fullNameOverride: "stackstate-pull-secret",
      credentials: [
        {
          registry: registry.host,
          username: config.require("pullUsername"),
          password: config.requireSecret("pullPassword"),
        },
      ],
    },
    global: { imagePullSecrets: ["stackstate-pull-secret"] },
    elasticsearch: { "prometheus-elasticsearch-exporter": { image: { pullSecret: "stackstate-pull-secret" } } },
  },
});

export const images = stackstate.images;
export const overrides = stackstate.overrides;
