// Appcircle from a registry of one's own on port 8083, without TLS: the guide "External Image Registries" as a program.
import * as pulumi from "@pulumi/pulumi";
import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";

const config = new pulumi.Config();

const registry = new ExistingRegistry("mirror", {
  host: config.get("registryHost") ?? "registry.spacetech.com:8083",
  // The vendor's images go below `appcircle`, the guide's `imageRepositoryPath`.
  upstreams: [{ upstream: "europe-west1-docker.pkg.dev/appcircle/docker-registry", path: "appcircle", copied: true }],
  credentials: { username: config.require("registryUsername"), password: config.requireSecret("registryPassword") },
  plainHttp: config.getBoolean("plainHttp") ?? true,
});

const appcircle = new MirroredRelease("appcircle-server", {
  chart: "appcircle",
  version: config.get("version"),
  repositoryOpts: { repo: config.get("charts") ?? "https://helm.appcircle.io" },
  namespace: "appcircle",
  createNamespace: true,
  registry,
  pullSecret: { name: "containerregistry" },
  // The content of Appcircle's cred.json is the password.
  sourceAccess: [
    {
      host: "europe-west1-docker.pkg.dev",
      username: "_json_key",
      password: config.requireSecret("credJson"),
      location: config.get("source"),
      plainHttp: config.getBoolean("sourcePlainHttp"),
    },
  ],
  // No registry anywhere: `global.imageRegistry`, `global.imageRepositoryPath` and the vault's repository are solved.
  values: config.getObject<object>("values") ?? {},
});

export const images = appcircle.images;
export const overrides = appcircle.overrides;
