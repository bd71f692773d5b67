import type { LoadedChart } from "../chart/source/source";
import type { Finding } from "../plan/relocationPlan";

/** Dependencies that were fetched in another version than the chart's lock file names, as Helm does it. */
export function lockFindings({ dependencies = [] }: Pick<LoadedChart, "dependencies">): Finding[] {
  return dependencies.flatMap(({ name, version, locked }) =>
    locked === undefined
      ? []
      : [
          {
            severity: "warning" as const,
            code: "DEPENDENCY_NOT_LOCKED",
            message: `dependencyUpdate took version ${version} of the dependency ${name}, the newest that fits, although Chart.lock names ${locked}: as Helm does. Run helm dependency build in the chart's folder, and leave dependencyUpdate out, to have what is locked`,
          },
        ],
  );
}
