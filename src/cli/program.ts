import { Command, CommanderError, Help, type HelpConfiguration, type Option } from "commander";
import { ownValue } from "../ownKeys";
import type { CliCommand, CommandContext } from "./commands/cliCommand";
import { GROUPS } from "./options/optionGroups";
import { EXIT, EXIT_CODES } from "./output/exitCodes";

/** Loaded with the first help that is shown, and with `--version`. */
const load = {
  helpColours: () => require("./output/helpColours") as typeof import("./output/helpColours"),
  toolVersion: () => require("../machine/toolVersion") as typeof import("../machine/toolVersion"),
};

type Load = () => CliCommand;

/** The commands by name, under what they are for, in the order of the help; each is loaded when it is named, all of them for the help. */
const COMMANDS: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  "What a chart needs:": {
    images: () => (require("./commands/images") as typeof import("./commands/images")).images,
    values: () => (require("./commands/values") as typeof import("./commands/values")).values,
    verify: () => (require("./commands/verify") as typeof import("./commands/verify")).verify,
    plan: () => (require("./commands/plan") as typeof import("./commands/plan")).plan,
    lock: () => (require("./commands/lock") as typeof import("./commands/lock")).lock,
  },
  "Bringing it there:": {
    copy: () => (require("./commands/copy") as typeof import("./commands/copy")).copy,
    "push-chart": () => (require("./commands/pushChart") as typeof import("./commands/pushChart")).pushChart,
    save: () => (require("./commands/save") as typeof import("./commands/save")).save,
    load: () => (require("./commands/load") as typeof import("./commands/load")).load,
    prune: () => (require("./commands/prune") as typeof import("./commands/prune")).prune,
  },
  "The cluster:": {
    "node-config": () => (require("./commands/nodeConfig") as typeof import("./commands/nodeConfig")).nodeConfig,
    why: () => (require("./commands/why") as typeof import("./commands/why")).why,
  },
};

const OWN: Readonly<Record<string, Load>> = {
  completion: () => (require("./completion/completion") as typeof import("./completion/completion")).completion,
  version: () => (require("./commands/version") as typeof import("./commands/version")).version,
};

/** The command that the first argument names; all of them where it names none, or one that tells of the others. */
function commandsFor([first = ""]: readonly string[]): Readonly<Record<string, readonly CliCommand[]>> {
  if (first === "--version" || first === "-V") return {};
  if (first === "version") return { "": [(OWN.version as Load)()] };
  for (const commands of Object.values(COMMANDS)) {
    const named = ownValue(commands, first);
    if (named) return { "": [named()] };
  }
  const all = { ...COMMANDS, "This command:": OWN };
  return Object.fromEntries(
    Object.entries(all).map(([heading, commands]) => [heading, Object.values(commands).map((load) => load())]),
  );
}

/** `chart-mirror` with all its commands; nothing runs before it is given arguments to parse. */
export function cliProgram(context: CommandContext): Command {
  const { streams, input, args } = context;
  const program = new Command("chart-mirror")
    .description("Find the images of a Helm chart and the values that move them into your own registry")
    .configureOutput({
      writeOut: streams.drawOut ?? streams.out,
      writeErr: streams.draw ?? streams.err,
      // What was typed stands in it.
      outputError: (text) => streams.err(text),
      getOutHasColors: () => streams.outColours ?? false,
      getErrHasColors: () => streams.colours ?? false,
    })
    .configureHelp(HELP)
    .exitOverride()
    // Behind a command, --version is that of the chart, as Helm has it.
    .enablePositionalOptions()
    .option("-V, --version", "print the version of chart-mirror")
    .addHelpText("after", () => load.helpColours().colouredHelp(EXIT_CODES))
    .showHelpAfterError("chart-mirror --help says which commands there are; their options stand behind their names")
    .on("option:version", () => {
      streams.out(`${load.toolVersion().thisPackage().version}\n`);
      throw new CommanderError(EXIT.whole, "version", "");
    });
  for (const [heading, commands] of Object.entries(commandsFor(args))) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, context);
  }
  for (const command of program.commands)
    command
      // Of an option that is misspelled, commander says no more than that the right one is missing.
      .showHelpAfterError(`chart-mirror ${command.name()} --help says what it takes`)
      .optionsGroup(GROUPS.output)
      .option(
        "--verbose",
        "tell each request, where logins come from, waits, and each run of helm; no line holds a login",
      );
  const [first, asked] = args;
  if (
    first === "help" &&
    asked !== undefined &&
    asked !== "help" &&
    !program.commands.some((one) => one.name() === asked)
  )
    program.error(`error: unknown command '${asked}'`);
  program.hook("preAction", (_, command) => {
    // Values may come from there, for every command that takes them.
    command.setOptionValue("input", input);
    if (command.getOptionValue("verbose") === true) context.verbose?.();
  });
  return program;
}

const HELP: HelpConfiguration = {
  styleTitle: (text) => load.helpColours().bold(text),
  styleCommandText: (text) => load.helpColours().cyan(text),
  styleSubcommandText: (text) => load.helpColours().cyan(text),
  styleOptionText: (text) => load.helpColours().cyan(text),
  optionDescription: describeOption,
};

/** As commander has it, but that nothing is no default worth telling. */
function describeOption(option: Option): string {
  const { defaultValue } = option as { defaultValue: unknown };
  return Array.isArray(defaultValue) && defaultValue.length === 0
    ? option.description
    : new Help().optionDescription(option);
}
