import { CommanderError, type Command } from "commander";
import { MirrorError } from "../error";
import { FileAccessError, fileAccessError } from "../files/fileError";
import { errorAddresses } from "../machine/errorAddress";
import { messageOf, wordsOf } from "./options/commandLineWords";
import type { Input } from "./options/passwordInput";
import { consoleStreams, printableStreams } from "./output/console";
import { EXIT } from "./output/exitCodes";
import type { Streams } from "./output/streams";
import { cliProgram } from "./program";

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
  const streams: { -readonly [Name in keyof Streams]: Streams[Name] } = printableStreams(console);
  let code: number = EXIT.whole;
  const run =
    <A extends unknown[]>(command: (...args: A) => Promise<number>) =>
    async (...given: A): Promise<void> => {
      code = await command(...given);
    };
  let stopTelling = (): void => undefined;
  const verbose = (): void => {
    // Lines would break a bar that is drawn below them; without one, a line comes now and then in its place.
    delete streams.columns;
    const { tellVerbosely } = require("./output/verbose") as typeof import("./output/verbose");
    stopTelling = tellVerbosely(streams.err);
  };
  let program: Command | undefined;
  try {
    program = cliProgram({ streams, input, args, run, verbose });
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.whole : EXIT.badInput;
    const told = error instanceof MirrorError ? error : fileAccessError(error);
    if (told) {
      const command = program?.commands.find((one) => one.name() === args[0]);
      streams.err(`error: ${messageOf(told, command && wordsOf(command))}\n${errorAddresses(told)}\n`);
      return told instanceof FileAccessError ? EXIT.failed : EXIT.badInput;
    }
    streams.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.failed;
  } finally {
    stopTelling();
  }
}
