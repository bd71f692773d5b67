import { existsSync } from "node:fs";
import { join } from "node:path";
import { MirrorError, MirrorErrors } from "../../error";
import { formatReference, parseReference, type ImageReference } from "../../image/reference";
import { targetReference, servingUpstream, type MirrorAddress } from "../../plan/layout";
import { refuseTargetCollisions } from "../../plan/targetCollision";
import type { Streams } from "../output/streams";
import { layoutOf } from "../options/mirrorOption";
import type { SelectionOptions } from "./selectionOptions";

/** Loaded with the first option of StackState's script. */
const stackStateScript = () => require("./stackStateScript") as typeof import("./stackStateScript");

/** An image to copy. */
export interface SelectedImage {
  /** As the chart or the user writes it: `nginx:1.27`. */
  readonly written: string;
  readonly source: ImageReference;
  /** The reference in the mirror. */
  readonly target: string;
  /** Copied with all platforms, whatever `--platform` says. */
  readonly isWhole?: boolean;
}

/** Arguments of `copy` that name nothing to copy, or too much. `code` is `INVALID_SELECTION`. */
export function invalidSelection(problem: string): MirrorError {
  return new MirrorError(
    "INVALID_SELECTION",
    problem,
    "Give one chart (a folder, an archive, oci://…, --chart), or image references",
  );
}

/**
 * The images that `chart-mirror copy` is told to copy: those of a chart, in the order of its manifests, then those that
 * are named one by one; each once.
 *
 * @param names charts and image references, see {@link isChart}
 * @param script without anything to copy, the chart of StackState's script is meant
 */
export async function selectImages(
  names: readonly string[],
  mirror: MirrorAddress,
  options: SelectionOptions,
  script: boolean,
  streams: Streams,
): Promise<SelectedImage[]> {
  const { charts, references } = chartsAndReferences(names, options);
  if (charts.length === 0 && references.length === 0) {
    if (!script) throw invalidSelection("reading the arguments of copy: there is nothing to copy");
    charts.push(stackStateScript().STACKSTATE_CHART);
  }
  const [chart, another] = charts;
  if (another !== undefined) throw invalidSelection(`copying ${charts.join(" and ")}: one chart at a time`);
  const layout = layoutOf(options);
  const named = readReferences(references);
  const repo = options.repo ?? (script && chart !== undefined ? stackStateScript().scriptRepository(chart) : undefined);
  const found =
    chart === undefined
      ? []
      : await loadChartImages().chartImages(chart, mirror, { ...options, scriptValues: script, repo }, streams);
  const images = new Map<string, SelectedImage>();
  const served = new Set<string>();
  for (const { written, source } of [...found, ...named]) {
    const image = { written, source, target: targetReference(source, mirror, layout) };
    const upstream = servingUpstream(source, layout);
    if (upstream) {
      served.add(`${written} is not copied: the mirror serves ${upstream.upstream} itself, as ${image.target}\n`);
      continue;
    }
    const key = `${formatReference(source)} ${image.target}`;
    if (!images.has(key)) images.set(key, image);
  }
  served.forEach(streams.err);
  refuseTargetCollisions(
    [...images.values()].map(({ source, target }) => ({ source: formatReference(source), target })),
  );
  return [...images.values()];
}

/** The charts and the image references among the arguments of a command. */
export function chartsAndReferences(
  names: readonly string[],
  { chart, repo }: Pick<SelectionOptions, "chart" | "repo">,
): { charts: string[]; references: readonly string[] } {
  if (chart !== undefined) return { charts: [chart], references: names };
  // With a repository the first name is that of a chart in it.
  const charts = names.filter((name, i) => (i === 0 && repo !== undefined) || isChart(name));
  return { charts, references: names.filter((name) => !charts.includes(name)) };
}

/** Whether an argument is a chart: something that no image reference can be, or a chart's folder. */
function isChart(name: string): boolean {
  return /^\.{0,2}\/|^(?:oci|https?):\/\/|\.tgz$/.test(name) || existsSync(join(name, "Chart.yaml"));
}

/** @throws what is wrong with each of them, together */
export function readReferences(references: readonly string[]): { written: string; source: ImageReference }[] {
  const problems: Error[] = [];
  const read = references.flatMap((written) => {
    try {
      return [{ written, source: parseReference(written) }];
    } catch (error) {
      problems.push(error as Error);
      return [];
    }
  });
  MirrorErrors.throwIfAny("reading the images to copy", problems);
  return read;
}

/** Loads the analysis of charts, which copies of single images can do without: it takes longer than they do. */
const loadChartImages = () => require("../analysis/chartImages") as typeof import("../analysis/chartImages");
