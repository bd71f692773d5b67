// Argo CD deploys the chart: Pulumi brings the images in and hands the solved values to an Application.
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

new kubernetes.apiextensions.CustomResource(
  "application",
  {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: "stackstate", namespace: config.get("argocdNamespace") ?? "argocd" },
    spec: {
      project: "default",
      destination: { server: "https://kubernetes.default.svc", namespace },
      source: {
        repoURL: charts,
        chart: mirror.chart,
        targetRevision: mirror.version,
        helm: { releaseName: "stackstate", valuesObject: mirror.values },
      },
      syncPolicy: { automated: { prune: true } },
    },
  },
  { dependsOn: [mirror, registry] },
);

export const overrides = mirror.overrides;
