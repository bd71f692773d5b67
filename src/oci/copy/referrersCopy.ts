import type { Digest } from "../../image/digest";
import type { Descriptor } from "../manifest/descriptor";
import { RegistryError, RegistryLimitError } from "../errors/errors";
import { listReferrers } from "../registry/listings";
import type { ManifestCopy } from "./manifestCopy";
import { isManifestType } from "../manifest/mediaTypes";
import { cosignTags } from "./cosignTags";
import { listAsReferrers } from "./referrersIndex";

/** A signature of an SBOM of an image is a referrer of a referrer; nobody goes much deeper. */
const MAX_DEPTH = 4;
/** What refers to one image, its platforms and their signatures, all counted. */
const MAX_REFERRERS = 1000;

/**
 * Copies what refers to an image that is in the target, and to the images of an index. What the target refuses becomes
 * a warning: the image is whole without it. So is what refers to an index of which some platforms alone were copied: it
 * says nothing of those.
 *
 * @param named what the image is at its source
 */
export async function copyReferrers(copy: ManifestCopy, image: Digest, named: Digest): Promise<void> {
  const { source, target } = copy;
  const seen = new Set<Digest>();
  let count = 0;
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      copy.progress.warn(
        `${what} could not be copied to ${target.client.registry}/${target.repository}: ${error.message}`,
      );
    }
  };
  const visit = async (subject: Digest, depth: number): Promise<void> => {
    if (seen.has(subject) || depth > MAX_DEPTH) return;
    seen.add(subject);
    await attempt(`What refers to ${subject}`, async () => {
      const referrers = (await listReferrers(source.client, source.repository, subject)).filter(({ mediaType }) =>
        isManifestType(mediaType),
      );
      const copied: Descriptor[] = [];
      if ((count += referrers.length) > MAX_REFERRERS)
        throw new RegistryLimitError(
          source.client.session.place,
          "copying what refers to an image",
          `more than ${MAX_REFERRERS} referrers`,
        );
      for (const referrer of referrers)
        await attempt(`${referrer.artifactType ?? "A referrer"} ${referrer.digest} of ${subject}`, async () => {
          if ((await target.client.headManifest(target.repository, referrer.digest)) === undefined) {
            const stored = await copy.reader.child(source.repository, referrer.digest);
            // All of them are listed together.
            await copy.copy(stored, stored.digest, { list: false });
          }
          copied.push(referrer);
          await visit(referrer.digest, depth + 1);
        });
      if (copied.length === 0) return;
      // What the source's registry says of them may be wrong: not all know artifactType.
      const digests = copied.map(({ digest }) => digest);
      await listAsReferrers(target, subject, digests, (digest) => copy.reader.child(source.repository, digest));
    });
    for (const tag of cosignTags(subject)) {
      await attempt(`The tag ${tag}`, async () => {
        // A HEAD costs no quota, and most images have none of these.
        const wanted = await source.client.headManifest(source.repository, tag);
        if (!wanted) return;
        const present = await target.client.headManifest(target.repository, tag);
        if (present?.digest === wanted.digest) return;
        await copy.copy(await source.client.manifest(source.repository, tag), tag);
      });
    }
  };
  if (named !== image)
    await attempt(`What refers to ${named}`, async () => {
      if (await isReferredTo(copy, named))
        copy.progress.warn(
          `What refers to ${named} (signatures, attestations) is not copied: of its platforms some alone are, as ${image}`,
        );
    });
  await visit(image, 0);
  const root = await target.client.manifestIfAny(target.repository, image);
  if (root?.manifest.kind === "index") for (const { digest } of root.manifest.manifests) await visit(digest, 0);
}

async function isReferredTo({ source: { client, repository } }: ManifestCopy, image: Digest): Promise<boolean> {
  if ((await listReferrers(client, repository, image)).length > 0) return true;
  return (await Promise.all(cosignTags(image).map((tag) => client.headManifest(repository, tag)))).some(Boolean);
}
