import type { ChartFile } from "../content/chart";
import type { RequiredReplacement } from "../find/requiredReplacements";
import { literalCandidates, literalRestCandidates } from "./literalCandidates";
import type { Candidate, EditPointCatalogue } from "./markers";
import {
  guessedCandidates,
  obviousCandidates,
  restCandidates,
  segmentCandidates,
  type CandidateSpace,
} from "./overrideCandidates";
import type { EditPointFinder, Phase } from "./overrides";

/**
 * In which order the solver tries places: values that show a piece of a reference before those that need a guess, and
 * values before the chart's own files.
 *
 * @param files those that may be patched; undefined when none may
 */
export function candidatePhases(
  space: CandidateSpace,
  catalogue: EditPointCatalogue,
  files: readonly ChartFile[] | undefined,
): Phase[] {
  const points =
    (...finders: ((unsolved: readonly RequiredReplacement[]) => readonly Candidate[])[]): EditPointFinder =>
    (unsolved) =>
      finders.flatMap((find) => find(unsolved)).map((candidate) => catalogue.pointOf(candidate));
  const rest = (unsolved: readonly RequiredReplacement[]): Candidate[] => restCandidates(space, unsolved);
  const phases: Phase[] = [
    ...obviousCandidates(space).map((find) => ({ points: points(find) })),
    // Guesses may break a chart for an image that none of them reaches: what comes behind needs its renders, too.
    { points: points((unsolved) => guessedCandidates(space, unsolved)), searches: 6 },
    { points: points((unsolved) => segmentCandidates(space, unsolved)), searches: 3 },
    { behind: points(rest) },
  ];
  if (!files) return phases;
  return [
    ...phases,
    { points: points((unsolved) => literalCandidates(files, unsolved)) },
    { behind: points(rest, (unsolved) => literalRestCandidates(files, unsolved)) },
  ];
}
