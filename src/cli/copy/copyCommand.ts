import { MirrorErrors } from "../../error";
import { formatReference } from "../../image/reference";
import { CopyDisplay } from "./copyDisplay";
import { accessOf, accessProblems } from "./copyAccess";
import type { CopyRun } from "./copyRun";
import { invalidCopy, type CopyCommandOptions } from "../options/copyCommandOptions";
import { systemClock } from "../../oci/transport/clock";
import { selectImages, type SelectedImage } from "./copySelection";
import { EXIT } from "../output/exitCodes";
import type { Streams } from "../output/streams";
import type { OutputFormat } from "../output/outputFormat";
import type { Input } from "../options/passwordInput";
import { copyShown, shownRegistries, tellFailures } from "./shownCopy";

/** Loaded with the options that ask for it. */
const load = {
  copyReport: () => require("./copyReport") as typeof import("./copyReport"),
  ecrRepositories: () => require("./ecrRepositories") as typeof import("./ecrRepositories"),
  platformChoice: () => require("../../plan/platformChoice") as typeof import("../../plan/platformChoice"),
  stackStateScript: () => require("./stackStateScript") as typeof import("./stackStateScript"),
};

/**
 * `chart-mirror copy CHART|REFERENCE... --to HOST[/PATH]`: copies images into the mirror, or lists what would be copied.
 *
 * One line for each image goes to standard output; the images that failed are told together at the end.
 */
export async function copyCommand(
  names: readonly string[],
  options: CopyCommandOptions,
  streams: Streams,
  input: Input,
): Promise<number> {
  const mirror = options.to ?? options.d;
  MirrorErrors.throwIfAny("reading the options of copy", optionProblems(options));
  if (!mirror) throw invalidCopy("reading the options of copy: no mirror is named", "Give --to HOST[/PATH]");
  const access = await accessOf(mirror, options, input);
  const selected = await selectImages(names, mirror, { ...options, access }, options.d !== undefined, streams);
  const images = options.platform.length > 0 ? withWholeOnes(selected, streams) : selected;
  if (options.t) {
    const { scriptLine } = load.stackStateScript();
    for (const { written, target } of images) streams.out(scriptLine(written, target));
    return EXIT.whole;
  }
  if (options.d && !options.dryRun)
    await load.ecrRepositories().createEcrRepositories(
      images.map(({ target }) => target),
      streams,
    );
  // Data is for programs; lines in between would break it.
  const tellsLines = options.output === undefined;
  const display = new CopyDisplay(streams, images.length, () => systemClock.now(), tellsLines);
  const registries = shownRegistries(display, access, options);
  const copyOptions = {
    ...(options.platform.length > 0 && { platforms: options.platform }),
    ...(options.referrers && { referrers: true }),
    ...(options.foreignLayers && { foreignLayers: options.foreignLayers }),
  };
  const quiet = tellsLines ? {} : { tell: () => undefined };
  const { dryRun } = options;
  const run = await copyShown({ images, registries, dryRun, options: copyOptions, ...quiet }, display, streams);
  return report(run, options.output, streams);
}

/** What is named by a digest has it with all its platforms alone. */
function withWholeOnes(selected: readonly SelectedImage[], streams: Streams): SelectedImage[] {
  const references = selected.map(({ source, target }) => ({ source: formatReference(source), target }));
  const chosen = new Set(
    load
      .platformChoice()
      .subsetImages(references, {})
      .map(({ target }) => target),
  );
  return selected.map((image) => {
    if (chosen.has(image.target)) return image;
    streams.err(`${image.written} is copied with all its platforms, since it is named by a digest\n`);
    return { ...image, isWhole: true };
  });
}

function report({ entries, summary, failed }: CopyRun, output: OutputFormat | undefined, streams: Streams): number {
  if (output !== undefined) streams.out(load.copyReport().copyReport(entries, output));
  streams.err(`${summary}\n`);
  if (failed.length === 0) return EXIT.whole;
  tellFailures(failed, streams);
  return EXIT.failed;
}

function optionProblems(options: CopyCommandOptions): Error[] {
  const { to, d } = options;
  const problems: Error[] = [];
  if (to && d) problems.push(invalidCopy("--to and -d are the same: give one of them"));
  problems.push(...accessProblems(options));
  return problems;
}
