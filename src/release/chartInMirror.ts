import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { chooseVersion } from "../chart/source/chartRepository";
import type { ChartSource } from "../chart/source/source";
import { chartRepositoryIn } from "../plan/chartArtifact";
import type { MirrorAddress } from "../plan/layout";
import type { LockFile } from "../plan/lock/lockFile";

/**
 * Where the mirror has the chart that a lock file is of; undefined where the program asks for another one, or for one on
 * disk, which needs no network.
 *
 * @param exists tells of a path whether something lies there
 */
export function chartInMirror(
  { chart, version, devel }: ChartSource,
  locked: LockFile["chart"],
  mirror: MirrorAddress,
  exists: (path: string) => boolean = (path) => existsSync(resolve(path)),
): Pick<ChartSource, "chart" | "version"> | undefined {
  const remote = /^[a-z]+:\/\//.test(chart);
  if (!remote && (/^\.{0,2}[/\\]/.test(chart) || exists(chart))) return undefined;
  const [, name, tag, digest] = /(?<![^/:@])([^/:@]+)(?::([^/:@]+))?(@[^/]+)?$/.exec(chart) ?? [];
  // A digest and the address of an archive name content that the lock file knows nothing of.
  if (name !== locked.name || digest !== undefined) return undefined;
  const wanted = tag?.replaceAll("_", "+") ?? version;
  if (wanted !== locked.version && chooseVersion([locked.version], wanted, devel) === undefined) return undefined;
  return { chart: `oci://${chartRepositoryIn(mirror, locked.name)}`, version: locked.version };
}
