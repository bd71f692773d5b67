import { digestOf } from "../../src/image/digest";
import type { JsonObject } from "../../src/json";
import { LOCK_VERSION } from "../../src/plan/lock/lockFile";
import { Registries } from "../../src/oci/registries";
import { MirrorNames } from "../../src/prune/mirrorNames";
import { planPrune } from "../../src/prune/planPrune";
import { FastClock, reach } from "../oci/fixture";
import { makeImage, pushImage } from "../support/images";
import { startRegistry } from "../support/registry";

const DAY = 24 * 60 * 60_000;

it("looks for what a pod has begun to need meanwhile, though no tag names it", async () => {
  const registry = await startRegistry();
  const registries = new Registries({ access: [reach(registry)], clock: new FastClock() });
  const image = makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [{ size: 300, seed: platform }],
  });
  await pushImage(registry, "platform/api:1", image);
  const { manifests } = JSON.parse(registry.manifest("platform/api", "1")?.bytes.toString() ?? "") as {
    manifests: { digest: string }[];
  };
  // Somebody's own index of one of its images.
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const other = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: manifests.slice(0, 1) }));
  registry.putManifest("platform/api", mediaType, other);
  const mirror = `${registry.host}/platform`;
  const pod: JsonObject = {
    metadata: { name: "late", namespace: "shop" },
    spec: { containers: [{ name: "a", image: `${mirror}/api@${digestOf(other)}` }] },
  };
  let asked = 0;
  const plan = await planPrune({
    client: registries.client(registry.host),
    names: new MirrorNames({ host: registry.host, path: "platform" }, [], {}),
    locks: [],
    versions: [
      {
        lock: {
          lockVersion: LOCK_VERSION,
          tool: "test",
          mirror,
          chart: { name: "shop", version: "1.0.0", digest: digestOf("chart") },
          images: [
            { source: "quay.io/api:1", target: `${mirror}/api:1`, digest: image.digest, size: 1, platforms: [] },
          ],
          overrides: {},
          patches: [],
        },
        heldUntil: 0,
      },
    ],
    ownsAll: false,
    clusters: [
      {
        where: "of the context c",
        // eslint-disable-next-line @typescript-eslint/require-await -- a real cluster is waited for
        async *list({ path }) {
          if (path === "/api/v1/pods" && asked++ > 0) yield [pod];
        },
      },
    ],
    now: 90 * DAY,
    keepDays: 30,
    warn: () => undefined,
  });
  const { decision } = await plan.again();
  registries.close();
  await registry.close();
  expect(plan.decision.removed.map(({ digest }) => digest)).toContain(manifests[0]?.digest);
  expect(decision.removed.map(({ digest }) => digest)).toEqual([image.digest, manifests[1]?.digest]);
  expect(decision.kept.map(({ digest }) => digest).sort()).toEqual([digestOf(other), manifests[0]?.digest].sort());
});
