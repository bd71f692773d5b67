import { fstatSync } from "node:fs";
import { printable } from "../../printable";
import type { Streams } from "./streams";

/** What of a process a console needs. */
export interface ConsoleProcess {
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: ConsoleStream;
  readonly stderr: ConsoleStream & { readonly columns?: number };
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
  exit(code: number): unknown;
}

interface ConsoleStream {
  /** Number of the open file; absent where there is none. */
  readonly fd?: number;
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** What shells say of a process that SIGPIPE has ended; Node.js ignores that signal and makes it an error of the stream. */
const PIPE_CLOSED = 141;

/**
 * The streams of a process: its output, and, where a person watches a terminal, the width for what is drawn there.
 *
 * A reader that goes away (`| head`) ends the process as it ends others, without a stack trace.
 */
export function consoleStreams(process: ConsoleProcess): Streams {
  const { stdout, stderr, env } = process;
  const told = new Set<() => void>();
  const interrupted = (): void => told.forEach((tell) => tell());
  stdout.on("error", (error) => {
    interrupted();
    if (error.code !== "EPIPE") stderr.write(`error: writing to standard output failed: ${error.message}\n`);
    process.exit(error.code === "EPIPE" ? PIPE_CLOSED : 1);
  });
  // Words for people: without a reader they are not missed.
  stderr.on("error", () => undefined);
  const onSignal = (signal: NodeJS.Signals): void => {
    interrupted();
    // Whoever started this process learns from the signal itself that it was interrupted.
    for (const name of SIGNALS) process.off(name, onSignal);
    process.kill(process.pid, signal);
  };
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    draw: (text) => void stderr.write(text),
    ...(isWatched(process) && { columns: () => stderr.columns ?? 0 }),
    isPiped: isPipe(stdout.fd),
    colours: wantsColours(env, stderr),
    outColours: wantsColours(env, stdout),
    onInterrupt: (tell) => {
      if (told.size === 0) for (const name of SIGNALS) process.on(name, onSignal);
      told.add(tell);
      return () => {
        told.delete(tell);
        if (told.size === 0) for (const name of SIGNALS) process.off(name, onSignal);
      };
    },
  };

  /** Logs of build machines keep every frame of a drawing, also where they are terminals; a dumb one cannot draw. */
  function isWatched({ stderr }: ConsoleProcess): boolean {
    return stderr.isTTY === true && env.TERM !== "dumb" && (env.CI ?? "") === "";
  }
}

/** Whether something else reads what is written, and not a file or a terminal takes it. */
function isPipe(fd: number | undefined): boolean {
  try {
    const info = fd === undefined ? undefined : fstatSync(fd);
    return info !== undefined && (info.isFIFO() || info.isSocket());
  } catch {
    return false;
  }
}

/** {@link https://no-color.org}, {@link https://force-color.org}: what is set to nothing is not set. */
function wantsColours(env: ConsoleProcess["env"], { isTTY }: ConsoleStream): boolean {
  const { FORCE_COLOR = "", NO_COLOR = "", TERM } = env;
  if (FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return NO_COLOR === "" && isTTY === true && TERM !== "dumb";
}

const COLOURS = new Map([
  ["error", "\u001b[31m"],
  ["warning", "\u001b[33m"],
  ["interrupted", "\u001b[33m"],
  ["verbose", "\u001b[90m"],
]);
const PLAIN = "\u001b[39m";

/** The words at the beginning of lines that say how bad it is, in colour. */
const coloured = (text: string): string =>
  text.replace(
    /^(error|warning|interrupted|verbose):/gm,
    (word, kind: string) => `${COLOURS.get(kind)}${word}${PLAIN}`,
  );

/** Streams that show what names and messages hold instead of obeying it ({@link printable}). */
export function printableStreams({ out, err, draw = err, drawOut = out, ...others }: Streams): Streams {
  const painted = others.colours ? coloured : (text: string): string => text;
  return {
    ...others,
    draw,
    drawOut,
    out: (text) => out(printable(text)),
    err: (text) => err(painted(printable(text))),
  };
}
