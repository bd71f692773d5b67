import { chartCommand, registriesOption } from "../options/commandOptions";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { ImagesOptions } from "./imagesCommand";

export const images: CliCommand = (program, { run, streams }) =>
  withExamples(registriesOption(chartCommand(program, "images", "List every image that the chart would pull")), [
    ["chart-mirror images ./chart"],
    ["chart-mirror images ./chart --values values.yaml --output json", "with values of yours, for a program"],
  ]).action(run((chart: string, options: ImagesOptions) => action().imagesCommand(chart, options, streams)));

const action = () => require("./imagesCommand") as typeof import("./imagesCommand");
