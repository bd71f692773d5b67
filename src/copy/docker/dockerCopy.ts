import { MirrorError } from "../../error";
import { formatReference, manifestName, type ImageReference } from "../../image/reference";
import type { ImageCopyMethod } from "../imageCopyMethod";
import { configsOf } from "./daemonImage";

/** The mirror does not hold what a Docker daemon was to push. `code` is `DOCKER_PUSH_MISMATCH`. */
export class DockerPushMismatchError extends MirrorError {
  override readonly name = "DockerPushMismatchError";
  constructor(target: ImageReference, why: string) {
    super(
      "DOCKER_PUSH_MISMATCH",
      `${formatReference(target)} is not what the Docker daemon was to push: ${why}`,
      "Run pulumi up --refresh, so that the daemon pushes what has gone; an image of that name that something else has pushed or tagged is pushed again after pulumi up --replace with the URNs of its RemoteImage, Tag and RegistryImage",
    );
  }
}

/**
 * A Docker daemon has brought the image, by resources of `@pulumi/docker` that the copy waits for. What it pushed is
 * compared with the plan.
 *
 * The digest is that of the push: no other is known of what a daemon has packed anew.
 */
export const dockerCopy: ImageCopyMethod = {
  async copy({ target, digest, configs, registries, log }) {
    const client = registries.client(target.registry);
    const stored = await client.manifestIfAny(target.repository, manifestName(target));
    if (!stored) throw new DockerPushMismatchError(target, "its registry has nothing under that name");
    if (digest !== undefined && stored.digest !== digest)
      throw new DockerPushMismatchError(target, `its registry has ${stored.digest}, and ${digest} was pushed`);
    if (configs) {
      const found = await configsOf(client, target.repository, stored);
      const foreign = found.filter((one) => !configs.includes(one));
      if (found.length === 0 || foreign.length > 0)
        throw new DockerPushMismatchError(
          target,
          `its configuration is ${foreign.join(", ") || "missing"}, and the source has ${configs.join(", ")}`,
        );
    }
    log.info(`${formatReference(target)}: pushed by the Docker daemon as ${stored.digest}`);
    return stored.digest;
  },

  look: async ({ target, registries }) => (await registries.head(target))?.digest,
};
