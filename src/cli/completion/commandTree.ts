import type { Argument, Command, Option } from "commander";

/** What stands behind an option, or as an argument: words to choose from, files, folders, or what nobody can guess. */
export type Expected = readonly string[] | "file" | "folder" | "text";

/** An option, as a shell completes it. */
export interface OptionWords {
  /** `-o`, `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined for an option without a value. */
  readonly expects: Expected | undefined;
}

/** A command, as a shell completes it. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** What its arguments are; undefined where it has none. */
  readonly argument: Expected | undefined;
}

/** What can be typed behind `chart-mirror`: read from the program itself, so that it is never older than the program. */
export function commandTree(program: Command): CommandWords[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(optionWords),
    argument: argumentOf(command, program),
  }));
}

function optionWords({ short, long, description, flags, argChoices, required, optional }: Option): OptionWords {
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    expects: required || optional ? expected(flags, argChoices) : undefined,
  };
}

function argumentOf(command: Command, program: Command): Expected | undefined {
  if (command.name() === "help") return program.commands.map((one) => one.name());
  const [first] = command.registeredArguments as readonly (Argument | undefined)[];
  if (first === undefined) return undefined;
  // A chart may be a folder or an archive.
  return /chart/.test(first.name()) ? "file" : expected(first.name(), first.argChoices);
}

function expected(flags: string, choices: readonly string[] | undefined): Expected {
  if (choices) return choices;
  if (/\bfile\b/.test(flags.slice(flags.indexOf("<") + 1))) return "file";
  return /<dir>/.test(flags) ? "folder" : "text";
}
