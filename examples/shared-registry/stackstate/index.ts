// An application's stack: it knows of the registry only what the platform's stack says of it.
import * as pulumi from "@pulumi/pulumi";
import { MirroredRelease, SharedRegistry } from "pulumi-chart-mirror";
import type { RegistryAccessArgs } from "pulumi-chart-mirror";

const config = new pulumi.Config();

const platform = new pulumi.StackReference(config.require("platform"));
const registry = new SharedRegistry("mirror", platform.requireOutput("registry"));

const stackstate = new MirroredRelease("stackstate", {
  chart: "stackstate",
  version: config.get("version") ?? "5.0.0",
  repositoryOpts: { repo: config.get("charts") ?? "https://helm.stackstate.io" },
  namespace: config.get("namespace") ?? "stackstate",
  createNamespace: true,
  registry,
  sourceAccess: config.getObject<RegistryAccessArgs[]>("sourceAccess") ?? [],
  values: {
    stackstate: { baseUrl: config.require("baseUrl"), license: { key: config.requireSecret("licenseKey") } },
  },
});

export const images = stackstate.images;
export const overrides = stackstate.overrides;
