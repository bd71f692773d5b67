import type { Command } from "commander";

/** Loaded with the first help that is shown. */
const helpColours = () => require("../output/helpColours") as typeof import("../output/helpColours");

/** A command line that works, and what it is for where that does not go without saying. */
export type Example = readonly [command: string, about?: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();

/** Shows examples at the end of a command's help, and in the reference of the documentation, whose commands a test runs. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  return command.addHelpText("after", () => {
    const lines = examples.map(([line, about]) => `${about === undefined ? "" : `  # ${about}\n`}  ${line}\n`);
    return helpColours().colouredHelp(`\nExamples:\n${lines.join("")}`);
  });
}

/** The examples of a command. */
export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}
