// Appcircle on OpenShift, whose images the nodes pull from a registry of one's own on port 8083.
import * as pulumi from "@pulumi/pulumi";
import { ExistingRegistry, MirroredRelease, OpenShiftImageConfiguration } from "pulumi-chart-mirror";

const config = new pulumi.Config();

const registry = new ExistingRegistry("mirror", {
  host: config.get("registryHost") ?? "registry.spacetech.com:8083",
  // The vendor's images go below `appcircle`, the guide's `imageRepositoryPath`.
  upstreams: [{ upstream: "europe-west1-docker.pkg.dev/appcircle/docker-registry", path: "appcircle", copied: true }],
  credentials: { username: config.require("registryUsername"), password: config.requireSecret("registryPassword") },
  plainHttp: config.getBoolean("plainHttp") ?? true,
});

// The nodes are told that the registry has no TLS, beside what the cluster has been told already.
const nodes =
  (config.getBoolean("configureNodes") ?? true) ? [new OpenShiftImageConfiguration("nodes", { registry })] : [];

const appcircle = new MirroredRelease(
  "appcircle-server",
  {
    chart: "appcircle",
    version: config.get("version"),
    repositoryOpts: { repo: config.get("charts") ?? "https://helm.appcircle.io" },
    namespace: "appcircle",
    createNamespace: true,
    registry,
    pullSecret: { name: "containerregistry" },
    sourceAccess: [
      {
        host: "europe-west1-docker.pkg.dev",
        username: "_json_key",
        password: config.requireSecret("credJson"),
        location: config.get("source"),
        plainHttp: config.getBoolean("sourcePlainHttp"),
      },
    ],
    // Two images more than on other clusters; their repositories are solved as well.
    values: { "cert-utils-operator": { enabled: true }, ...config.getObject<object>("values") },
  },
  { dependsOn: nodes },
);

export const images = appcircle.images;
export const overrides = appcircle.overrides;
