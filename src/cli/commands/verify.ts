import type { Command } from "commander";
import { analysisCommand, registriesOption } from "../options/commandOptions";
import { withExamples } from "../options/examples";
import type { CliCommand } from "./cliCommand";
import type { VerifyOptions } from "./verifyCommand";

export const verify: CliCommand = (program, { run, streams, args }) =>
  withExamples(
    registriesOption(
      analysisCommand(program, "verify", "Check that the chart with these values pulls from the mirror alone"),
    ),
    [["chart-mirror verify ./chart --to registry.example.com/platform --values values.yaml"]],
  ).action(
    run((chart: string, options: VerifyOptions, self: Command) => {
      const { sameCommand } = require("../output/sameCommand") as typeof import("../output/sameCommand");
      const remedy = sameCommand(args, self, { command: "values", without: ["--output", "--verbose"] });
      return action().verifyCommand(chart, options, streams, remedy);
    }),
  );

const action = () => require("./verifyCommand") as typeof import("./verifyCommand");
