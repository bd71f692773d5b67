import * as pulumi from "@pulumi/pulumi";
import { ChartMirror, ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";

const config = new pulumi.Config();

const registry = new ExistingRegistry("mirror", {
  host: config.require("mirrorHost"),
  path: "team",
  credentials: { username: "ci", password: config.requireSecret("mirrorPassword") },
  plainHttp: true,
});

const shop = {
  chart: "./chart",
  values: { migrations: { image: { digest: config.require("migrationsDigest") } } },
  namespace: "shop",
  registry,
  // The chart names quay.io, ghcr.io and Docker Hub; the quickstart has all three on one embedded registry.
  sourceAccess: ["quay.io", "ghcr.io", "docker.io"].map((host) => ({
    host,
    location: config.require("sourceHost"),
    plainHttp: true,
    username: "reader",
    password: config.requireSecret("sourcePassword"),
  })),
};

// With a cluster the release is deployed as well; without one the images and the values are all there is to do.
const mirror = config.getBoolean("deploy")
  ? new MirroredRelease("shop", { ...shop, name: "shop", createNamespace: true, skipAwait: true })
  : new ChartMirror("shop", { ...shop, pullSecret: { create: false } });

export const images = mirror.images;
export const overrides = mirror.overrides;
