// Two releases share a registry: what both pull is copied once, and each gets its own values and its own pull secret.
import * as pulumi from "@pulumi/pulumi";
import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
import type { RegistryAccessArgs } from "pulumi-chart-mirror";

const config = new pulumi.Config();

const registry = new ExistingRegistry("mirror", {
  host: config.require("registryHost"),
  path: "platform",
  credentials: { username: config.require("registryUsername"), password: config.requireSecret("registryPassword") },
  plainHttp: config.getBoolean("plainHttp"),
});

const stackstate = (namespace: string, baseUrl: string): MirroredRelease =>
  new MirroredRelease(namespace, {
    chart: "stackstate",
    version: config.get("version") ?? "5.0.0",
    repositoryOpts: { repo: config.get("charts") ?? "https://helm.stackstate.io" },
    namespace,
    createNamespace: true,
    registry,
    sourceAccess: config.getObject<RegistryAccessArgs[]>("sourceAccess") ?? [],
    values: { stackstate: { baseUrl, license: { key: config.requireSecret("licenseKey") } } },
  });

export const test = stackstate("stackstate-test", "https://stackstate.test.example.com").images;
export const production = stackstate("stackstate", "https://stackstate.example.com").images;
