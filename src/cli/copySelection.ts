import { existsSync } from "node:fs";
import { join } from "node:path";
import { settableValues } from "../chart/chartValues";
import { goalsOf } from "../chart/goals";
import { findImages } from "../chart/imageReferences";
import { mergeValues } from "../chart/valuePaths";
import { MirrorError, MirrorErrors } from "../error";
import { formatReference, parseReference, type ImageReference } from "../image/reference";
import { targetReference, type MirrorAddress } from "../plan/layout";
import { TargetCollisionError } from "../plan/targetCollision";
import { openChart, type ChartOptions } from "./analysis";
import { imageConfirmation } from "../machine/imageConfirmation";
import type { Streams } from "./main";
import { STACKSTATE_CHART, STACKSTATE_REPOSITORY, STACKSTATE_VALUES } from "./stackStateScript";

/** What to copy, and where to. */
export interface SelectionOptions extends ChartOptions {
  readonly chart?: string;
  readonly keepHost?: boolean;
  readonly ignoreImage: readonly string[];
  readonly confirm?: boolean;
}

/** An image to copy. */
export interface SelectedImage {
  /** As the chart or the user writes it: `nginx:1.27`. */
  readonly written: string;
  readonly source: ImageReference;
  /** The reference in the mirror. */
  readonly target: string;
}

/** Arguments of `copy` that name nothing to copy, or too much. `code` is `INVALID_SELECTION`. */
export class SelectionError extends MirrorError {
  override readonly name = "SelectionError";
  constructor(problem: string) {
    super("INVALID_SELECTION", problem, "Give one chart (a folder, an archive, oci://…, --chart), or image references");
  }
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
  const { charts, references } = sort(names, options);
  if (charts.length === 0 && references.length === 0) {
    if (!script) throw new SelectionError("reading the arguments of copy: there is nothing to copy");
    charts.push(STACKSTATE_CHART);
  }
  const [chart, another] = charts;
  if (another !== undefined) throw new SelectionError(`copying ${charts.join(" and ")}: one chart at a time`);
  const target = (source: ImageReference): string =>
    targetReference(source, mirror, { keepHost: options.keepHost ?? false });
  const named = references.map((written) => ({ written, source: parseReference(written) }));
  const repo = options.repo ?? (script && chart === STACKSTATE_CHART ? STACKSTATE_REPOSITORY : undefined);
  const found =
    chart === undefined
      ? []
      : await chartImages(chart, mirror, { ...options, ...(repo !== undefined && { repo }) }, streams);
  const images = new Map<string, SelectedImage>();
  for (const { written, source } of [...found, ...named]) {
    const image = { written, source, target: target(source) };
    const key = `${formatReference(source)} ${image.target}`;
    if (!images.has(key)) images.set(key, image);
  }
  refuseCollisions([...images.values()]);
  return [...images.values()];
}

function sort(
  names: readonly string[],
  { chart, repo }: SelectionOptions,
): { charts: string[]; references: readonly string[] } {
  if (chart !== undefined) return { charts: [chart], references: names };
  // With a repository the first name is that of a chart in it.
  const charts = names.filter((name, i) => (i === 0 && repo !== undefined) || isChart(name));
  return { charts, references: names.filter((name) => !charts.includes(name)) };
}

/** Whether an argument is a chart: something that no image reference can be, or a chart's folder. */
function isChart(name: string): boolean {
  return /^\.{0,2}\/|:\/\/|\.tgz$/.test(name) || existsSync(join(name, "Chart.yaml"));
}

async function chartImages(
  name: string,
  mirror: MirrorAddress,
  options: SelectionOptions,
  streams: Streams,
): Promise<{ written: string; source: ImageReference }[]> {
  const confirmation = options.confirm ? imageConfirmation() : undefined;
  const opened = await openChart(name, options);
  try {
    const { chart, render } = opened;
    const values =
      chart.metadata.name === STACKSTATE_CHART ? mergeValues(STACKSTATE_VALUES, opened.values) : opened.values;
    const { goals, findings } = await goalsOf(
      findImages(await render(values), { values: settableValues(chart, values) }),
      {
        mirror,
        layout: { keepHost: options.keepHost ?? false },
        ignoreImages: options.ignoreImage,
        ...(confirmation && { confirm: confirmation.confirm }),
      },
    );
    for (const { severity, message } of findings) if (severity === "warning") streams.err(`warning: ${message}\n`);
    return goals
      .filter(({ incomplete }) => !incomplete)
      .map(({ found, source }) => ({ written: found.reference, source }));
  } finally {
    confirmation?.close();
    await opened.close();
  }
}

/** Two images for one place would overwrite each other. */
function refuseCollisions(images: readonly SelectedImage[]): void {
  const sources = new Map<string, string[]>();
  for (const { source, target } of images)
    sources.set(target, [...(sources.get(target) ?? []), formatReference(source)]);
  MirrorErrors.throwIfAny(
    "planning where the images go",
    [...sources].flatMap(([target, all]) => (all.length > 1 ? [new TargetCollisionError(target, all)] : [])),
  );
}
