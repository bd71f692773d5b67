import { Command, CommanderError, Help, type Option } from "commander";
import { MirrorError } from "../error";
import { FileAccessError, fileAccessError } from "../files/fileError";
import { thisPackage } from "../machine/toolVersion";
import type { CliCommand } from "./commands/cliCommand";
import { messageOf } from "./options/commandLineWords";
import type { Input } from "./options/passwordInput";
import { consoleStreams, printableStreams } from "./output/console";
import { EXIT, EXIT_CODES } from "./output/exitCodes";
import type { Streams } from "./output/streams";

/** The commands by name, in the order of the help; each is loaded when it is named, all of them for the help. */
const COMMANDS = new Map<string, () => CliCommand>([
  ["images", () => (require("./commands/images") as typeof import("./commands/images")).images],
  ["values", () => (require("./commands/values") as typeof import("./commands/values")).values],
  ["verify", () => (require("./commands/verify") as typeof import("./commands/verify")).verify],
  ["plan", () => (require("./commands/plan") as typeof import("./commands/plan")).plan],
  ["push-chart", () => (require("./commands/pushChart") as typeof import("./commands/pushChart")).pushChart],
  ["lock", () => (require("./commands/lock") as typeof import("./commands/lock")).lock],
  ["copy", () => (require("./commands/copy") as typeof import("./commands/copy")).copy],
  ["save", () => (require("./commands/save") as typeof import("./commands/save")).save],
  ["load", () => (require("./commands/load") as typeof import("./commands/load")).load],
  ["prune", () => (require("./commands/prune") as typeof import("./commands/prune")).prune],
  ["node-config", () => (require("./commands/nodeConfig") as typeof import("./commands/nodeConfig")).nodeConfig],
  ["why", () => (require("./commands/why") as typeof import("./commands/why")).why],
]);

const completion = (): CliCommand =>
  (require("./completion/completion") as typeof import("./completion/completion")).completion;

/** The command that the first argument names; all of them where it names none, or one that tells of the others. */
function commandsFor([first = ""]: readonly string[]): readonly CliCommand[] {
  if (first === "--version" || first === "-V") return [];
  const named = COMMANDS.get(first);
  return named ? [named()] : [...[...COMMANDS.values()].map((load) => load()), completion()];
}

/**
 * Runs `chart-mirror` with these arguments.
 *
 * @param input standard input, read only when an option says so
 * @returns the exit code: 0 everything is served from the mirror, 3 something escapes or, with verify, lacks its pull secret, 4 the lock file is stale, 2 bad input, 1
 *   anything else
 */
export async function main(
  args: readonly string[],
  console: Streams = consoleStreams(process),
  input: Input = process.stdin,
): Promise<number> {
  const streams = printableStreams(console);
  let code: number = EXIT.whole;
  const run =
    <A extends unknown[]>(command: (...args: A) => Promise<number>) =>
    async (...given: A): Promise<void> => {
      code = await command(...given);
    };
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
  for (const add of commandsFor(args)) add(program, { streams, input, args, run });
  // Values may come from there, for every command that takes them.
  program.hook("preAction", (_, command) => void command.setOptionValue("input", input));
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.whole : EXIT.badInput;
    const told = error instanceof MirrorError ? error : fileAccessError(error);
    if (told) {
      streams.err(`error: ${messageOf(told)}\n`);
      return told instanceof FileAccessError ? EXIT.failed : EXIT.badInput;
    }
    streams.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.failed;
  }
}

/** As commander has it, but that nothing is no default worth telling. */
function describeOption(option: Option): string {
  const { defaultValue } = option as { defaultValue: unknown };
  return Array.isArray(defaultValue) && defaultValue.length === 0
    ? option.description
    : new Help().optionDescription(option);
}
