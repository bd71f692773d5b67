import { makeImage, type SyntheticImage } from "../test/support/images";

const MiB = 1024 * 1024;
const IMAGES = 10;
const MANY = 40;

/** An image of the set and its repository. */
export interface BenchImage {
  readonly repository: string;
  readonly image: SyntheticImage;
}

/**
 * A chart's images as they are in the wild: ten of them for two platforms, 106 blobs of 1.3 GiB; a base that all share, a
 * runtime that half of them share, two layers of 200 MB, many small ones.
 */
export function imageSet(): BenchImage[] {
  return Array.from({ length: IMAGES }, (_, i) => ({
    repository: `team/app-${i}`,
    image: makeImage({
      platforms: ["linux/amd64", "linux/arm64"],
      layers: (platform) => [
        { size: 30 * MiB, seed: `base ${platform}` },
        { size: 60 * MiB, seed: `runtime ${i % 2} ${platform}` },
        { size: ownLayer(i), seed: `application ${i} ${platform}` },
        { size: 300 * 1024 * (1 + (i % 7)), seed: `configuration ${i} ${platform}` },
        { size: 20 * 1024, seed: `scripts ${i} ${platform}` },
        { size: 700, seed: `labels ${i} ${platform}` },
      ],
    }),
  }));
}

/** One image has a layer of 200 MB, the others layers of some MB. */
const ownLayer = (i: number): number => (i === 3 ? 200 : 12 + 4 * i) * MiB;

/** As many images as a large chart has, small ones that share a base: what counts is not the bytes but the requests. */
export function manyImages(): BenchImage[] {
  return Array.from({ length: MANY }, (_, i) => ({
    repository: `team/service-${i}`,
    image: makeImage({
      platforms: ["linux/amd64", "linux/arm64"],
      layers: (platform) => [
        { size: 4 * MiB, seed: `small base ${platform}` },
        { size: 200 * 1024, seed: `service ${i} ${platform}` },
        { size: 900, seed: `service labels ${i} ${platform}` },
      ],
    }),
  }));
}

/** An image with one layer of 4 GiB, for the memory. */
export function hugeImage(): BenchImage {
  return { repository: "team/huge", image: makeImage({ layers: [{ size: 4096 * MiB, seed: "huge" }] }) };
}
