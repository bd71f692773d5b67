// Flux deploys the chart: Pulumi brings the images in and hands the solved values to a HelmRelease.
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ChartMirror, ExistingRegistry } from "pulumi-chart-mirror";
import type { RegistryAccessArgs } from "pulumi-chart-mirror";

const config = new pulumi.Config();
const charts = config.get("charts") ?? "https://helm.stackstate.io";
const namespace = new kubernetes.core.v1.Namespace("stackstate", { metadata: { name: "stackstate" } }).metadata.name;

const registry = new ExistingRegistry("mirror", {
  host: config.require("registryHost"),
  path: "platform",
  credentials: { username: config.require("registryUsername"), password: config.requireSecret("registryPassword") },
  plainHttp: config.getBoolean("plainHttp"),
});

const mirror = new ChartMirror("stackstate", {
  chart: "stackstate",
  version: config.get("version") ?? "5.0.0",
  repositoryOpts: { repo: charts },
  namespace,
  registry,
  sourceAccess: config.getObject<RegistryAccessArgs[]>("sourceAccess") ?? [],
  values: { stackstate: { baseUrl: config.require("baseUrl"), license: { key: config.require("licenseKey") } } },
});

const repository = new kubernetes.apiextensions.CustomResource("charts", {
  apiVersion: "source.toolkit.fluxcd.io/v1",
  kind: "HelmRepository",
  metadata: { name: "stackstate", namespace },
  spec: { url: charts, interval: "1h" },
});

new kubernetes.apiextensions.CustomResource(
  "release",
  {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "stackstate", namespace },
    spec: {
      interval: "1h",
      chart: {
        spec: {
          chart: mirror.chart,
          version: mirror.version,
          sourceRef: { kind: "HelmRepository", name: repository.metadata.name },
        },
      },
      values: mirror.values,
    },
  },
  { dependsOn: [mirror, registry] },
);

export const overrides = mirror.overrides;
