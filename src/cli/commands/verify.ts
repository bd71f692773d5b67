import { analysisCommand, registriesOption } from "../options/commandOptions";
import type { CliCommand } from "./cliCommand";
import type { VerifyOptions } from "./verifyCommand";

export const verify: CliCommand = (program, { run, streams }) =>
  registriesOption(
    analysisCommand(program, "verify", "Check that the chart with these values pulls from the mirror alone"),
  ).action(run((chart: string, options: VerifyOptions) => action().verifyCommand(chart, options, streams)));

const action = () => require("./verifyCommand") as typeof import("./verifyCommand");
