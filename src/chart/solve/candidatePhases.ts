import type { ChartFile } from "../content/chart";
import type { Goal } from "../find/goals";
import { literalCandidates, literalRestCandidates } from "./literalCandidates";
import type { Candidate, HandleCatalogue } from "./markers";
import {
  guessedCandidates,
  obviousCandidates,
  restCandidates,
  segmentCandidates,
  type CandidateSpace,
} from "./overrideCandidates";
import type { HandleFinder, Phase } from "./overrides";

/**
 * In which order the solver tries places: values that show a piece of a reference before those that need a guess, and
 * values before the chart's own files.
 *
 * @param files those that may be patched; undefined when none may
 */
export function candidatePhases(
  space: CandidateSpace,
  catalogue: HandleCatalogue,
  files: readonly ChartFile[] | undefined,
): Phase[] {
  const handles =
    (...finders: ((unsolved: readonly Goal[]) => readonly Candidate[])[]): HandleFinder =>
    (unsolved) =>
      finders.flatMap((find) => find(unsolved)).map((candidate) => catalogue.handleOf(candidate));
  const rest = (unsolved: readonly Goal[]): Candidate[] => restCandidates(space, unsolved);
  const phases: Phase[] = [
    ...obviousCandidates(space).map((find) => ({ handles: handles(find) })),
    { handles: handles((unsolved) => guessedCandidates(space, unsolved)) },
    { handles: handles((unsolved) => segmentCandidates(space, unsolved)) },
    { behind: handles(rest) },
  ];
  if (!files) return phases;
  return [
    ...phases,
    { handles: handles((unsolved) => literalCandidates(files, unsolved)) },
    { behind: handles(rest, (unsolved) => literalRestCandidates(files, unsolved)) },
  ];
}
