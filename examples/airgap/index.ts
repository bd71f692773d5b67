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
  // The bundle has it, with all its images.
  chart: "shop",
  sourceBundle: config.require("bundle"),
  values: { migrations: { image: { digest: config.require("migrationsDigest") } } },
  namespace: "shop",
  registry,
};

const mirror = config.getBoolean("deploy")
  ? new MirroredRelease("shop", { ...shop, name: "shop", createNamespace: true, skipAwait: true })
  : new ChartMirror("shop", { ...shop, pullSecret: { create: false } });

export const images = mirror.images;
