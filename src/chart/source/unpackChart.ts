import { TemporaryFolder } from "../../files/temporaryFolder";
import type { Digest } from "../../image/digest";
import { digestOf } from "../../image/digest";
import { MirrorError } from "../../error";
import { readChartArchive } from "../content/chartArchive";
import { NotAChartError } from "../content/chartFiles";
import { ChartBudget } from "../content/chartLimits";
import { writeChartFiles } from "../content/writeChartFiles";

/** An archive on disk. */
export interface UnpackedChart {
  /** Folder with the chart's `Chart.yaml`, which nobody but this process writes to. */
  readonly folder: string;
  readonly digest: Digest;
  /** Deletes the folder. */
  readonly remove: () => Promise<void>;
}

/**
 * Unpacks a chart's archive into a new temporary folder. What an earlier run has unpacked is never taken: somebody else
 * could have changed it, and the archive has been fetched anyway.
 *
 * @throws {NotAChartError} {UnsafeArchiveError} {ChartTooLargeError}
 */
export async function unpackChart(archive: Buffer, name: string): Promise<UnpackedChart> {
  const files = await readChartArchive(archive, "", new ChartBudget(name)).catch((error: unknown) => {
    if (error instanceof MirrorError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotAChartError(name, `it is no chart archive: ${reason}`, { cause: error });
  });
  if (!files.some((file) => file.path === "Chart.yaml")) throw new NotAChartError(name, "it has no Chart.yaml");
  const temporary = await TemporaryFolder.make();
  const remove = () => temporary.remove();
  try {
    writeChartFiles(temporary.path, files);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder: temporary.path, digest: digestOf(archive), remove };
}
