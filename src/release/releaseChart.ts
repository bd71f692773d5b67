import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ChartCopy } from "../chart/content/chartCopy";
import { contentDigest } from "../chart/content/contentDigest";
import { patchedFiles } from "../chart/content/patch";
import type { LoadedChart } from "../chart/source/source";
import { packedChart } from "../machine/packedChart";
import { pathSegment } from "../files/pathSegment";
import { statIfThere } from "../files/presence";
import { chartArtifact, chartPlace, chartRepositoryIn, shortHash } from "../plan/chartArtifact";
import type { MirrorAddress } from "../plan/layout";
import type { ChartPatch } from "../plan/relocationPlan";
import type { ChartInMirror } from "../registry/mirrorRegistry";
import { ReleaseFolder } from "./releaseFolder";

/** The chart that a release installs. */
export interface ReleaseChart {
  /** What the user named; or, relative to the program's folder, a copy of it or the archive that is mirrored. */
  readonly chart: string;
  /** Its version, explicit also where the user named a range or none. */
  readonly version: string;
  /** Whether `chart` was written to disk for the release, so that it needs no repository. */
  readonly onDisk: boolean;
  /** Whether that is an archive as its author packed it, beside its provenance file. */
  readonly verifiable?: boolean;
  /** Set when the chart itself is mirrored. */
  readonly toMirror?: ChartToMirror;
}

/** What of a chart goes into the mirror. */
export interface ChartToMirror {
  /** `registry.example.com/platform/charts/shop`. */
  readonly repository: string;
  /** The chart as it was analysed, and its patched copy where there is one. The last is the one to deploy. */
  readonly archives: readonly ChartInMirror[];
}

/** What is written to disk of a chart, and where. */
export interface ReleaseChartOptions {
  /** The component's first name. */
  readonly name: string;
  /** See `claimReleaseFolder`. */
  readonly folderEnding?: string;
  /** The chart as the user named it. */
  readonly named: string;
  readonly loaded: LoadedChart;
  readonly patches: readonly ChartPatch[];
  /** Whether it is another chart than was deployed under its version, see `chartSeen`. */
  readonly pushedAgain?: boolean;
}

/**
 * The chart that a release installs where it is not mirrored: what the user named where that has a version that stays, or a
 * copy, of a chart with the plan's patches, of one that the user has on disk, and of one that was pushed again. The copy's path is relative and the same
 * on every machine, since Pulumi compares it as text; it carries a hash of the copy's content, since Pulumi looks at no
 * file of a chart on disk: a change of any file is an upgrade so, where the path that the user named would be none
 * ({@link https://github.com/pulumi/pulumi-kubernetes/issues/2118}). The copy's `Chart.yaml` stays as it is: charts write
 * their version into labels and selectors.
 */
export async function releaseChart({
  name,
  folderEnding,
  named,
  loaded,
  patches,
  pushedAgain = false,
}: ReleaseChartOptions): Promise<ReleaseChart> {
  const { chart, folder, archive } = loaded;
  const { version } = chart.metadata;
  if (patches.length === 0 && !loaded.local && !isTaggedOtherwise(loaded) && !pushedAgain)
    return { chart: named, version, onDisk: false };
  const files = patchedFiles(chart, patches);
  const written = new ReleaseFolder(name, folderEnding);
  const hash = shortHash(await contentDigest(chart, folder, files));
  const chartName = pathSegment(chart.metadata.name, "a chart");
  if (archive !== undefined && patches.length === 0) {
    const file = pathSegment(basename(archive), "a chart's archive");
    await written.write(folder, async (fresh) => {
      await mkdir(join(fresh, hash), { recursive: true });
      await copyFile(archive, join(fresh, hash, file));
      // Helm verifies the archive with it, where it is asked to.
      const provenance = `${archive}.prov`;
      if (await statIfThere(provenance)) await copyFile(provenance, join(fresh, hash, `${file}.prov`));
    });
    return { chart: `${written.at(hash)}/${file}`, version, onDisk: true, verifiable: true };
  }
  await written.write(folder, async (fresh) => {
    const copy = await ChartCopy.create(folder, join(fresh, hash, chartName));
    await copy.apply(files);
  });
  return { chart: `${written.at(hash)}/${chartName}`, version, onDisk: true };
}

/**
 * `helm.v3.Release` asks a registry once more, for the version that it has read in `Chart.yaml`: under that tag there may
 * be another chart.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/helm_release.go (Check)
 */
function isTaggedOtherwise({ tag, metadata }: LoadedChart): boolean {
  return tag !== undefined && tag.replaceAll("_", "+") !== metadata.version;
}

/**
 * The chart packed for the mirror. Where it has patches, the chart without them goes there, too: it is what the next
 * preview is made of.
 *
 * The release is deployed from the same archive on disk. From the mirror it would need a login among its arguments, so that
 * every rotated password were an upgrade whose hooks run again; and a patched chart's tag is not the version in its
 * `Chart.yaml` ({@link isTaggedOtherwise}). The archive's name carries a hash of its content, so that a change of the chart
 * alone shows there.
 */
export async function mirroredReleaseChart(
  { name, folderEnding, loaded, patches }: Omit<ReleaseChartOptions, "named">,
  mirror: MirrorAddress,
): Promise<ReleaseChart> {
  const { name: chart, version: own } = loaded.metadata;
  const folder = new ReleaseFolder(name, folderEnding);
  const repository = chartRepositoryIn(mirror, chart);
  const archives: ChartInMirror[] = [];
  const contents = new Map<string, Buffer>();
  for (const some of patches.length > 0 ? [[], patches] : [[]]) {
    const { metadata, archive } = await packedChart(loaded.chart, loaded.folder, some);
    const artifact = chartArtifact(metadata, archive);
    const { version, target, digest } = chartPlace(repository, metadata, artifact, some.length > 0);
    const file = folder.at(`${chart}-${own}-${shortHash(digest)}.tgz`);
    contents.set(file, archive);
    archives.push({ file, target, version, digest });
  }
  const { file } = archives.at(-1) as ChartInMirror;
  await folder.write(loaded.folder, async (fresh) => {
    await mkdir(fresh);
    for (const [path, content] of contents) await writeFile(join(fresh, basename(path)), content);
  });
  return { chart: file, version: own, onDisk: true, toMirror: { repository, archives } };
}
