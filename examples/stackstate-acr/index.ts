// StackState from Azure Container Registry, with the chart's own pull secret: the guide "StackState images" as a program.
import * as pulumi from "@pulumi/pulumi";
import { AcrRegistry, MirroredRelease } from "pulumi-chart-mirror";
import type { RegistryAccessArgs } from "pulumi-chart-mirror";

const config = new pulumi.Config();

// The registry is created in the resource group, and this program logs in to it as the azure-native provider does.
// Pods get a token that may only pull. Clusters of AKS whose kubelet may pull (`pullers`) need none of it.
const registry = new AcrRegistry("mirror", {
  registryName: config.require("registryName"),
  resourceGroupName: config.require("resourceGroup"),
  pullToken: {},
});
const name = "stackstate-pull-secret";

const stackstate = new MirroredRelease("stackstate", {
  chart: "stackstate",
  version: config.get("version") ?? "5.0.0",
  repositoryOpts: { repo: config.get("charts") ?? "https://helm.stackstate.io" },
  namespace: "stackstate",
  createNamespace: true,
  registry,
  // The chart makes the Secret. That all pods name it is solved, as `global.imageRegistry` and the exporter's repository.
  pullSecret: { name, create: false },
  sourceAccess: config.getObject<RegistryAccessArgs[]>("sourceAccess") ?? [],
  values: {
    stackstate: { baseUrl: config.require("baseUrl"), license: { key: config.requireSecret("licenseKey") } },
    // The guide's `pull-secret` object, with the login of the token.
    "pull-secret": {
      enabled: true,
      fullNameOverride: name,
      credentials: [
        {
          registry: registry.host,
          username: registry.pullCredentials?.username,
          password: registry.pullCredentials?.password,
        },
      ],
    },
  },
});

export const images = stackstate.images;
export const overrides = stackstate.overrides;
