import type { ImageCopyOptions } from "../copy/imageCopyOptions";
import { MirrorError } from "../error";
import { ForeignLayers } from "../oci/copy/copyOptions";
import { TagPolicy } from "../plan/tagPolicy";

/** How a release wants an image, as far as one copy of it cannot serve two that want it otherwise. */
export interface CopyWish {
  /** Name of the release's mirror. */
  readonly release: string;
  /** What its arguments come to, by their names. */
  readonly options: ReadonlyMap<string, string | boolean>;
}

/** Who asks for an image. */
interface Asking extends Pick<ImageCopyOptions, "referrers" | "foreignLayers" | "tags"> {
  readonly name?: string;
  readonly locked?: boolean;
}

/** Undefined for images that no release asks for, such as that of the pull secret's refresher. */
export function copyWish({ name, referrers, foreignLayers, tags, locked }: Asking): CopyWish | undefined {
  if (name === undefined) return undefined;
  return {
    release: name,
    options: new Map<string, string | boolean>([
      ["referrers", referrers ?? false],
      ["foreignLayers", foreignLayers ?? ForeignLayers.Skip],
      // What a lock file says is the same for whatever policy.
      ...(locked ? [] : [["tags", tags ?? TagPolicy.Follow] as const]),
    ]),
  };
}

/**
 * Why an image that one release has asked for cannot be shared by another: what that one wants would be left out without a
 * word. Undefined where it can be. `code` is `COPY_OPTIONS_COLLISION`.
 */
export function wishCollision(target: string, one: CopyWish, other: CopyWish): MirrorError | undefined {
  for (const [option, wanted] of one.options) {
    const others = other.options.get(option);
    if (others === undefined || others === wanted) continue;
    return new MirrorError(
      "COPY_OPTIONS_COLLISION",
      `Sharing the image ${target} failed: the release ${JSON.stringify(one.release)} wants it with ${option}: ${JSON.stringify(wanted)} and ` +
        `the release ${JSON.stringify(other.release)} with ${option}: ${JSON.stringify(others)}, and a registry has one copy for both`,
      `Give both the same ${option}, or mirror one of them to another path`,
    );
  }
  return undefined;
}
