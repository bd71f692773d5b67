import { readFile } from "node:fs/promises";
import type * as pulumi from "@pulumi/pulumi";
import type { MirrorOptions } from "./chartMirrorArgs";
import { MirrorError } from "../error";
import { parseReference } from "../image/reference";
import type { Registries } from "../oci/registries";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { TagPolicy } from "../plan/tagPolicy";
import { componentLog } from "../resource/componentLog";

/** Pinned tags without a lock file: which image is deployed, and would have to be verified, only its copy knows. */
export function pinnedTrust(): MirrorError {
  return new MirrorError(
    "TRUST_NEEDS_LOCK",
    `Verifying the signatures of images failed: tags: ${TagPolicy.Pin} keeps images that are not known before the update`,
    "Pin them with a lockFile in place of tags",
  );
}

/** What verifying a release needs. */
export interface ReleaseTrustContext {
  readonly registries: Registries;
  /** Hosts whose login is not known yet in this preview. */
  readonly notYet: ReadonlySet<string>;
  readonly component: pulumi.Resource;
}

/**
 * Verifies the images of a plan as the program's policy says, before anything is copied.
 *
 * @throws {MirrorErrors} about all of them, or the only problem
 */
export async function verifyReleaseTrust(
  plan: ResolvedPlan,
  { trust, tags, lockFile }: Pick<MirrorOptions, "trust" | "tags" | "lockFile">,
  { registries, notYet, component }: ReleaseTrustContext,
): Promise<void> {
  if (!trust) return;
  if (tags === TagPolicy.Pin && lockFile === undefined) throw pinnedTrust();
  // Loaded here, since what it stands on takes longer to load than the rest of this package, and few programs need it.
  const { verifyTrust } = require("../trust/verifyTrust") as typeof import("../trust/verifyTrust");
  // Their login is an output of something that this update creates: the update itself, which knows it, verifies them.
  const known = plan.images.filter(({ source }) => !notYet.has(parseReference(source).registry));
  await verifyTrust(known, trust, {
    registries,
    read: (file) => readFile(file, "utf8"),
    // What is in a lock file was verified when that was written.
    onUnreachable:
      lockFile === undefined
        ? undefined
        : (image, error) =>
            void componentLog.warn(`${error.message}. The signature of ${image} is as it was locked`, component),
  });
}
