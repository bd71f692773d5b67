import type { Platform } from "../../image/platform";
import { describe } from "../registry/client";
import type { CopyEnd } from "./copyEnds";
import { ImagePlatforms } from "./imagePlatforms";
import type { ImageReader } from "./imageTree";
import type { StoredManifest } from "../manifest/manifest";
import { checkOnePlatform, selectPlatforms } from "../manifest/platformSelection";
import { settleAll } from "../transport/settleAll";

/** What a copy stores at its top. */
export interface ChosenRoot {
  /** What the source's reference names. */
  readonly named: StoredManifest;
  /** The same, or what is left of it for the platforms that were asked for. */
  readonly chosen: StoredManifest;
}

/**
 * Reads what a reference names, and leaves in it what was asked for.
 *
 * Artifacts are for all platforms, so that they stay whole.
 *
 * @param platforms undefined or empty for all
 * @throws {PlatformNotFoundError} when the image lacks one of them; an image that no index lists, when it is for none of them
 */
export async function chosenRoot(
  { client, reference }: CopyEnd,
  reader: ImageReader,
  platforms: readonly Platform[] | undefined,
): Promise<ChosenRoot> {
  const named = await reader.root(reference);
  if (!platforms?.length) return { named, chosen: named };
  const image = describe(reference);
  const present = new ImagePlatforms(client, reader, reference.repository);
  if (named.manifest.kind === "image") {
    checkOnePlatform(image, platforms, await present.of(named));
    return { named, chosen: named };
  }
  const entries = await settleAll(named.manifest.manifests.map((entry) => present.ofEntry(entry)));
  return { named, chosen: selectPlatforms(named, platforms, image, entries) };
}
