import { fillOutputFile } from "../files/outputFile";
import { ArchiveSession } from "../oci/layout/archiveSession";
import { blobsByRepository } from "../oci/layout/earlierBlobs";
import { ImageLayout } from "../oci/layout/imageLayout";
import { Annotation, ArtifactType } from "../oci/layout/layoutAnnotations";
import { LayoutArchive, type EarlierLayout } from "../oci/layout/layoutArchive";
import { checkLayout } from "../oci/layout/layoutCheck";
import { LAYOUT_HOST } from "../oci/layout/localSession";
import { layoutLocation } from "../oci/layout/openLayouts";
import { MediaType } from "../oci/manifest/mediaTypes";
import type { NewArtifact } from "../oci/manifest/artifact";
import { plainArtifact } from "../oci/manifest/artifactManifest";
import type { RegistriesOptions } from "../oci/registries";
import { mirrorPrefix, type MirrorAddress } from "../plan/layout";

/** A bundle that is being written. */
export interface NewBundle {
  readonly archive: LayoutArchive;
  /** What registries need to write into it, under the host {@link LAYOUT_HOST}. */
  readonly sessions: NonNullable<RegistriesOptions["sessions"]>;
}

/** An earlier bundle. */
export interface EarlierBundle extends EarlierLayout {
  readonly place: string;
}

/** Where a bundle is written, and what it need not have. */
export interface BundleFileOptions {
  /** An earlier bundle: blobs that it has are left out. */
  readonly since?: EarlierBundle;
  /** Files that this run reads. */
  readonly inputs?: readonly string[];
}

/**
 * Writes a bundle: beside its place, and moved there once it is whole.
 *
 * @param fill puts everything into it
 * @throws {OutputRefusedError} and the file system's own errors
 */
export async function writeBundle<T>(
  path: string,
  { since, inputs = [] }: BundleFileOptions,
  fill: (bundle: NewBundle) => Promise<T>,
): Promise<T> {
  const write = async (archive: LayoutArchive): Promise<T> => {
    await archive.begin();
    const sessions: NewBundle["sessions"] = {
      [LAYOUT_HOST]: (options) => new ArchiveSession(options, layoutLocation(path), archive),
    };
    const result = await fill({ archive, sessions });
    await archive.finish();
    return result;
  };
  return fillOutputFile(path, (file) => write(new LayoutArchive(file, since)), {
    what: "the bundle of --out",
    inputs: since === undefined ? inputs : [...inputs, since.place],
  });
}

/** Reads which blobs an earlier bundle has, so that they need not be saved again. @throws {InvalidLayoutError} where it is broken */
export async function readEarlierBundle(place: string): Promise<EarlierBundle> {
  const layout = await ImageLayout.open(place);
  try {
    await checkLayout(layout);
    return { place, blobs: await blobsByRepository(layout), indexBytes: layout.indexBytes };
  } finally {
    await layout.close();
  }
}

/** Puts a packed chart into a bundle. @param mirror set for one with patches for this mirror */
export async function addChart(
  { archive }: NewBundle,
  { name, version, tag }: { readonly name: string; readonly version: string; readonly tag: string },
  artifact: NewArtifact,
  mirror?: MirrorAddress,
): Promise<void> {
  await archive.addArtifact(`charts/${name.toLowerCase()}:${tag}`, artifact, {
    artifactType: MediaType.HELM_CONFIG,
    annotations: {
      [Annotation.TITLE]: name,
      [Annotation.VERSION]: version,
      ...(mirror && { [Annotation.MIRROR]: mirrorPrefix(mirror) }),
    },
  });
}

/** Puts the lock file of a chart into a bundle. */
export async function addLock(
  { archive }: NewBundle,
  { name, tag }: { readonly name: string; readonly tag: string },
  text: string,
  mirror: MirrorAddress,
): Promise<void> {
  const artifact = plainArtifact(ArtifactType.LOCK, "yaml", Buffer.from(text));
  await archive.addArtifact(`locks/${name.toLowerCase()}:${tag}`, artifact, {
    artifactType: ArtifactType.LOCK,
    annotations: { [Annotation.MIRROR]: mirrorPrefix(mirror) },
  });
}
