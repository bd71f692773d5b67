import type { Command } from "commander";
import { wordsOf } from "../options/commandLineWords";
import { mirrorAccessOptions, mirrorCommand, pinOption, registriesOption } from "../options/commandOptions";
import { GROUPS } from "../options/optionGroups";
import { withExamples } from "../options/examples";
import { PLAN_FORMATS } from "../output/outputFormat";
import type { CliCommand } from "./cliCommand";
import type { PlanOptions } from "./planCommand";

export const plan: CliCommand = (program, { run, streams }) => {
  const command = mirrorCommand(program, "plan", "Say what mirroring the chart would do, and what of it is new");
  // Plans are read by people in terminals and pull requests, and by programs; not by people as YAML.
  const output = command.options.find(({ long }) => long === "--output");
  output?.choices(PLAN_FORMATS);
  withExamples(mirrorAccessOptions(pinOption(registriesOption(command))), [
    ["chart-mirror plan ./chart --to registry.example.com/platform", "against what the mirror holds"],
    [
      "chart-mirror plan ./chart --to registry.example.com/platform --against chart-mirror.lock.yaml --output markdown",
      "for a pull request",
    ],
    ["chart-mirror plan ./chart --to registry.example.com/platform --output html > plan.html"],
  ])
    .optionsGroup(GROUPS.output)
    .option("--against <file>", "compare with a lock file, or a plan written as JSON, in place of the mirror")
    .action(
      run((chart: string, options: PlanOptions, self: Command) =>
        action().planCommand(chart, options, streams, wordsOf(self)),
      ),
    );
};

const action = () => require("./planCommand") as typeof import("./planCommand");
