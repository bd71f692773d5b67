import { statSync } from "node:fs";
import { Fixture } from "../oci/fixture";
import { Choices } from "../oci/copy/choices";
import {
  makeArtifact,
  makeChartArtifact,
  makeImage,
  MANIFEST_SHAPES,
  pushImage,
  tagFor,
  type SyntheticImage,
} from "../support/images";
import type { TestRegistry } from "../support/registry";
import { load, save, scratchFolder } from "./bundles";

jest.setTimeout(300_000);

const fixture = new Fixture();
const scratch = scratchFolder();

const multi = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (platform) => [
    { size: 700_000, seed: platform },
    { size: 3000, seed: "shared" },
  ],
});
const IMAGES: Readonly<Record<string, SyntheticImage>> = {
  ...MANIFEST_SHAPES,
  "an image for two platforms": multi,
  "an image of Docker's media types": makeImage({ mediaTypes: "docker", layers: [{ size: 600_000, seed: "docker" }] }),
  "an image without any layer": makeImage({ layers: [] }),
  "a chart": makeChartArtifact(Buffer.from("a chart"), { name: "shop", version: "1.0.0" }),
  "an artifact": makeArtifact({ artifactType: "application/vnd.example.sbom" }),
};

const missing = "an image that refers to one that is not there";

async function expectSame(target: TestRegistry, repository: string, tag: string, image: SyntheticImage): Promise<void> {
  expect(await target.defects(repository, tag)).toEqual([]);
  expect(target.tag(repository, tag)).toBe(image.digest);
}

describe("what goes through a bundle from registry to registry", () => {
  it.each(Object.entries(IMAGES))("is the same: %s", async (_, image) => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "team/app:1.0", image);
    const file = scratch.path("one.tar");
    await save(file, source, ["team/app:1.0"]);
    await load([file], target);
    await expectSame(target, "m/team/app", "1.0", image);
  });

  it("holds each blob once, however many images and repositories share it", async () => {
    const [source, target] = await fixture.pair();
    const images = ["a", "b", "c"].map((seed) =>
      makeImage({
        layers: [
          { size: 600_000, seed: "base" },
          { size: 2000, seed },
        ],
      }),
    );
    const names = images.map((_, i) => `team/app${i}:1`);
    for (const [i, image] of images.entries()) await pushImage(source, names[i] as string, image);
    const file = scratch.path("shared.tar");
    source.requests.clear();
    await save(file, source, names);
    const blobs = source.requests.find({ method: "GET", path: /\/blobs\// }).map(({ path }) => path.split("/").pop());
    expect(new Set(blobs).size).toBe(blobs.length);
    await load([file], target);
    for (const [i, image] of images.entries()) await expectSame(target, `m/team/app${i}`, "1", image);
  });

  it("comes with signatures, attestations and cosign's tags where they are wanted", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "team/app:1.0", multi);
    const sbom = makeArtifact({ artifactType: "application/vnd.example.sbom", subject: multi });
    await pushImage(source, "team/app", sbom);
    const cosign = makeArtifact({ artifactType: "application/vnd.example.signature" });
    await pushImage(source, `team/app:${tagFor(multi, ".sig")}`, cosign);
    const file = scratch.path("signed.tar");
    await save(file, source, ["team/app:1.0"], { referrers: true });
    await load([file], target, { referrers: true });
    await expectSame(target, "m/team/app", "1.0", multi);
    await expectSame(target, "m/team/app", tagFor(multi, ".sig"), cosign);
    expect(await target.defects("m/team/app", sbom.digest)).toEqual([]);
    const bare = scratch.path("bare.tar");
    const other = await fixture.registry();
    await save(bare, source, ["team/app:1.0"]);
    await load([bare], other, { referrers: true });
    expect(other.tags("m/team/app")).toEqual(["1.0"]);
  });

  it("has the platforms alone that were asked for, and the whole index beside them", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "team/app:1.0", multi);
    const file = scratch.path("amd64.tar");
    const platforms = [{ os: "linux", architecture: "amd64" }];
    const [saved] = await save(file, source, ["team/app:1.0"], { platforms });
    expect(saved?.digest).not.toBe(multi.digest);
    const [loaded] = await load([file], target);
    expect(loaded?.digest).toBe(saved?.digest);
    expect(await target.defects("m/team/app", "1.0")).toEqual([]);
  });
});

describe("an archive since an earlier one", () => {
  it("has what is new alone, and is loaded where the earlier one was", async () => {
    const [source, target] = await fixture.pair();
    const layers = (seed: string) => [
      { size: 700_000, seed: "base" },
      { size: 5000, seed },
    ];
    const [before, after, other] = ["1", "2", "3"].map((seed) => makeImage({ layers: layers(seed) })) as [
      SyntheticImage,
      SyntheticImage,
      SyntheticImage,
    ];
    await pushImage(source, "team/app:1", before);
    await pushImage(source, "team/app:2", after);
    await pushImage(source, "team/other:1", other);
    const [first, second] = [scratch.path("first.tar"), scratch.path("second.tar")];
    await save(first, source, ["team/app:1"]);
    await save(second, source, ["team/app:2", "team/other:1"], {}, { since: first });

    expect(statSync(first).size).toBeGreaterThan(700_000);
    expect(statSync(second).size).toBeLessThan(100_000);

    // Alone it is not enough, and nothing is tagged then.
    const empty = await fixture.registry();
    await expect(load([second], empty)).rejects.toThrow(/blob|BLOB/);
    expect(empty.tags("m/team/app")).toEqual([]);
    // Beside the earlier one it is.
    await load([second, first], empty);
    await expectSame(empty, "m/team/app", "2", after);

    await load([first], target);
    target.requests.clear();
    await load([second], target);
    await expectSame(target, "m/team/app", "2", after);
    await expectSame(target, "m/team/other", "1", other);
    // Since the second, nothing is left to bring of the same.
    const third = scratch.path("third.tar");
    await save(third, source, ["team/app:1", "team/app:2"], {}, { since: second });
    expect(statSync(third).size).toBeLessThan(100_000);
  });
});

const RUNS = 40;

describe("a seeded choice of images", () => {
  it(`is the same behind a bundle, ${RUNS} times`, async () => {
    const all = Object.entries(IMAGES).filter(([name]) => name !== missing);
    for (let seed = 1; seed <= RUNS; seed++) {
      const choices = new Choices(seed);
      const [source, target] = await fixture.pair({
        behaviour: choices.one(["specification", "distribution"] as const),
      });
      const chosen = Array.from({ length: 1 + choices.below(5) }, () => choices.one(all)[1]);
      const names = chosen.map((_, i) => `team/app${choices.below(2)}:v${i}`);
      for (const [i, image] of chosen.entries()) await pushImage(source, names[i] as string, image);
      const signed = choices.below(3) === 0 ? chosen[0] : undefined;
      if (signed)
        await pushImage(
          source,
          `${(names[0] as string).split(":")[0]}:${tagFor(signed, ".sig")}`,
          makeArtifact({ artifactType: "application/vnd.example.signature" }),
        );
      const file = scratch.path(`seed-${seed}.tar`);
      await save(file, source, names, { referrers: signed !== undefined });
      await load([file], target, { referrers: choices.below(2) === 0 });
      for (const [i, image] of chosen.entries()) {
        const [repository = "", tag = ""] = (names[i] as string).split(":");
        expect([seed, await target.defects(`m/${repository}`, tag)]).toEqual([seed, []]);
        expect([seed, target.tag(`m/${repository}`, tag)]).toEqual([seed, image.digest]);
      }
    }
  });
});
