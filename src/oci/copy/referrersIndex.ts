import { digestOf, type Digest } from "../../image/digest";
import { parseJson } from "../../json";
import { InvalidManifestError } from "../errors/errors";
import { parseManifest, type StoredManifest } from "../manifest/manifest";
import { MediaType } from "../manifest/mediaTypes";
import { referrerDescriptor, referrersTag } from "../registry/client";
import { listReferrers } from "../registry/listings";
import type { RepositoryAt } from "../registry/repositoryAt";
import { settleAll } from "../transport/settleAll";

/**
 * Makes a registry list manifests as referrers of their subject: by itself where it has the referrers API, else in the
 * fallback tag, whose other entries stay
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject}).
 */
export function listAsReferrers(
  at: RepositoryAt,
  subject: Digest,
  referrers: readonly Digest[],
  read: (referrer: Digest) => Promise<StoredManifest>,
): Promise<void> {
  // What is read of the tag is written again with more in it: two at a time would lose one another's.
  return at.client.oneAtATime(`${at.repository} ${subject}`, () => list(at, subject, referrers, read));
}

/** Other programs write the same tag, and a registry has no way to say so: who comes last wins. */
const ATTEMPTS = 3;

async function list(
  at: RepositoryAt,
  subject: Digest,
  referrers: readonly Digest[],
  read: (referrer: Digest) => Promise<StoredManifest>,
): Promise<void> {
  const { client, repository } = at;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const written = await listOnce(at, subject, referrers, read);
    if (written === undefined) return;
    const present = await client.headManifest(repository, referrersTag(subject));
    // GitLab can resolve the tag to the subject itself.
    if (present?.digest === written || present?.digest === subject) return;
  }
}

/** @returns the digest of the fallback tag, where it was written */
async function listOnce(
  { client, repository }: RepositoryAt,
  subject: Digest,
  referrers: readonly Digest[],
  read: (referrer: Digest) => Promise<StoredManifest>,
): Promise<Digest | undefined> {
  const listed = await listReferrers(client, repository, subject);
  const missing = [...new Set(referrers)].filter((digest) => !listed.some((one) => one.digest === digest));
  if (missing.length === 0) return undefined;
  // Those that are listed are not read: a reading can cost quota.
  const described = (await settleAll(missing.map(read))).map(referrerDescriptor);
  const tag = referrersTag(subject);
  const known = await client.manifestIfAny(repository, tag);
  // GitLab can resolve the tag to the subject itself.
  const isIndex = known?.manifest.kind === "index" && known.digest !== subject;
  // What somebody else keeps there stays ("Pushing Manifests with Subject", step 2).
  if (known && !isIndex && known.digest !== subject)
    throw new InvalidManifestError(client.image(repository, tag), "it is an image in place of the list of referrers");
  const document = isIndex ? (parseJson(known.bytes.toString("utf8")) as { manifests?: unknown[] | null }) : undefined;
  const bytes = Buffer.from(
    JSON.stringify({
      ...(document ?? { schemaVersion: 2, mediaType: MediaType.OCI_INDEX }),
      // As they stand there, with fields that this program does not know.
      manifests: [...(document?.manifests ?? listed), ...described],
    }),
  );
  const mediaType = isIndex ? known.mediaType : MediaType.OCI_INDEX;
  const manifest = parseManifest(bytes, mediaType, client.image(repository, tag));
  const stored = { digest: digestOf(bytes), mediaType, bytes, manifest };
  await client.putManifest(repository, tag, stored);
  return stored.digest;
}
