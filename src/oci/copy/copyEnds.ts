import type { Digest } from "../../image/digest";
import { formatReference, manifestName, type ImageReference } from "../../image/reference";
import type { BlobPlacement } from "./blobPlacement";
import type { RegistryClient } from "../registry/client";
import type { Clock } from "../transport/clock";
import type { CopyOptions } from "./copyOptions";
import type { Descriptor } from "../manifest/descriptor";
import type { ManifestCache } from "../manifest/manifestCache";
import { settleAll } from "../transport/settleAll";

/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/** One end of a copy. */
export interface CopyEnd {
  readonly client: RegistryClient;
  readonly reference: ImageReference;
}

export interface CopyContext {
  readonly source: CopyEnd;
  readonly target: CopyEnd;
  /** Where blobs are at the target. */
  readonly placement: () => BlobPlacement;
  /** The manifests that were read so far. */
  readonly cache: () => ManifestCache;
  readonly clock: Clock;
  readonly options: CopyOptions;
}

/** What the target's manifest is stored under: its tag, where it has one. */
export const targetName = ({ reference }: CopyEnd): string => reference.tag ?? manifestName(reference);

/** @throws {TargetDigestError} when the target is pinned to another digest. */
export function checkTarget({ reference }: CopyEnd, digest: Digest): void {
  if (reference.digest !== undefined && reference.digest !== digest)
    throw new (errors().TargetDigestError)(formatReference(reference), digest);
}

/** What the target has, and what it should have as far as that is known without reading the image. */
export async function compareEnds({
  source,
  target,
  options,
}: CopyContext): Promise<{ wanted: Digest | undefined; present: Descriptor | undefined }> {
  const { reference, client } = source;
  const wanted = async (): Promise<Digest | undefined> => {
    if (options.platforms?.length) return undefined;
    // HEAD costs no quota. Where it finds nothing, reading the manifest tells why.
    return reference.digest ?? (await client.headManifest(reference.repository, manifestName(reference)))?.digest;
  };
  const [wantedDigest, present] = await settleAll([
    wanted(),
    target.client.headManifest(target.reference.repository, targetName(target)),
  ]);
  return { wanted: wantedDigest, present };
}
