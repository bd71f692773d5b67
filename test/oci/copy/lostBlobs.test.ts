import type { CopyEvent } from "../../../src/oci/copy/progress";
import { makeImage, pushImage } from "../../support/images";
import type { FaultAction, TestRegistry } from "../../support/registry";
import { at, failure, FastClock, Fixture } from "../fixture";

const fixture = new Fixture();
const MANIFESTS = { method: "PUT", path: /\/manifests\// } as const;
const image = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (seed) => [
    { size: 700_000, seed },
    { size: 900, seed: "small" },
  ],
});
const misses = (code: string): FaultAction => ({
  kind: "answer",
  status: code === "MANIFEST_UNKNOWN" ? 404 : 400,
  body: JSON.stringify({ errors: [{ code, message: "blob unknown to registry" }] }),
});

async function copy(disturb: (target: TestRegistry) => void) {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  disturb(target);
  const clock = new FastClock();
  const events: CopyEvent[] = [];
  const onProgress = (event: CopyEvent): void => void events.push(event);
  const result = fixture.client([source, target], { clock }).copy(at(source, "a:1"), at(target, "b:1"), { onProgress });
  return { target, clock, events, result };
}

it.each(["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"])(
  "a target that takes a while to see what it has just taken is given it (%s)",
  async (code) => {
    const { target, clock, result } = await copy(({ faults }) =>
      faults.add({ match: { ...MANIFESTS, times: 5 }, action: misses(code) }),
    );
    await result;
    expect(await target.defects("b", "1")).toEqual([]);
    expect(clock.slept).toContain(1000);
  },
);

it("a target that never sees it is an error after a few looks", async () => {
  const { target, result } = await copy(({ faults }) =>
    faults.add({ match: { ...MANIFESTS, times: Infinity }, action: misses("BLOB_UNKNOWN") }),
  );
  expect(await failure(result)).toMatchObject({ code: "REGISTRY_FAILED", codes: ["BLOB_UNKNOWN"] });
  expect(target.tags("b")).toEqual([]);
});

it.each([1, 2, 3])(
  "what a cleanup takes away before manifest %i is stored is brought again, and counted once",
  async (nth) => {
    const { target, events, result } = await copy((target) =>
      target.faults.add({
        match: { ...MANIFESTS, nth },
        action: { kind: "meanwhile", happen: () => target.collectGarbage() },
      }),
    );
    const { bytesCopied, bytesMounted, bytesSkipped } = await result;
    expect(target.faults.met).toBe(1);
    expect(await target.defects("b", "1")).toEqual([]);
    expect({ bytesCopied, bytesMounted, bytesSkipped }).toEqual({
      bytesCopied: image.size,
      bytesMounted: 0,
      bytesSkipped: 0,
    });
    for (const event of events)
      if (event.type === "progress") {
        expect(event.bytesDone).toBeGreaterThanOrEqual(0);
        expect(event.bytesDone).toBeLessThanOrEqual(event.bytesTotal);
        expect(event.bytesTotal).toBe(image.size);
      }
  },
);

it.each<[string, RegExp, number]>([
  ["that a mount gave", /mount=/, 201],
  ["that an upload stored", /\/uploads\/.*digest=/, 201],
])("the word of a registry %s is not believed twice", async (_, path, status) => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const client = fixture.client([source, target]);
  await client.copy(at(source, "a:1"), at(target, "first:1"));
  target.faults.add({ match: { method: ["POST", "PUT"], path, times: 4 }, action: { kind: "answer", status } });
  await client.copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
});

it("a referrer that cannot be copied keeps none of the others away", async () => {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const client = fixture.client([source, target]);
  const subject = { digest: image.digest, mediaType: image.mediaType, size: 1 };
  for (const name of ["bad", "good"]) {
    const config = { mediaType: "application/vnd.oci.empty.v1+json", bytes: Buffer.from("{}") };
    const layers = [{ mediaType: "application/vnd.odd", bytes: Buffer.from(name) }];
    await client.pushArtifact(at(source, `a:${name}`), { config, layers });
    const stored = source.manifest("a", name);
    const manifest = { ...(JSON.parse(String(stored?.bytes)) as object), artifactType: "application/vnd.odd", subject };
    const digest = source.putManifest(
      "a",
      "application/vnd.oci.image.manifest.v1+json",
      Buffer.from(JSON.stringify(manifest)),
    );
    if (name === "bad") {
      const layer = (manifest as unknown as { layers: { digest: `sha256:${string}` }[] }).layers[0];
      source.deleteBlob("a", layer?.digest as `sha256:${string}`);
    } else expect(digest).toMatch(/^sha256:/);
  }
  const { warnings } = await client.copy(at(source, "a:1"), at(target, "b:1"), { referrers: true });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/was not found/);
  expect(target.requests.find({ method: "PUT", path: MANIFESTS.path, status: 201 })).toHaveLength(4);
});
