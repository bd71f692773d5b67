import { MirrorError } from "../error";
import { formatReference } from "../image/reference";
import { copyMessages } from "./copyMessages";
import type { ImageCopyMethod } from "./imageCopyMethod";

/** This process reads from the source and writes to the target. */
export const processCopy: ImageCopyMethod = {
  async copy({ source, target, digest, subset, referrers = false, foreignLayers, registries, log }) {
    if (digest === undefined)
      throw new MirrorError("DIGEST_UNKNOWN", `No digest is known for ${formatReference(source)}`);
    // Told its digest, a copy writes no tag that would name another one.
    const pinned =
      subset?.digest !== undefined && target.tag !== undefined ? { ...target, digest: subset.digest } : target;
    const messages = copyMessages(log);
    const onProgress = messages.event.bind(messages);
    const options = {
      ...(subset && { platforms: subset.platforms }),
      ...(foreignLayers && { foreignLayers }),
      referrers,
      onProgress,
    };
    try {
      return (await registries.copy({ ...source, digest }, pinned, options)).digest;
    } finally {
      messages.end(formatReference(pinned));
    }
  },

  // Of a target with both, the tag is looked at: where it is gone, registries delete what it named.
  look: async ({ target: { digest, ...target }, registries }) =>
    (await registries.head(target.tag === undefined && digest ? { ...target, digest } : target))?.digest,
};
