import { mirrorCommand, pinOption, registriesOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { ValuesOptions } from "./valuesCommand";

export const values: CliCommand = (program, { run, streams }) =>
  withExamples(
    pinOption(
      registriesOption(mirrorCommand(program, "values", "Print the values that move every image into the mirror")),
    ),
    [
      ["chart-mirror values ./chart --to registry.example.com/platform"],
      ["chart-mirror values ./chart --to registry.example.com/platform --pull-secret registry-login"],
      [
        "chart-mirror values ./chart --to registry.example.com/platform --values-out mirrored.yaml --chart-out mirrored-chart",
        "with a copy of the chart in which lines are replaced that no value reaches",
      ],
    ],
  )
    .optionsGroup(GROUPS.output)
    .option("--values-out <file>", "write the values there instead of to standard output")
    .option("--chart-out <dir>", "write a copy of the chart there, with literals replaced that no value reaches")
    .option("--force", "replace changed files in the folder of --chart-out that a former run wrote; added ones stay")
    .option("--allow-escapes", "exit with 0 although images would still be pulled from outside the mirror")
    .action(run((chart: string, options: ValuesOptions) => action().valuesCommand(chart, options, streams)));

const action = () => require("./valuesCommand") as typeof import("./valuesCommand");
