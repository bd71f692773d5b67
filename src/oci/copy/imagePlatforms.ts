import type { Digest } from "../../image/digest";
import type { Platform } from "../../image/platform";
import { parseJson } from "../../json";
import type { RegistryClient } from "../registry/client";
import type { Descriptor } from "../manifest/descriptor";
import { ImageNotFoundError } from "../errors/errors";
import { MAX_NESTING, type ImageReader } from "./imageTree";
import { MAX_MANIFEST_BYTES, type StoredManifest } from "../manifest/manifest";
import { isImageConfigType, isManifestType } from "../manifest/mediaTypes";
import { settleAll } from "../transport/settleAll";

/**
 * Which platforms images are for: as their index says it, else as their configuration does, as containerd reads it, too
 * ({@link https://github.com/containerd/containerd/blob/main/core/images/image.go}, `Manifest`).
 */
export class ImagePlatforms {
  /** Of manifests that were looked at: several indexes may name one. */
  private readonly known = new Map<Digest, Promise<readonly Platform[]>>();

  constructor(
    private readonly client: RegistryClient,
    private readonly reader: ImageReader,
    private readonly repository: string,
  ) {}

  /** Those of an image, or of all images of an index, in its order; none of artifacts and attestations. */
  async of({ manifest }: StoredManifest, depth = 0): Promise<readonly Platform[]> {
    if (manifest.kind === "image") return this.ofConfig(manifest.config);
    const all = (await settleAll(manifest.manifests.map((entry) => this.ofEntry(entry, depth)))).flat();
    // Those below an index of indexes may be as many as there are ways to them.
    return depth === 0 ? all : [...new Map(all.map((platform) => [JSON.stringify(platform), platform])).values()];
  }

  /** Those of one entry of an index. */
  async ofEntry({ platform, mediaType, digest }: Descriptor, depth = 0): Promise<readonly Platform[]> {
    // buildx stores attestations so: https://docs.docker.com/build/metadata/attestations/attestation-storage/
    if (platform) return platform.os === "unknown" ? [] : [platform];
    if (!isManifestType(mediaType) || depth >= MAX_NESTING) return [];
    const known = this.known.get(digest) ?? this.ofChild(digest, depth + 1);
    this.known.set(digest, known);
    return known;
  }

  private async ofChild(digest: Digest, depth: number): Promise<readonly Platform[]> {
    try {
      return await this.of(await this.reader.child(this.repository, digest), depth);
    } catch (error) {
      // An index may name what its registry does not have; whoever needs it is told when it is read.
      if (error instanceof ImageNotFoundError) return [];
      throw error;
    }
  }

  private async ofConfig(config: Descriptor | undefined): Promise<readonly Platform[]> {
    if (!config || !isImageConfigType(config.mediaType) || config.size > MAX_MANIFEST_BYTES) return [];
    const text = (await this.client.blob(this.repository, config, MAX_MANIFEST_BYTES)).toString("utf8");
    const { os, architecture, variant } = fieldsOf(text);
    if (typeof os !== "string" || typeof architecture !== "string" || !os || !architecture) return [];
    return [{ os, architecture, ...(typeof variant === "string" && variant && { variant }) }];
  }
}

/** A configuration that is not one tells nothing: nobody but its runtime reads it. */
function fieldsOf(text: string): Partial<Record<string, unknown>> {
  try {
    return (parseJson(text) as Partial<Record<string, unknown>> | null) ?? {};
  } catch {
    return {};
  }
}
