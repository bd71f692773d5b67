import type { Finding } from "../../plan/relocationPlan";
import type { LoadedChart } from "./source";

/** That a repository was named for a chart which is on this machine: Helm, too, takes that one, and asks no repository. */
export function repositoryFindings({
  ignoredRepository,
  metadata,
}: Pick<LoadedChart, "ignoredRepository" | "metadata">): Finding[] {
  if (ignoredRepository === undefined) return [];
  const { name, version } = metadata;
  return [
    {
      severity: "warning",
      code: "CHART_REPOSITORY_IGNORED",
      message: `the chart is ${name} ${version} of ${ignoredRepository.path}, which goes first, as with Helm: the repository ${ignoredRepository.url} is not asked. Leave the repository out, or call this from a folder that has nothing of the chart's name`,
    },
  ];
}
