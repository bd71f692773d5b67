import { MAX_ARTIFACT_BYTES, type Artifact, type NewArtifact } from "../manifest/artifact";
import { artifactManifest, partDescriptor } from "../manifest/artifactManifest";
import type { BlobTransfer } from "./blobTransfer";
import { describe, descriptorOf } from "../registry/client";
import type { CopyEnd } from "./copyEnds";
import type { Descriptor } from "../manifest/descriptor";
import { InvalidManifestError, UnsupportedManifestError } from "../errors/errors";
import { ImageReader } from "./imageTree";
import { parseManifest, type StoredManifest } from "../manifest/manifest";
import type { ManifestCache } from "../manifest/manifestCache";
import { MediaType } from "../manifest/mediaTypes";
import { settleAll } from "../transport/settleAll";

/** Reads a small artifact, such as a Helm chart, into memory. */
export async function pullArtifact({ client, reference }: CopyEnd, cache: ManifestCache): Promise<Artifact> {
  const { manifest, digest } = await new ImageReader(client, cache).root(reference);
  const image = describe(reference);
  if (manifest.kind !== "image") throw new UnsupportedManifestError(image, manifest.mediaType);
  const { config, layers } = manifest;
  const size = layers.reduce((sum, layer) => sum + layer.size, config?.size ?? 0);
  if (size > MAX_ARTIFACT_BYTES)
    throw new InvalidManifestError(image, `its ${size} bytes are too many for an artifact`);
  const read = (blob: Descriptor): Promise<Buffer> => client.blob(reference.repository, blob, MAX_ARTIFACT_BYTES);
  const [configBytes, layerBytes] = await settleAll([
    config ? read(config) : Buffer.alloc(0),
    settleAll(layers.map(read)),
  ]);
  return {
    digest,
    manifest,
    config: configBytes,
    layers: layers.map((descriptor, i) => ({ descriptor, bytes: layerBytes[i] as Buffer })),
  };
}

/** Stores an artifact; answers what its manifest is. */
export async function pushArtifact(
  { client, reference }: CopyEnd,
  transfer: BlobTransfer,
  artifact: NewArtifact,
): Promise<Descriptor> {
  const { repository } = reference;
  const put = async (part: NewArtifact["layers"][number]): Promise<void> => {
    const blob = partDescriptor(part);
    if (!(await client.hasBlob(repository, blob.digest, blob.size)))
      await transfer.put({ client, repository }, blob, part.bytes);
  };
  await settleAll([artifact.config, ...artifact.layers].map(put));
  const { digest, bytes } = artifactManifest(artifact);
  const stored: StoredManifest = {
    digest,
    mediaType: MediaType.OCI_MANIFEST,
    bytes,
    manifest: parseManifest(bytes, MediaType.OCI_MANIFEST, describe(reference)),
  };
  await client.putManifest(repository, reference.tag ?? reference.digest ?? stored.digest, stored);
  return descriptorOf(stored);
}
