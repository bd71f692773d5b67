import type { Finding } from "../../plan/relocationPlan";

/**
 * The finding that a Docker daemon copies one platform alone of each image.
 *
 * @param platform the one that was asked for; undefined for the daemon's own
 */
export function onePlatformFinding(platform: string | undefined): Finding {
  return {
    severity: "warning",
    code: "ONE_PLATFORM",
    message:
      `A Docker daemon copies one platform of each image, ${platform ?? "its own"}, and packs layers anew: digests in the ` +
      "mirror are not those of the plan; they are known after the push, and compared by the images' configurations",
  };
}
