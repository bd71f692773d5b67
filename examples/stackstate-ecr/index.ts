// StackState from Amazon ECR: the guide "StackState images" as a program.
import * as pulumi from "@pulumi/pulumi";
import { EcrRegistry, MirroredRelease } from "pulumi-chart-mirror";
import type { RegistryAccessArgs } from "pulumi-chart-mirror";

const config = new pulumi.Config();

// A repository for each image, created with the login of the aws provider. Nodes of EKS pull with their own identity.
// Repositories that hold images are not deleted with the stack unless `forceDelete` says so.
const registry = new EcrRegistry("mirror", { forceDelete: config.getBoolean("forceDelete") });

const stackstate = new MirroredRelease("stackstate", {
  chart: "stackstate",
  version: config.get("version") ?? "5.0.0",
  repositoryOpts: { repo: config.get("charts") ?? "https://helm.stackstate.io" },
  namespace: "stackstate",
  createNamespace: true,
  registry,
  // Logins of quay.io and Docker Hub, or the proxies that stand for them; without any, those of this machine.
  sourceAccess: config.getObject<RegistryAccessArgs[]>("sourceAccess") ?? [],
  // No registry anywhere: `global.imageRegistry` and the exporter's repository are solved.
  values: {
    stackstate: { baseUrl: config.require("baseUrl"), license: { key: config.requireSecret("licenseKey") } },
  },
});

export const images = stackstate.images;
export const overrides = stackstate.overrides;
