import { mirrorAccessOptions, mirrorCommand, registriesOption } from "../options/commandOptions";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { PushChartOptions } from "./pushChartCommand";

export const pushChart: CliCommand = (program, { run, streams }) =>
  withExamples(
    mirrorAccessOptions(
      registriesOption(
        mirrorCommand(program, "push-chart", "Put the chart itself into the mirror, as an OCI artifact"),
      ),
    ),
    [["chart-mirror push-chart ./chart --to registry.example.com/platform"]],
  ).action(run((chart: string, options: PushChartOptions) => action().pushChartCommand(chart, options, streams)));

const action = () => require("./pushChartCommand") as typeof import("./pushChartCommand");
