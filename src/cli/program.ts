import { Command, CommanderError, Help, type Option } from "commander";
import { thisPackage } from "../machine/toolVersion";
import type { CliCommand, CommandContext } from "./commands/cliCommand";
import { completion } from "./completion/completion";
import { copy } from "./commands/copy";
import { images } from "./commands/images";
import { load } from "./commands/load";
import { lock } from "./commands/lock";
import { nodeConfig } from "./commands/nodeConfig";
import { plan } from "./commands/plan";
import { pushChart } from "./commands/pushChart";
import { save } from "./commands/save";
import { values } from "./commands/values";
import { verify } from "./commands/verify";
import { version } from "./commands/version";
import { why } from "./commands/why";
import { EXIT, EXIT_CODES } from "./output/exitCodes";

/** The commands by what they are for, in the order of the help. */
const COMMANDS: Readonly<Record<string, readonly CliCommand[]>> = {
  "What a chart needs:": [images, values, verify, plan, lock],
  "Bringing it there:": [copy, pushChart, save, load],
  "The cluster:": [nodeConfig, why],
  "This command:": [completion, version],
};

/** `chart-mirror` with all its commands; nothing runs before it is given arguments to parse. */
export function cliProgram(context: CommandContext): Command {
  const { streams, input } = context;
  const program = new Command("chart-mirror")
    .description("Find the images of a Helm chart and the values that move them into your own registry")
    .configureOutput({ writeOut: streams.out, writeErr: streams.err })
    .configureHelp({ optionDescription: describeOption })
    .exitOverride()
    // Behind a command, --version is that of the chart, as Helm has it.
    .enablePositionalOptions()
    .option("-V, --version", "print the version of chart-mirror")
    .addHelpText("after", EXIT_CODES)
    .on("option:version", () => {
      streams.out(`${thisPackage().version}\n`);
      throw new CommanderError(EXIT.whole, "version", "");
    });
  for (const [heading, commands] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, context);
  }
  // Values may come from there, for every command that takes them.
  program.hook("preAction", (_, command) => void command.setOptionValue("input", input));
  return program;
}

/** As commander has it, but that nothing is no default worth telling. */
function describeOption(option: Option): string {
  const { defaultValue } = option as { defaultValue: unknown };
  return Array.isArray(defaultValue) && defaultValue.length === 0
    ? option.description
    : new Help().optionDescription(option);
}
