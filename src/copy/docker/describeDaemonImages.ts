import { formatBytes } from "../../image/bytes";
import type { DaemonImage } from "./daemonImage";

/**
 * What a daemon is going to pull of each image, in words, for previews.
 *
 * @param images by their sources
 */
export function describeDaemonImages(images: Readonly<Record<string, DaemonImage>>): string {
  return [
    "A Docker daemon pulls and pushes:",
    ...Object.entries(images).map(([source, image]) => `  ${source}: ${words(image)}`),
  ].join("\n");
}

function words({ digest, size, platforms, configs }: DaemonImage): string {
  if (digest === undefined)
    return "its registry cannot be asked from here: the daemon pulls what the tag is then; a lockFile has its digest";
  const what = platforms?.length ? platforms.join(", ") : "the daemon's platform";
  const checked = configs ? "" : "; its registry cannot be asked from here, so nothing can be compared";
  return `${what} of ${digest.slice(0, 19)}${size === undefined ? "" : `, ${formatBytes(size)}`}${checked}`;
}
