import type { ResultSection } from "../resultsPage";
import { compareAnalyses } from "./analysis";
import { compareReleases } from "./releases";

const RELEASES = "An unchanged release of 36 images";
const ANALYSES = "The analysis of large charts";

/** The titles of what `--up` measures. */
export const UP_TITLES: readonly string[] = [RELEASES, ANALYSES];

/** @param folder for the charts, which stay there */
export async function measureUp(rounds: number, folder: string, done: (section: ResultSection) => void): Promise<void> {
  done({ title: RELEASES, text: await compareReleases(rounds) });
  done({ title: ANALYSES, text: await compareAnalyses(rounds, folder) });
}
