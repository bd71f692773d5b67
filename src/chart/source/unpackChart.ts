import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../image/digest";
import { digestOf } from "../../image/digest";
import { MirrorError } from "../../error";
import { readChartArchive } from "../content/chartArchive";
import { NotAChartError } from "../content/chartFiles";
import { ChartBudget } from "../content/chartLimits";
import { writeChartFiles } from "../content/writeChartFiles";

/** An archive on disk. */
export interface UnpackedChart {
  /** Folder with the chart's `Chart.yaml`; named by the digest, so that equal archives share it. */
  readonly folder: string;
  readonly digest: Digest;
}

/**
 * Unpacks a chart's archive below a folder; an archive that lies there already is taken as it is.
 *
 * It is unpacked beside and moved into its place, so that no other run sees half of it.
 *
 * @throws {NotAChartError} {UnsafeArchiveError} {ChartTooLargeError}
 */
export async function unpackChart(archive: Buffer, into: string, name: string): Promise<UnpackedChart> {
  const digest = digestOf(archive);
  const folder = join(into, digest.replace(":", "-"));
  if (await exists(folder)) return { folder, digest };
  const files = await readChartArchive(archive, "", new ChartBudget(name)).catch((error: unknown) => {
    if (error instanceof MirrorError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotAChartError(name, `it is no chart archive: ${reason}`, { cause: error });
  });
  if (!files.some((file) => file.path === "Chart.yaml")) throw new NotAChartError(name, "it has no Chart.yaml");
  await mkdir(into, { recursive: true });
  const temporary = await mkdtemp(join(into, "unpacking-"));
  try {
    await writeChartFiles(temporary, files);
    await rename(temporary, folder).catch(async (error: unknown) => {
      // Another run was quicker.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { folder, digest };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
