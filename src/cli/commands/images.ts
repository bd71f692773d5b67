import type { ChartOptions } from "../analysis/analysis";
import { chartCommand } from "../options/commandOptions";
import type { CliCommand } from "./cliCommand";

export const images: CliCommand = (program, { run, streams }) =>
  chartCommand(program, "images", "List every image that the chart would pull").action(
    run((chart: string, options: ChartOptions) => action().imagesCommand(chart, options, streams)),
  );

const action = () => require("./imagesCommand") as typeof import("./imagesCommand");
