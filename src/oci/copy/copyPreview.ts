import { matchesDigest, type Digest } from "../../image/digest";
import { checkTarget, compareEnds, type CopyContext } from "./copyEnds";
import { ImageReader, treeBlobs } from "./imageTree";
import { wantedRoot } from "./manifestCopy";

/** What a copy would do. */
export interface CopyPreview {
  /** Of what the target would have: the source's, or, with `platforms`, that of the subset. */
  readonly digest: Digest;
  /** Bytes of all blobs, each counted once. */
  readonly size: number;
  /** The target's tag already names it, so nothing would be written. */
  readonly isPresent: boolean;
}

/** Finds out what {@link copyImage} would do, and writes nothing. */
export async function previewCopy(context: CopyContext): Promise<CopyPreview> {
  const { source, target, cache, options } = context;
  const { wanted, present } = await compareEnds(context);
  const isThere = present !== undefined && present.digest === wanted;
  // What both have is read from the target: many a source counts readings.
  const end = isThere ? target : source;
  const reader = new ImageReader(end.client, cache());
  const root = isThere
    ? await reader.root({ ...target.reference, digest: present.digest })
    : (await wantedRoot(context, reader, wanted)).chosen;
  checkTarget(target, root.digest);
  const tree = await reader.tree(end.reference.repository, root);
  return {
    digest: root.digest,
    size: treeBlobs(tree, options.foreignLayers === "copy").reduce((sum, { size }) => sum + size, 0),
    isPresent: present !== undefined && matchesDigest(present.digest, root.bytes),
  };
}
