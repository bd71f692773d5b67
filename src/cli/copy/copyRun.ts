import { formatBytes } from "../../image/bytes";
import { parseReference } from "../../image/reference";
import type { CopyOptions } from "../../oci/copy/copyOptions";
import { copySummary } from "../../oci/copy/copySummary";
import type { Registries } from "../../oci/registries";
import type { FailedImage } from "./copyFailures";
import type { SelectedImage } from "./copySelection";

/** What is told of one image, as data; more than these where there is more to tell. */
export interface CopyEntry {
  /** As the chart or the user writes it. */
  readonly source: string;
  readonly target: string;
  readonly digest: string;
}

/** What a run over some images did, or found out. */
export interface CopyRun {
  /** One entry for each image that did not fail, in the order of the images. */
  readonly entries: readonly CopyEntry[];
  readonly summary: string;
  readonly failed: readonly FailedImage[];
}

/** Takes the line of one image. */
export type TellImage = (line: string) => void;

/**
 * Copies images, many at once: the registries' limits keep order. One that fails does not stop the others.
 *
 * @param tell told of each image when it is there
 * @param done called when an image has come to its end, well or not
 */
export async function copyImages(
  images: readonly SelectedImage[],
  registries: Pick<Registries, "copy">,
  options: CopyOptions,
  tell: TellImage,
  done: () => void,
): Promise<CopyRun> {
  const { results, failed } = await forEach(images, done, async (image) => {
    const { written, source, target } = image;
    const result = await registries.copy(source, parseReference(target), optionsFor(image, options));
    tell(`${written} -> ${target} (${copySummary(result)})`);
    return { source: written, target, ...result };
  });
  const there = results.filter(({ unchanged }) => unchanged).length;
  const bytes = results.reduce((sum, { bytesCopied }) => sum + bytesCopied, 0);
  return {
    entries: results,
    summary: `${countOf(results.length - there)} copied (${formatBytes(bytes)}), ${there} there already, ${failed.length} failed`,
    failed,
  };
}

/** Finds out what {@link copyImages} would do; tells of the images in their order, when all is known. Parameters as there. */
export async function previewImages(
  images: readonly SelectedImage[],
  registries: Pick<Registries, "preview">,
  options: CopyOptions,
  tell: TellImage,
  done: () => void,
): Promise<CopyRun> {
  const { results, failed } = await forEach(images, done, async (image) => {
    const { written, source, target } = image;
    const wanted = optionsFor(image, options);
    const { digest, size, isPresent } = await registries.preview(source, parseReference(target), wanted);
    return { source: written, target, digest, size, state: isPresent ? "present" : "new" };
  });
  for (const { source, target, size, state } of results)
    tell(`${source} -> ${target} (${formatBytes(size)}, ${state})`);
  const missing = results.filter(({ state }) => state === "new");
  const bytes = missing.reduce((sum, { size }) => sum + size, 0);
  return {
    entries: results,
    // Layers that images share travel once.
    summary: `${countOf(missing.length)} to copy (at most ${formatBytes(bytes)}), ${results.length - missing.length} present, ${failed.length} failed`,
    failed,
  };
}

function optionsFor({ isWhole }: SelectedImage, { platforms, ...options }: CopyOptions): CopyOptions {
  return { ...options, platforms: isWhole ? undefined : platforms };
}

const countOf = (images: number): string => `${images} image${images === 1 ? "" : "s"}`;

/**
 * Images that are under way at a time: more than registries take requests, and no more, since each keeps its manifests in
 * memory while it waits for its blobs, of 4 MiB each where somebody has made them so.
 */
const AT_A_TIME = 32;

async function forEach<T>(
  images: readonly SelectedImage[],
  done: () => void,
  work: (image: SelectedImage) => Promise<T>,
): Promise<{ results: T[]; failed: FailedImage[] }> {
  const settled: PromiseSettledResult<T>[] = new Array<PromiseSettledResult<T>>(images.length);
  const waiting = images.entries();
  const worker = async (): Promise<void> => {
    for (const [i, image] of waiting) [settled[i]] = await Promise.allSettled([work(image).finally(done)]);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return {
    results: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
    failed: images.flatMap((image, i) => {
      const one = settled[i];
      return one?.status === "rejected" ? [{ image, error: one.reason as Error }] : [];
    }),
  };
}
