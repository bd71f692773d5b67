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

it("puts signatures beside their images, as charts write those", () => {
  const { layout } = signed(8);
  const { parts } = bundleParts(layout, { host: "mirror.example.com" }, {});
  expect(parts).toHaveLength(16);
  expect(parts.every(({ target }) => /^mirror\.example\.com\/app\d:/.test(target))).toBe(true);
});

it("looks at each entry as often in a large bundle as in a small one", () => {
  const perEntry = (images: number): number => {
    const { layout, looks } = signed(images);
    bundleParts(layout, { host: "mirror.example.com" }, {});
    return looks() / images;
  };
  expect(perEntry(500)).toBe(perEntry(5));
});
