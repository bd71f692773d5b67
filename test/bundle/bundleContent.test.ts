import { bundleParts } from "../../src/bundle/bundleContent";
import { digestOf } from "../../src/image/digest";
import type { ImageLayout, LayoutEntry } from "../../src/oci/layout/imageLayout";
import { MediaType } from "../../src/oci/manifest/mediaTypes";

/** An index of images with signatures beside them; counts how often an entry is looked at. */
function signed(images: number): { layout: ImageLayout; looks: () => number } {
  let looks = 0;
  const entries = Array.from({ length: images }, (_, i) => {
    const digest = digestOf(String(i));
    const descriptor = { mediaType: MediaType.OCI_MANIFEST, digest, size: 1 };
    const named = (name: string, paths: readonly string[]): LayoutEntry => ({
      descriptor,
      get name() {
        looks++;
        return name;
      },
      paths,
    });
    return [
      named(`docker.io/library/app${i % 7}:${i}`, [`app${i % 7}`]),
      named(`docker.io/library/app${i % 7}:${digest.replace(":", "-")}.sig`, [`library/app${i % 7}`]),
    ];
  }).flat();
  return { layout: { entries, place: "a.tar" } as unknown as ImageLayout, looks: () => looks };
}

it("puts signatures beside their images, as charts write those", async () => {
  const { layout } = signed(8);
  const { parts } = await bundleParts(layout, { host: "mirror.example.com" }, {});
  expect(parts).toHaveLength(16);
  expect(parts.every(({ target }) => /^mirror\.example\.com\/app\d:/.test(target))).toBe(true);
});

it("looks at each entry as often in a large bundle as in a small one", async () => {
  const perEntry = async (images: number): Promise<number> => {
    const { layout, looks } = signed(images);
    await bundleParts(layout, { host: "mirror.example.com" }, {});
    return looks() / images;
  };
  expect(await perEntry(500)).toBe(await perEntry(5));
});

it.each([
  ["refers to an image, which it comes with", { subject: { digest: digestOf("0") } }, []],
  ["refers to nothing", {}, ["1 images of it have no name (org.opencontainers.image.ref.name), and are not loaded"]],
])("an artifact without a name that %s", async (_, manifest, left) => {
  const { layout } = signed(1);
  const artifact = { mediaType: MediaType.OCI_MANIFEST, digest: digestOf("artifact"), size: 1 };
  const entries = [...layout.entries, { descriptor: { ...artifact, artifactType: MediaType.HELM_CONFIG } }];
  const read = { ...layout, entries, manifest: () => Promise.resolve({ manifest }) } as unknown as ImageLayout;
  expect((await bundleParts(read, { host: "mirror.example.com" }, {})).left).toEqual(left);
});
