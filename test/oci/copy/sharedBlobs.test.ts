import { setImmediate } from "node:timers/promises";
import type { Digest } from "../../../src/image/digest";
import { makeImage, pushImage } from "../../support/images";
import type { BehaviourOption } from "../../support/registry";
import { at, Fixture } from "../fixture";

import { BLOB_GET, expectComplete, multiPlatform, writes } from "./copies";

const fixture = new Fixture();

describe("blobs that images share", () => {
  const images = () =>
    [1, 2, 3, 4].map((seed) =>
      makeImage({
        layers: [
          { size: 1_500_000, seed: "base" },
          { size: 20_000, seed: "tools" },
          { size: 5000, seed },
        ],
      }),
    );
  const targets: [string, BehaviourOption, { mountWorks: boolean; tags?: boolean }][] = [
    ["where mounts work", "specification", { mountWorks: true }],
    ["where a mount is answered with an upload", { mount: "upload" }, { mountWorks: false }],
    ["where mounts are refused", { mount: "refused" }, { mountWorks: false }],
  ];
  it.each(targets)("arrive whole %s", async (_, behaviour, { mountWorks }) => {
    const [source, target] = await fixture.pair({ behaviour });
    const all = images();
    await Promise.all(all.map((image, i) => pushImage(source, `app${i}:1`, image)));
    const client = fixture.client([source, target]);
    await Promise.all(all.map((_, i) => client.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`))));
    for (const [i, image] of all.entries()) await expectComplete(target, `m/app${i}`, "1", image);
    const distinct = new Set(all.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)));
    if (mountWorks) expect(source.requests.count(BLOB_GET)).toBe(distinct.size);
    expect(target.requests.find({ path: /mount=/ }).every(({ path }) => path.includes("&from="))).toBe(true);
  });

  it("are read once although the mount is first answered with 500", async () => {
    const [source, target] = await fixture.pair();
    const all = images();
    await Promise.all(all.map((image, i) => pushImage(source, `app${i}:1`, image)));
    target.faults.add({ match: { path: /mount=/ }, action: { kind: "answer", status: 500 } });
    const client = fixture.client([source, target]);
    await Promise.all(all.map((_, i) => client.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`))));
    for (const [i, image] of all.entries()) await expectComplete(target, `m/app${i}`, "1", image);
  });

  it("are mounted from the source's repository where source and target are one registry", async () => {
    const registry = await fixture.registry();
    const image = multiPlatform();
    await pushImage(registry, "dev/app:1", image);
    const result = await fixture.client([registry]).copy(at(registry, "dev/app:1"), at(registry, "prod/app:1"));
    await expectComplete(registry, "prod/app", "1", image);
    expect(result).toMatchObject({ bytesMounted: image.size, bytesCopied: 0 });
    expect(registry.requests.count(BLOB_GET)).toBe(0);
  });

  it("need nothing when an image only gets another tag in its repository", async () => {
    const registry = await fixture.registry();
    const image = multiPlatform();
    await pushImage(registry, "app:1", image);
    await fixture.client([registry]).copy(at(registry, "app:1"), at(registry, "app:stable"));
    await expectComplete(registry, "app", "stable", image);
    expect(writes(registry)).toHaveLength(1);
  });

  it("are led by another image when the first one that needs them fails", async () => {
    const [source, target] = await fixture.pair();
    const all = images();
    await Promise.all(all.map((image, i) => pushImage(source, `app${i}:1`, image)));
    const digest = all[0]?.blobs.find(({ size }) => size === 1_500_000)?.digest as Digest;
    const missing = { method: "GET", path: new RegExp(`/app0/blobs/${digest}`) };
    source.deleteBlob("app0", digest);
    // The first one leads while it waits to try again, and the others wait for it.
    source.faults.add({ match: missing, action: { kind: "answer", status: 503 } });
    const client = fixture.client([source, target]);
    const copy = (i: number) => client.copy(at(source, `app${i}:1`), at(target, `m/app${i}:1`));
    const first = copy(0);
    first.catch(() => undefined);
    while (source.requests.count(missing) === 0) await setImmediate();
    const results = await Promise.allSettled([first, ...all.slice(1).map((_, i) => copy(i + 1))]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(target.tags("m/app0")).toEqual([]);
    for (const [i, image] of all.entries()) if (i > 0) await expectComplete(target, `m/app${i}`, "1", image);
  });
});
