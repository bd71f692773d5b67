import { analysisCommand, registriesOption } from "../options/commandOptions";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { VerifyOptions } from "./verifyCommand";

export const verify: CliCommand = (program, { run, streams }) =>
  withExamples(
    registriesOption(
      analysisCommand(program, "verify", "Check that the chart with these values pulls from the mirror alone"),
    ),
    [["chart-mirror verify ./chart --to registry.example.com/platform --values values.yaml"]],
  ).action(run((chart: string, options: VerifyOptions) => action().verifyCommand(chart, options, streams)));

const action = () => require("./verifyCommand") as typeof import("./verifyCommand");
