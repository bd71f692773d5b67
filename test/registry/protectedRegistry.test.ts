import type * as pulumi from "@pulumi/pulumi";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import { mockedEngine } from "../support/providers/mockedEngine";

mockedEngine();

/** Whether the engine is told to refuse the deletion of a resource; the SDK keeps that from others. */
const isProtected = (resource: pulumi.Resource): unknown => (resource as { __protect?: boolean }).__protect;

// Without that, an upgrade of a chart would end with the copy of an image that it has no more, which cannot be deleted.
it("protect: true of a registry protects neither copies of images nor of charts, whose deletion takes nothing from it", async () => {
  const registry = new ExistingRegistry("r", { host: "r.io" }, { protect: true });
  await registry.address;
  const image = { source: "quay.io/a:1", target: "r.io/a:1", locations: [] };
  const chart = { file: "./shop.tgz", target: "r.io/charts/shop:1.0.0", version: "1.0.0", digest: "sha256:0" };
  const [copy] = registry.mirrorImages([image], []);
  expect([registry, copy!.resource, registry.mirrorChart(chart)].map(isProtected)).toEqual([true, false, false]);
  const job = { copyWith: "kubernetes", copyJob: { namespace: "mirror" } } as const;
  const [copied] = registry.mirrorImages([{ ...image, target: "r.io/b:1" }], [], job);
  expect(isProtected(copied!.resource)).toBe(false);
});
