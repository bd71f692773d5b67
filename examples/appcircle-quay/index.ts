// Appcircle through a proxy cache of Quay: the guide "External Image Registries" as a program.
import * as pulumi from "@pulumi/pulumi";
import { MirroredRelease, QuayRegistry } from "pulumi-chart-mirror";

const config = new pulumi.Config();

// The organization `appcircle` with its proxy cache, and the robot whose login pods get.
const registry = new QuayRegistry("mirror", {
  host: config.get("quayHost") ?? "registry.spacetech.com:8083",
  organization: "appcircle",
  token: config.requireSecret("quayToken"),
  plainHttp: config.getBoolean("plainHttp"),
  proxy: {
    upstream: "europe-west1-docker.pkg.dev/appcircle/docker-registry",
    username: "_json_key",
    password: config.requireSecret("credJson"), // the content of Appcircle's cred.json
  },
});

const appcircle = new MirroredRelease("appcircle-server", {
  chart: "appcircle",
  version: config.get("version"),
  repositoryOpts: { repo: config.get("charts") ?? "https://helm.appcircle.io" },
  namespace: "appcircle",
  createNamespace: true,
  registry,
  pullSecret: { name: "containerregistry" },
  // Where the vendor's images are really read, in place of its own host.
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
