import type { Readable } from "node:stream";
import { matchesDigest, type Digest } from "../../image/digest";
import { formatReference, tryParseReference } from "../../image/reference";
import { MirrorError } from "../../error";
import { isMap, parseJson } from "../../json";
import { ownValue } from "../../ownKeys";
import { MAX_ARTIFACT_BYTES } from "../manifest/artifact";
import type { Descriptor } from "../manifest/descriptor";
import { MAX_MANIFEST_BYTES, parseManifest, type Manifest, type StoredManifest } from "../manifest/manifest";
import { isManifestType, MediaType } from "../manifest/mediaTypes";
import { referrerDescriptor, referrersTag } from "../registry/client";
import { Annotation, ArtifactType } from "./layoutAnnotations";
import { InvalidLayoutError, member } from "./layoutErrors";
import { openLayoutFiles, type LayoutFiles } from "./layoutFiles";
import { parseLeftOut, type LeftOut } from "./leftOut";

/** An entry of a layout's `index.json`. */
export interface LayoutEntry {
  readonly descriptor: Descriptor;
  /** Its name, canonical where that is a reference: `docker.io/library/nginx:1.27`; a tag alone stays one. */
  readonly name?: string;
  /** Of a name that is a reference: the paths behind its host, as they are written. */
  readonly paths?: readonly string[];
}

/** The file of a layout's entries. */
export const INDEX = "index.json";
const MARK = "oci-layout";
/** Of the file that marks a layout. */
const MAX_MARK_BYTES = 64 * 1024;

/** The file of a blob. */
export const blobPath = (digest: Digest): string => `blobs/${digest.replace(":", "/")}`;

/**
 * An OCI image layout that is read: a folder, or a tar archive (`oci-archive`)
 * ({@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md}).
 */
export class ImageLayout {
  private referrers: Promise<ReadonlyMap<string, readonly Descriptor[]>> | undefined;

  private constructor(
    private readonly files: LayoutFiles,
    readonly entries: readonly LayoutEntry[],
    /** Of its `index.json`. */
    readonly indexBytes: Buffer,
    /** Blobs that another layout has, which this one is the sequel of; none of one that is whole. */
    readonly leftOut: LeftOut,
  ) {}

  /** Opens a layout and reads its index. @throws {InvalidLayoutError} {FileAccessError} */
  static async open(place: string): Promise<ImageLayout> {
    const files = await openLayoutFiles(place);
    try {
      checkMark(place, await files.read(MARK, MAX_MARK_BYTES));
      const bytes = await files.read(INDEX, MAX_MANIFEST_BYTES);
      if (!bytes) throw new InvalidLayoutError(place, `it has no ${member(INDEX)}`);
      const index = manifestIn(place, INDEX, bytes, MediaType.OCI_INDEX);
      if (index.kind !== "index") throw new InvalidLayoutError(place, `${member(INDEX)} is no image index`);
      const entries = entriesOf(place, index.manifests);
      const whole = new ImageLayout(files, entries, bytes, new Map());
      return new ImageLayout(files, entries, bytes, await whole.readLeftOut());
    } catch (error) {
      await files.close();
      throw error;
    }
  }

  /** The archive or folder, as its user named it. */
  get place(): string {
    return this.files.place;
  }

  close(): Promise<void> {
    return this.files.close();
  }

  /** What a reference's name and tag stand for; undefined where the layout names no such image. */
  named(repository: string, tag: string): Descriptor | undefined {
    const name = `${repository}:${tag}`;
    const found = this.entries.find((entry) => entry.name === name);
    if (found) return found.descriptor;
    // What was saved by its digest has its tag besides.
    const pinned = new Map(
      this.entries
        .filter((entry) => entry.name?.startsWith(`${name}@`))
        .map(({ descriptor }) => [descriptor.digest, descriptor]),
    );
    return pinned.size === 1 ? [...pinned.values()][0] : undefined;
  }

  /** The tags of a repository. */
  tags(repository: string): string[] {
    const prefix = `${repository}:`;
    const tags = this.entries.flatMap(({ name }) =>
      name?.startsWith(prefix) ? [name.slice(prefix.length).split("@", 1)[0] as string] : [],
    );
    return [...new Set(tags)].filter((tag) => !tag.includes("/"));
  }

  blobSize(digest: Digest): Promise<number | undefined> {
    return this.files.sizeOf(blobPath(digest));
  }

  blobStream(digest: Digest, start: number): Promise<Readable | undefined> {
    return this.files.stream(blobPath(digest), start);
  }

  /** The bytes of a small blob; undefined where it is not there. @throws {InvalidLayoutError} where they are others */
  async blob(digest: Digest, limit: number): Promise<Buffer | undefined> {
    const bytes = await this.files.read(blobPath(digest), limit);
    if (bytes && !matchesDigest(digest, bytes))
      throw new InvalidLayoutError(this.place, `${member(blobPath(digest))} is not what its name, a digest, says`);
    return bytes;
  }

  /** A manifest; undefined where the layout has none of this digest. @throws {InvalidLayoutError} */
  async manifest(digest: Digest, mediaType?: string): Promise<StoredManifest | undefined> {
    const bytes = await this.blob(digest, MAX_MANIFEST_BYTES);
    if (!bytes) return undefined;
    const manifest = manifestIn(this.place, blobPath(digest), bytes, mediaType);
    return { digest, mediaType: manifest.mediaType, bytes, manifest };
  }

  /** What refers to a manifest: entries of the index with it as their subject, and those of its fallback tag. */
  async referrersOf(subject: Digest): Promise<readonly Descriptor[]> {
    const all = await (this.referrers ??= this.readReferrers());
    return all.get(subject) ?? [];
  }

  private async readReferrers(): Promise<ReadonlyMap<string, readonly Descriptor[]>> {
    const found = new Map<string, Map<Digest, Descriptor>>();
    const add = (subject: string, descriptor: Descriptor): void => {
      const known = found.get(subject) ?? new Map<Digest, Descriptor>();
      found.set(subject, known.set(descriptor.digest, descriptor));
    };
    for (const { descriptor, name } of this.entries) {
      const stored = await this.manifest(descriptor.digest, descriptor.mediaType);
      const { subject } = stored?.manifest ?? {};
      if (stored && subject) {
        const { artifactType } = descriptor;
        add(subject.digest, { ...(artifactType !== undefined && { artifactType }), ...referrerDescriptor(stored) });
      }
      const tag = name?.slice(name.lastIndexOf(":") + 1) ?? "";
      if (stored?.manifest.kind === "index" && FALLBACK_TAG.test(tag))
        for (const one of stored.manifest.manifests) add(tag, one);
    }
    for (const digest of new Set(this.entries.map(({ descriptor }) => descriptor.digest)))
      for (const one of found.get(referrersTag(digest))?.values() ?? []) add(digest, one);
    return new Map([...found].map(([subject, descriptors]) => [subject, [...descriptors.values()]]));
  }

  private async readLeftOut(): Promise<LeftOut> {
    const entry = this.entries.find(({ descriptor }) => descriptor.artifactType === ArtifactType.LEFT_OUT);
    if (!entry) return new Map();
    const { manifest } = (await this.manifest(entry.descriptor.digest)) ?? {};
    const layer = manifest?.kind === "image" ? manifest.layers[0] : undefined;
    // It is no manifest: of some ten thousand blobs it is larger than one may be.
    const bytes = layer && (await this.blob(layer.digest, MAX_ARTIFACT_BYTES));
    if (!bytes) throw new InvalidLayoutError(this.place, "it does not have the list of what was left out of it");
    return parseLeftOut(this.place, bytes);
  }
}

const FALLBACK_TAG = /^sha\d{3}-[0-9a-f]{64}$/;

function checkMark(place: string, bytes: Buffer | undefined): void {
  if (!bytes)
    throw new InvalidLayoutError(place, `it has no ${member(MARK)}, by which a layout is known`, {
      remedy: "Name an archive or folder that chart-mirror save, skopeo (oci-archive:), crane, oras or regctl wrote",
    });
  let version: unknown;
  try {
    const content = parseJson(bytes.toString("utf8"));
    version = isMap(content) ? content.imageLayoutVersion : undefined;
  } catch {
    version = undefined;
  }
  if (typeof version !== "string" || !/^1\.\d+\.\d+$/.test(version))
    throw new InvalidLayoutError(place, `${member(MARK)} names no version 1 of the image layout`);
}

function manifestIn(place: string, name: string, bytes: Buffer, mediaType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, mediaType, name);
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error;
    throw new InvalidLayoutError(place, `${member(name)} cannot be read: ${error.problem}`, { cause: error });
  }
}

/** The entries with their names; the same name for two images would be one of them by chance. */
function entriesOf(place: string, descriptors: readonly Descriptor[]): LayoutEntry[] {
  const byName = new Map<string, Digest>();
  return descriptors.map((descriptor) => {
    if (!isManifestType(descriptor.mediaType))
      throw new InvalidLayoutError(
        place,
        `${member(INDEX)} names ${descriptor.digest}, which is no manifest but ${member(descriptor.mediaType)}`,
      );
    const entry = { descriptor, ...nameOf(descriptor) };
    const { name } = entry;
    if (name === undefined) return entry;
    const other = byName.get(name);
    if (other !== undefined && other !== descriptor.digest)
      throw new InvalidLayoutError(place, `${member(INDEX)} has two images of the name ${member(name)}`);
    byName.set(name, descriptor.digest);
    return entry;
  });
}

/** Docker and containerd write the whole reference beside the tag; others have either in the one annotation. */
function nameOf({ annotations = {} }: Descriptor): Pick<LayoutEntry, "name" | "paths"> {
  const full = ownValue(annotations, Annotation.CONTAINERD_NAME);
  const written = full ?? ownValue(annotations, Annotation.REF_NAME);
  if (written === undefined || written === "") return {};
  const parsed = /[/:]/.test(written) ? tryParseReference(written) : undefined;
  // What names no host is Docker Hub's to containerd; the parts of a bundle that are no images have short names.
  if (!parsed || (!parsed.hasHost && full === undefined)) return { name: written };
  const { registry, repository, path } = parsed;
  const paths = (ownValue(annotations, Annotation.PATHS) ?? path).split(" ").filter((one) => {
    // As many ways to write one repository as there are: with and without Docker Hub's `library/`.
    const other = tryParseReference(`${registry}/${one}`);
    return other !== undefined && other.repository === repository && other.path === one;
  });
  return { name: formatReference(parsed), paths: paths.length > 0 ? paths.slice(0, 2) : [path] };
}
