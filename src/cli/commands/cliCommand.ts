import type { Command } from "commander";
import type { Input } from "../options/passwordInput";
import type { Streams } from "../output/streams";

/** What a command is given to run. */
export interface CommandContext {
  readonly streams: Streams;
  /** Standard input, read only when an option says so. */
  readonly input: Input;
  /** The command line, for what tells how it was called. */
  readonly args: readonly string[];
  /** Called before a command with `--verbose` runs. */
  readonly verbose?: () => void;
  /** Makes a function an action whose result is the exit code. */
  readonly run: <A extends unknown[]>(action: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;
}

/**
 * Adds a command to the program: its flags, and its action, which loads what it needs when it is asked for, so that a
 * copy of some images starts without the parsers of charts: half of a short run is the start.
 */
export type CliCommand = (program: Command, context: CommandContext) => void;
