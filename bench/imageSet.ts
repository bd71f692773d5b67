import { makeImage, type SyntheticImage } from "../test/support/images";

const MiB = 1024 * 1024;
/** An image of the set and its repository. */
export interface BenchImage {
  readonly repository: string;
  readonly image: SyntheticImage;
}

/**
 * Images as charts have them in the wild, each for two platforms, 1.3 GiB together: a base that all share, a runtime that
 * half of them share, two layers of 200 MB, many small ones.
 *
 * @param count images; ten are those of a chart like kube-prometheus-stack (106 blobs), 36 those of the list in Appcircle's
 * guide (366 blobs)
 * @param lightness what large layers are divided by, where requests are measured and not bytes; every blob takes the same
 * requests as ever
 */
export function imageSet(count: 10 | 36, lightness = 1): BenchImage[] {
  return Array.from({ length: count }, (_, i) => ({
    repository: `team/app-${i}`,
    image: makeImage({
      platforms: ["linux/amd64", "linux/arm64"],
      layers: (platform) => [
        { size: (30 * MiB) / lightness, seed: `base ${platform}` },
        { size: (60 * MiB) / lightness, seed: `runtime ${i % 2} ${platform}` },
        { size: ownLayer(i, count) / lightness, seed: `application ${i} ${platform}` },
        { size: 300 * 1024 * (1 + (i % 7)), seed: `configuration ${i} ${platform}` },
        { size: 20 * 1024, seed: `scripts ${i} ${platform}` },
        { size: 700, seed: `labels ${i} ${platform}` },
      ],
    }),
  }));
}

/** One image has a layer of 200 MB, the others layers of some MB, the smaller the more there are. */
const ownLayer = (i: number, count: number): number => (i === 3 ? 200 : count > 10 ? 3 + (i % 10) : 12 + 4 * i) * MiB;

/** An image with one layer of 4 GiB, for the memory. */
export function hugeImage(): BenchImage {
  return { repository: "team/huge", image: makeImage({ layers: [{ size: 4096 * MiB, seed: "huge" }] }) };
}
