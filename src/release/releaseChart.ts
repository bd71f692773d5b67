import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ChartCopy } from "../chart/content/chartCopy";
import { chartDigest, patchedFiles } from "../chart/content/patch";
import type { LoadedChart } from "../chart/source/source";
import { packedChart } from "../machine/packedChart";
import { pathSegment } from "../files/pathSegment";
import { chartArtifact, chartPlace, chartRepositoryIn, shortHash } from "../plan/chartArtifact";
import type { MirrorAddress } from "../plan/layout";
import type { ChartPatch } from "../plan/relocationPlan";
import type { ChartInMirror } from "../registry/mirrorRegistry";
import { ReleaseFolder } from "./releaseFolder";

/** The chart that a release installs. */
export interface ReleaseChart {
  /** What the user named; or, relative to the program's folder, its patched copy or the archive that is mirrored. */
  readonly chart: string;
  /** Its version, explicit also where the user named a range or none. */
  readonly version: string;
  /** Whether `chart` was written to disk for the release, so that it needs no repository. */
  readonly onDisk: boolean;
  /** Set when the chart itself is mirrored. */
  readonly toMirror?: ChartToMirror;
}

/** What of a chart goes into the mirror. */
export interface ChartToMirror {
  /** `registry.example.com/platform/charts/shop`. */
  readonly repository: string;
  /** The chart as it was analysed, and its patched copy where there is one. The last is the one to deploy. */
  readonly archives: readonly ChartInMirror[];
  /** Set where Helm itself can pull it from the mirror. `caFile` is relative to the program's folder. */
  readonly helm?: { readonly caFile?: string };
}

/** How Helm speaks to the mirror: what is known of `MirrorRegistry.helmReach`. */
export interface HelmReach {
  readonly plainHttp?: boolean;
  readonly caCertificate?: string;
  /** Whether there is a login. */
  readonly login: boolean;
}

/** What is written to disk of a chart, and where. */
export interface ReleaseChartOptions {
  /** The component's name. */
  readonly name: string;
  /** The chart as the user named it. */
  readonly named: string;
  readonly loaded: LoadedChart;
  readonly patches: readonly ChartPatch[];
}

/**
 * The chart that a release installs where it is not mirrored: what the user named, or a copy with the plan's patches. The
 * copy's path is relative and the same on every machine, since Pulumi compares it as text; it carries a hash of the copy's
 * content, since Pulumi looks at no file of a chart on disk. The copy's `Chart.yaml` stays as it is: charts write their
 * version into labels and selectors.
 */
export async function releaseChart({ name, named, loaded, patches }: ReleaseChartOptions): Promise<ReleaseChart> {
  const { chart, folder } = loaded;
  const { version } = chart.metadata;
  if (patches.length === 0 && !isTaggedOtherwise(loaded)) return { chart: named, version, onDisk: false };
  const files = patchedFiles(chart, patches);
  const written = new ReleaseFolder(name);
  const hash = shortHash(chartDigest(chart, files));
  const chartName = pathSegment(chart.metadata.name, "a chart");
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
 * The archive is on disk for whoever pushes it, and for releases that cannot have it from the mirror: those whose Helm
 * does not reach it, and those of a patched chart, since its tag is not the version in its `Chart.yaml`
 * ({@link isTaggedOtherwise}). Its name carries a hash of its content, so that a change of the chart alone shows there.
 *
 * @param reach how Helm speaks to the mirror; undefined where it has no login that stays
 */
export async function mirroredReleaseChart(
  { name, loaded, patches }: Omit<ReleaseChartOptions, "named">,
  mirror: MirrorAddress,
  reach: HelmReach | undefined,
): Promise<ReleaseChart> {
  const { name: chart, version: own } = loaded.metadata;
  const folder = new ReleaseFolder(name);
  const repository = chartRepositoryIn(mirror, chart);
  const archives: ChartInMirror[] = [];
  const contents = new Map<string, Buffer | string>();
  const patched = patches.length > 0;
  for (const some of patched ? [[], patches] : [[]]) {
    const { metadata, archive } = await packedChart(loaded.chart, loaded.folder, some);
    const artifact = chartArtifact(metadata, archive);
    const { version, target, digest } = chartPlace(repository, metadata, artifact, some.length > 0);
    const file = folder.at(`${chart}-${own}-${shortHash(digest)}.tgz`);
    contents.set(file, archive);
    archives.push({ file, target, version, digest });
  }
  const { file } = archives.at(-1) as ChartInMirror;
  const helm = patched ? undefined : helmAccess(folder.at("ca.pem"), reach);
  if (helm?.caFile !== undefined) contents.set(helm.caFile, reach?.caCertificate ?? "");
  await folder.write(loaded.folder, async (fresh) => {
    await mkdir(fresh);
    for (const [path, content] of contents) await writeFile(join(fresh, basename(path)), content);
  });
  return { chart: file, version: own, onDisk: true, toMirror: { repository, archives, ...(helm && { helm }) } };
}

/**
 * `helm.v3.Release` speaks to registries by TLS alone, takes a certificate as a file, and heeds that with a login only.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/helm_release.go (getChart)
 */
function helmAccess(caFile: string, reach: HelmReach | undefined): ChartToMirror["helm"] {
  if (!reach || reach.plainHttp) return undefined;
  if (reach.caCertificate === undefined) return {};
  return reach.login ? { caFile } : undefined;
}
