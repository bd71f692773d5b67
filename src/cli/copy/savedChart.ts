import { chartDigest } from "../../chart/content/patch";
import { isDigest, type Digest } from "../../image/digest";
import { formatPlatform, type Platform } from "../../image/platform";
import { parseReference, type ImageReference } from "../../image/reference";
import { confirmationAt } from "../../machine/imageConfirmation";
import { localRegistries } from "../../machine/localRegistries";
import { packedChart } from "../../machine/packedChart";
import { toolVersion } from "../../machine/toolVersion";
import type { NewArtifact } from "../../oci/manifest/artifact";
import type { RegistryAccess } from "../../oci/transport/access";
import { chartArtifact, chartPlace, chartRepositoryIn } from "../../plan/chartArtifact";
import {
  mirrorPrefix,
  targetReference,
  servingUpstream,
  type LayoutOptions,
  type MirrorAddress,
} from "../../plan/layout";
import { LOCK_VERSION, lockContent, type LockedImage } from "../../plan/lock/lockFile";
import { formatLock } from "../../plan/lock/lockFormat";
import { platformsBySource, subsetImages } from "../../plan/platformChoice";
import type { RelocationPlan } from "../../plan/relocationPlan";
import { resolveImages } from "../../plan/resolveImages";
import type { ResolvedImage } from "../../plan/resolvedPlan";
import { openChart, type OpenChart } from "../analysis/analysis";
import { relocate, tellFindings } from "../analysis/relocation";
import { layoutOf } from "../options/mirrorOption";
import { platformChoice } from "../options/platformOption";
import type { Streams } from "../output/streams";
import type { SelectionOptions } from "./selectionOptions";

/** An image to be saved. */
export interface SavedReference {
  readonly source: ImageReference;
  readonly digest?: Digest;
  /** With all platforms, whatever `--platform` says. */
  readonly isWhole?: boolean;
}

/** A chart packed for a bundle. */
interface PackedFor {
  readonly tag: string;
  readonly artifact: NewArtifact;
}

/** What of a chart goes into a bundle. */
export interface ChartToSave {
  readonly name: string;
  readonly version: string;
  readonly images: readonly SavedReference[];
  /** As its author made it. */
  readonly plain: PackedFor;
  /** With the lines patched that no value reaches, where there are some. */
  readonly patched?: PackedFor;
  /** Text of its lock file, where the mirror is known. */
  readonly lock?: string;
  /** An image would still be pulled from outside the mirror. */
  readonly escapes: boolean;
}

/** How a chart is saved. */
export interface SavedChartOptions extends SelectionOptions {
  readonly to?: MirrorAddress;
  readonly platform: readonly Platform[];
  readonly extraImage: readonly string[];
}

/** A name that no host has, for the analysis of a chart whose mirror is not known. */
const ANY_MIRROR: MirrorAddress = { host: "mirror.invalid" };

/** Finds out what of a chart has to be saved; what it says goes to standard error. */
export async function chartToSave(
  name: string,
  options: SavedChartOptions,
  access: readonly RegistryAccess[],
  streams: Streams,
): Promise<ChartToSave> {
  const registries = localRegistries(access);
  const opened = await openChart(name, options, access, streams);
  try {
    const plan = await relocate(opened, { ...options, to: options.to ?? ANY_MIRROR }, true, confirmationAt(registries));
    const layout = layoutOf(options);
    const saved = plan.images.filter(({ source }) => servingUpstream(parseReference(source), layout) === undefined);
    const choice = platformChoice(options, layout);
    const images = await resolveImages(saved, registries, `Looking up the images of chart ${plan.chart.name}`, {
      platformsOf: platformsBySource(saved, choice),
    });
    tellFindings(plan, streams);
    const subsets = new Set(choice ? subsetImages(images, layout) : []);
    const plain = await packed(opened, plan, options.to ?? ANY_MIRROR, false);
    if (!options.to) {
      const unsaid =
        plan.patches.length > 0 ? "no lock file, and not the chart with the patches that it needs" : "no lock file";
      streams.err(
        `${plan.chart.name} ${plan.chart.version}: the bundle has ${unsaid}: --to names the mirror they are for\n`,
      );
    }
    return {
      name: plan.chart.name,
      version: plan.chart.version,
      images: images.map((image) => ({
        source: asWritten(image, options.to ?? ANY_MIRROR, layout),
        ...(image.digest !== undefined && isDigest(image.digest) && { digest: image.digest }),
        ...(choice && !subsets.has(image) && { isWhole: true }),
      })),
      plain,
      ...(options.to && plan.patches.length > 0 && { patched: await packed(opened, plan, options.to, true) }),
      ...(options.to && {
        lock: lockText(opened, { ...plan, images }, options.to, choice?.platforms.map(formatPlatform)),
      }),
      escapes: plan.findings.some(({ severity }) => severity === "escape"),
    };
  } finally {
    registries.close();
    await opened.close();
  }
}

/** A source with the path that the chart writes, which alone its target tells: Docker Hub's `library/` may be left out. */
function asWritten({ source, target }: ResolvedImage, mirror: MirrorAddress, layout: LayoutOptions): ImageReference {
  const reference = parseReference(source);
  const short = { ...reference, path: reference.repository.replace(/^library\//, "") };
  return targetReference(short, mirror, layout) === target ? short : reference;
}

async function packed(
  opened: OpenChart,
  { chart, patches }: RelocationPlan,
  mirror: MirrorAddress,
  patch: boolean,
): Promise<PackedFor> {
  const { metadata, archive } = await packedChart(opened.chart, opened.folder, patch ? patches : []);
  const artifact = chartArtifact(metadata, archive);
  const { target } = chartPlace(chartRepositoryIn(mirror, chart.name), metadata, artifact, patch);
  return { tag: parseReference(target).tag ?? metadata.version, artifact };
}

function lockText(
  opened: OpenChart,
  plan: Omit<RelocationPlan, "images"> & { readonly images: readonly ResolvedImage[] },
  mirror: MirrorAddress,
  platforms: readonly string[] | undefined,
): string {
  const content = lockContent(plan, mirrorPrefix(mirror), chartDigest(opened.chart), platforms);
  return formatLock({
    ...content,
    lockVersion: LOCK_VERSION,
    tool: toolVersion(),
    // Every image has been resolved, or that was an error.
    images: content.images as readonly LockedImage[],
  });
}
