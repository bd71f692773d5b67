import { MirrorError } from "../../error";
import { parseReference, type ImageReference } from "../../image/reference";
import { parseJson } from "../../json";
import { parseLock } from "../lock/lockFormat";
import { REPORT_VERSION, type Baseline, type PlanReport } from "./planReport";
import type { PlannedImage } from "../relocationPlan";

/** A file of `--against` that is neither lock file nor report. `code` is `INVALID_BASELINE`. */
export function invalidBaseline(file: string, reason: string): MirrorError {
  return new MirrorError(
    "INVALID_BASELINE",
    `Reading ${file} to compare with failed: ${reason}`,
    "Give a lock file, or what chart-mirror plan --output json has written",
  );
}

/**
 * What a lock file or a report says, to compare with.
 *
 * @throws {MirrorError} `INVALID_BASELINE` {InvalidLockError}
 */
export function baselineOf(text: string, file: string): Baseline & { readonly known: PlanReport["images"] } {
  if (/^\s*\{/.test(text)) return baselineOfReport(text, file);
  const { chart, images, overrides } = parseLock(text, file, "chart-mirror lock");
  return {
    kind: "lock",
    chartVersion: chart.version,
    // A report speaks of what the mirror has.
    images: images.map(({ source, target, digest, targetDigest = digest }) => ({
      source,
      target,
      digest: targetDigest,
    })),
    overrides,
    known: images.map((image) => ({ ...image, change: "same", found: [] })),
  };
}

function baselineOfReport(text: string, file: string): Baseline & { readonly known: PlanReport["images"] } {
  let report: Partial<PlanReport>;
  try {
    report = parseJson(text) as Partial<PlanReport>;
  } catch (error) {
    throw invalidBaseline(file, `it is no JSON: ${(error as Error).message}`);
  }
  if (report.reportVersion !== REPORT_VERSION)
    throw invalidBaseline(file, `its reportVersion is not ${REPORT_VERSION}`);
  const { chart, images, overrides } = report;
  if (!chart || !Array.isArray(images) || !Array.isArray(overrides))
    throw invalidBaseline(file, "it lacks chart, images or overrides");
  const known = (images as PlanReport["images"]).filter(({ change }) => change !== "gone");
  return {
    kind: "plan",
    chartVersion: chart.version,
    images: known,
    overrides: Object.fromEntries(overrides.map(({ path, value }: PlanReport["overrides"][number]) => [path, value])),
    known,
  };
}

/**
 * What the target registry holds of a plan's images.
 *
 * @param head asks it with one request
 * @param onError told of what could not be asked
 */
export async function registryBaseline(
  images: readonly Pick<PlannedImage, "source" | "target">[],
  head: (reference: ImageReference) => Promise<{ readonly digest: string } | undefined>,
  onError: (error: Error) => void,
): Promise<Baseline> {
  const unknown = new Set<string>();
  const found = await Promise.all(
    images.map(async ({ source, target }) => {
      try {
        const there = await head(parseReference(target));
        return there ? [{ source, target, digest: there.digest }] : [];
      } catch (error) {
        unknown.add(target);
        onError(error as Error);
        return [];
      }
    }),
  );
  return { kind: "registry", images: found.flat(), unknown };
}
