import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ChartCopy } from "../chart/content/chartCopy";
import { parseHelmYaml } from "../chart/content/helmYaml";
import { patchedFiles, withContentVersion } from "../chart/content/patch";
import type { LoadedChart } from "../chart/source/source";
import { isMap } from "../chart/content/valuePaths";
import { packedChart } from "../machine/packedChart";
import { artifactManifest } from "../oci/manifest/artifactManifest";
import { chartArtifact, chartRepositoryIn, chartTag } from "../plan/chartArtifact";
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
 * copy's path is relative and the same on every machine, since Pulumi compares it as text; its version carries a hash of
 * its content, since that is all that Pulumi compares of a chart on disk.
 */
export async function releaseChart({ name, named, loaded, patches }: ReleaseChartOptions): Promise<ReleaseChart> {
  const { chart, folder } = loaded;
  const { version } = chart.metadata;
  if (patches.length === 0) return { chart: named, version, onDisk: false };
  const written = new ReleaseFolder(name);
  const path = written.at(chart.metadata.name);
  const files = withContentVersion(chart, patchedFiles(chart, patches));
  await written.write(folder, async (fresh) => {
    const copy = await ChartCopy.create(folder, join(fresh, basename(path)));
    await copy.apply(files);
  });
  return { chart: path, version: metadataVersion(files.get("Chart.yaml") ?? "") ?? version, onDisk: true };
}

/**
 * The chart packed for the mirror. Where it has patches, the chart without them goes there, too: it is what the next
 * preview is made of.
 *
 * The archive is on disk for whoever pushes it, and for releases whose Helm cannot pull it from the mirror. Its name
 * carries a hash of its content, so that a change of the chart alone shows there.
 *
 * @param reach how Helm speaks to the mirror; undefined where it has no login that stays
 */
export async function mirroredReleaseChart(
  { name, loaded, patches }: Omit<ReleaseChartOptions, "named">,
  mirror: MirrorAddress,
  reach: HelmReach | undefined,
): Promise<ReleaseChart> {
  const folder = new ReleaseFolder(name);
  const { name: chart } = loaded.metadata;
  const repository = chartRepositoryIn(mirror, chart);
  const archives: ChartInMirror[] = [];
  const contents = new Map<string, Buffer | string>();
  for (const some of patches.length > 0 ? [[], patches] : [[]]) {
    const { metadata, archive } = await packedChart(loaded.chart, loaded.folder, some);
    const { version } = metadata;
    const { digest } = artifactManifest(chartArtifact(metadata, archive));
    const file = folder.at(`${chart}-${version}-${digest.slice("sha256:".length).slice(0, 12)}.tgz`);
    contents.set(file, archive);
    archives.push({ file, target: `${repository}:${chartTag(version)}`, version, digest });
  }
  const { file, version } = archives.at(-1) as ChartInMirror;
  const helm = helmAccess(folder.at("ca.pem"), reach);
  if (helm?.caFile !== undefined) contents.set(helm.caFile, reach?.caCertificate ?? "");
  await folder.write(loaded.folder, async (fresh) => {
    await mkdir(fresh);
    for (const [path, content] of contents) await writeFile(join(fresh, basename(path)), content);
  });
  return { chart: file, version, onDisk: true, toMirror: { repository, archives, ...(helm && { helm }) } };
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

function metadataVersion(chartYaml: string): string | undefined {
  const metadata = parseHelmYaml(chartYaml);
  return isMap(metadata) && typeof metadata.version === "string" ? metadata.version : undefined;
}
