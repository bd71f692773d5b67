import { formatBytes } from "../../image/bytes";
import type { DaemonImage } from "./daemonImage";

/**
 * What a daemon is going to bring, in words, for previews: one platform, and digests that are known when it has pushed.
 *
 * @param images by their sources
 * @param platform the one that was asked for
 */
export function describeDaemonImages(
  images: Readonly<Record<string, DaemonImage>>,
  platform: string | undefined,
): string {
  return [
    `A Docker daemon copies one platform of each image, ${platform ?? "its own"}. It packs layers anew: what the mirror will ` +
      "have is another digest than the source's, known after the push, and compared by the image's configuration.",
    ...Object.entries(images).map(([source, image]) => `  ${source}: ${words(image)}`),
  ].join("\n");
}

function words({ digest, size, platforms, configs }: DaemonImage): string {
  if (digest === undefined) return "its registry cannot be asked from here; the daemon pulls what the tag is then";
  const what = platforms?.length ? platforms.join(", ") : "the daemon's platform";
  const checked = configs ? "" : "; its registry cannot be asked from here, so nothing can be compared";
  return `${what} of ${digest.slice(0, 19)}${size === undefined ? "" : `, ${formatBytes(size)}`}${checked}`;
}
