/** Two releases share a registry, which has one copy of each image: neither's options are left out without a word. */
import type * as pulumi from "@pulumi/pulumi";
import { ForeignLayers } from "../../src/oci/copy/copyOptions";
import { TagPolicy } from "../../src/plan/tagPolicy";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import type { MirrorImagesOptions, MirrorRegistry } from "../../src/registry/mirrorRegistry";
import { mockedEngine, value } from "../support/providers/mockedEngine";

const { registered } = mockedEngine();

const image = { source: "quay.io/team/a:1", target: "r.io/team/a:1", locations: [] };
const settled = async (made: readonly { urn: pulumi.Output<string> }[]) => {
  for (const { urn } of made) await value(urn);
};

let registry: MirrorRegistry;
beforeEach(async () => {
  registry = new ExistingRegistry("r", { host: "r.io" });
  await registry.address;
});

const COPY = { foreignLayers: ForeignLayers.Copy };

it.each<[string, MirrorImagesOptions, MirrorImagesOptions, string, string]>([
  ["foreign layers", COPY, {}, 'foreignLayers: "copy"', 'foreignLayers: "skip"'],
  ["no foreign layers", {}, COPY, 'foreignLayers: "skip"', 'foreignLayers: "copy"'],
  ["other foreign layers", COPY, { foreignLayers: ForeignLayers.Refuse }, '"copy"', '"refuse"'],
  ["signatures", { referrers: true }, {}, "referrers: true", "referrers: false"],
  ["no signatures", { referrers: false }, { referrers: true }, "referrers: false", "referrers: true"],
  ["another policy for tags", { tags: TagPolicy.Pin }, {}, 'tags: "pin"', 'tags: "follow"'],
])("refuses %s", async (_, one, other, first, second) => {
  await settled(registry.mirrorImages([image], [], { name: "shop", ...one }));
  registered.splice(0);
  const wanted = { name: "blog", ...other };
  for (const refused of [
    () => registry.refuseRelease([image], [], wanted),
    () => registry.mirrorImages([image], [], wanted),
  ])
    expect(refused).toThrow(
      new RegExp(
        `r\\.io/team/a:1 failed: the release "shop" wants it with .*${first} and the release "blog" with .*${second}`,
      ),
    );
  expect(registered).toEqual([]);
});

it.each<[string, MirrorImagesOptions, MirrorImagesOptions]>([
  ["the same", COPY, COPY],
  ["what is the default anyway", { foreignLayers: ForeignLayers.Skip, tags: TagPolicy.Follow }, { referrers: false }],
  ["a lock file, whatever the policy", { locked: true }, { tags: TagPolicy.Pin }],
])("lets two share an image who want %s", async (_, one, other) => {
  await settled(registry.mirrorImages([image], [], { name: "shop", ...one }));
  registered.splice(0);
  await settled(registry.mirrorImages([image], [], { name: "blog", ...other }));
  expect(registered).toEqual([]);
});

it("lets a release want otherwise what no release has asked for", async () => {
  await settled(registry.mirrorImages([image], []));
  expect(() => registry.refuseRelease([image], [], { name: "blog", ...COPY })).not.toThrow();
});
