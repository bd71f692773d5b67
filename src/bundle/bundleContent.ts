import { MirrorErrors } from "../error";
import type { Digest } from "../image/digest";
import { formatReference, parseReference, tryParseReference, type ImageReference } from "../image/reference";
import { ownValue } from "../ownKeys";
import { MAX_ARTIFACT_BYTES } from "../oci/manifest/artifact";
import { isCosignTag } from "../oci/copy/cosignTags";
import { MediaType } from "../oci/manifest/mediaTypes";
import type { ImageLayout, LayoutEntry } from "../oci/layout/imageLayout";
import { Annotation, ArtifactType } from "../oci/layout/layoutAnnotations";
import { InvalidLayoutError, member } from "../oci/layout/layoutErrors";
import { LAYOUT_HOST } from "../oci/layout/localSession";
import { mirrorPrefix, targetReference, type LayoutOptions, type MirrorAddress } from "../plan/layout";
import type { LockFile } from "../plan/lock/lockFile";
import { parseLock } from "../plan/lock/lockFormat";
import { refuseTargetCollisions } from "../plan/targetCollision";

/** An image or a chart of a bundle, and the reference that it gets in the mirror. */
export interface BundlePart {
  readonly kind: "image" | "chart";
  /** Its name in the bundle. */
  readonly written: string;
  /** Where it is read. */
  readonly source: ImageReference;
  /** The reference in the mirror. */
  readonly target: string;
}

/** The images and charts of a bundle that go into a mirror, and those that were left out. */
export interface BundleParts {
  readonly parts: readonly BundlePart[];
  /** In words. */
  readonly left: readonly string[];
}

/**
 * The target in the mirror of every image and chart of a bundle.
 *
 * @throws {InvalidLayoutError} where nothing of it has a name, or a name fits nowhere
 * @throws {TargetCollisionError} where two images would have one place
 */
export async function bundleParts(
  layout: ImageLayout,
  mirror: MirrorAddress,
  options: LayoutOptions,
): Promise<BundleParts> {
  const parts: BundlePart[] = [];
  const left: string[] = [];
  const written = writtenPaths(layout);
  let nameless = 0;
  for (const entry of layout.entries) {
    const { descriptor, name } = entry;
    if (isInternal(entry)) continue;
    if (name === undefined) {
      // What refers to an image comes with it.
      if (!descriptor.artifactType || !(await layout.manifest(descriptor.digest))?.manifest.subject) nameless++;
      continue;
    }
    const isChart = descriptor.artifactType === MediaType.HELM_CONFIG;
    const of = isChart ? ownValue(descriptor.annotations ?? {}, Annotation.MIRROR) : undefined;
    if (of !== undefined && of !== mirrorPrefix(mirror)) {
      left.push(`${name} is patched for ${of}, and is not loaded into ${mirrorPrefix(mirror)}`);
      continue;
    }
    const targets = isChart
      ? [`${mirrorPrefix(mirror)}/${name}`]
      : imageTargets(layout, entry, written, mirror, options);
    for (const target of targets)
      parts.push({
        kind: isChart ? "chart" : "image",
        written: name,
        source: inLayout(name, entry),
        target: formatReference(parseReference(target)),
      });
  }
  if (nameless > 0) left.push(`${nameless} images of it have no name (${Annotation.REF_NAME}), and are not loaded`);
  if (parts.length === 0)
    throw new InvalidLayoutError(
      layout.place,
      nameless > 0
        ? `none of its ${nameless} images has a name (annotation ${Annotation.REF_NAME})`
        : "it holds no image and no chart",
      {
        remedy:
          "Write it with names: skopeo copy … oci-archive:FILE:NAME, crane pull --annotate-ref, or chart-mirror save",
      },
    );
  refuseTargetCollisions(parts.map(({ written: source, target }) => ({ source, target })));
  return { parts, left };
}

/** A chart in a bundle. */
export interface BundleChart {
  readonly name: string;
  readonly version: string;
  /** The packed chart. @throws {InvalidLayoutError} where it is missing or another one */
  readonly archive: () => Promise<Buffer>;
}

/**
 * The charts of a bundle as their authors made them.
 *
 * @throws {InvalidLayoutError} where two of them have one name and version, of which one would be taken by chance
 */
export function bundleCharts(layout: ImageLayout): BundleChart[] {
  const seen = new Map<string, string>();
  return layout.entries.flatMap(({ descriptor }) => {
    const { artifactType, annotations = {}, digest } = descriptor;
    const name = ownValue(annotations, Annotation.TITLE);
    const version = ownValue(annotations, Annotation.VERSION);
    const isPatched = ownValue(annotations, Annotation.MIRROR) !== undefined;
    if (artifactType !== MediaType.HELM_CONFIG || isPatched || name === undefined || version === undefined) return [];
    const key = `${name} ${version}`;
    const known = seen.get(key);
    if (known === digest) return [];
    if (known !== undefined) throw new InvalidLayoutError(layout.place, `it has two charts ${key}`);
    seen.set(key, digest);
    return [{ name, version, archive: () => layerOf(layout, digest, MediaType.HELM_CHART) }];
  });
}

/** A lock file in a bundle. */
export interface BundleLock {
  readonly lock: LockFile;
  readonly text: string;
}

/** Bytes of a lock file in a bundle: one of as many images as a bundle may have is a good third of it. */
const MAX_LOCK_BYTES = 16 * 1024 * 1024;

/**
 * The lock files of a bundle, each once under however many names: an index may have thousands for one.
 *
 * @throws {InvalidLockError} {InvalidLayoutError}
 */
export async function bundleLocks(layout: ImageLayout): Promise<BundleLock[]> {
  const locks = new Map<Digest, BundleLock>();
  for (const { descriptor, name = "its lock file" } of layout.entries) {
    const { artifactType, digest } = descriptor;
    if (artifactType !== ArtifactType.LOCK || locks.has(digest)) continue;
    const text = (await layerOf(layout, digest, `${ArtifactType.LOCK}+yaml`, MAX_LOCK_BYTES)).toString("utf8");
    const renew = "chart-mirror save CHART --to HOST[/PATH] --out FILE";
    locks.set(digest, { lock: parseLock(text, `${layout.place} (${name})`, renew), text });
  }
  return [...locks.values()];
}

/**
 * Refuses a bundle that does not have what its lock files say.
 *
 * @throws {InvalidLayoutError} about all images that it lacks
 */
export async function refuseUnlocked(layout: ImageLayout, locks: readonly BundleLock[]): Promise<void> {
  const problems: Error[] = [];
  for (const { lock } of locks)
    for (const { source, digest, targetDigest = digest } of lock.images) {
      const { registry, repository, tag = "latest", digest: pinned } = parseReference(source);
      const found = pinned ?? layout.named(`${registry}/${repository}`, tag)?.digest;
      const isThere = found === undefined ? undefined : await layout.manifest(found);
      if (!isThere || found !== targetDigest)
        problems.push(
          new InvalidLayoutError(
            layout.place,
            `its lock file has ${source} as ${targetDigest}, and it has ${isThere ? String(found) : "no such image"}`,
          ),
        );
    }
  MirrorErrors.throwIfAny(`Comparing ${layout.place} with its lock file`, problems);
}

/** What a bundle keeps for itself. */
const isInternal = ({ descriptor: { artifactType } }: LayoutEntry): boolean =>
  artifactType === ArtifactType.LOCK || artifactType === ArtifactType.LEFT_OUT;

/** The digest decides; the name is for messages. */
function inLayout(name: string, { descriptor }: LayoutEntry): ImageReference {
  const { registry, repository, tag } = tryParseReference(name) ?? {
    registry: LAYOUT_HOST,
    repository: "image",
    tag: name,
  };
  const path = `${registry}/${repository}`;
  return {
    registry: LAYOUT_HOST,
    repository: path,
    path,
    hasHost: true,
    digest: descriptor.digest,
    ...(tag !== undefined && { tag }),
  };
}

/** Where an image of this name is to be; in two places where charts write it in two ways. */
function imageTargets(
  layout: ImageLayout,
  { name = "", paths }: LayoutEntry,
  written: ReturnType<typeof writtenPaths>,
  mirror: MirrorAddress,
  options: LayoutOptions,
): string[] {
  const wrong = (why: string, remedy: string): InvalidLayoutError =>
    new InvalidLayoutError(layout.place, `its image ${member(name)} has no place in ${mirrorPrefix(mirror)}: ${why}`, {
      remedy,
    });
  // oras and regctl write tags alone: the repository is what is asked for.
  if (!/[/:]/.test(name)) {
    if (!mirror.path) throw wrong("its name is a tag alone", "Name the repository: --to HOST/PATH");
    if (!tryParseReference(`x/y:${name}`))
      throw wrong("its name is no tag", "Write the layout with references for names");
    return [`${mirrorPrefix(mirror)}:${name}`];
  }
  const reference = tryParseReference(name);
  if (!reference) throw wrong("its name is no image reference", "Write the layout with references for names");
  // Signatures, attestations and SBOMs stay beside their image.
  const beside = isCosignTag(reference.tag ?? "") ? written.get(repositoryOf(reference)) : paths;
  return [...(beside ?? [reference.path])].map((path) => targetReference({ ...reference, path }, mirror, options));
}

/** How charts write the repositories of a bundle's images, by repository. */
function writtenPaths({ entries }: ImageLayout): ReadonlyMap<string, ReadonlySet<string>> {
  const written = new Map<string, Set<string>>();
  for (const { name = "", paths = [] } of entries) {
    const reference = paths.length > 0 ? tryParseReference(name) : undefined;
    if (!reference || isCosignTag(reference.tag ?? "")) continue;
    const key = repositoryOf(reference);
    const known = written.get(key) ?? new Set();
    for (const path of paths) known.add(path);
    written.set(key, known);
  }
  return written;
}

const repositoryOf = ({ registry, repository }: ImageReference): string => `${registry}/${repository}`;

async function layerOf(layout: ImageLayout, digest: Digest, type: string, limit = MAX_ARTIFACT_BYTES): Promise<Buffer> {
  const manifest = (await layout.manifest(digest))?.manifest;
  const layer = manifest?.kind === "image" ? manifest.layers.find(({ mediaType }) => mediaType === type) : undefined;
  const bytes = layer && (await layout.blob(layer.digest, limit));
  if (!bytes) throw new InvalidLayoutError(layout.place, `${digest} of it has no content of the type ${type}`);
  return bytes;
}
