import { MirrorError } from "../../error";
import { TextTooLongError } from "../../files/fileError";

/** What standard input gives, in pieces. */
export type Input = AsyncIterable<string | Uint8Array>;

/** `--password-stdin` with nothing to read. `code` is `PASSWORD_MISSING`. */
export function passwordMissing(): MirrorError {
  return new MirrorError(
    "PASSWORD_MISSING",
    "reading the password: standard input is empty",
    "Pipe it into the command",
  );
}

const LONGEST_PASSWORD = 1024 * 1024;

/** Reads a password from standard input, where no list of processes shows it. @throws {MirrorError} `PASSWORD_MISSING` */
export async function readPassword(input: Input): Promise<string> {
  const { textOf } = require("../../files/readText") as typeof import("../../files/readText");
  const text = await textOf(input, LONGEST_PASSWORD).catch((error: unknown) => {
    if (!(error instanceof TextTooLongError)) throw error;
    throw new MirrorError(
      "PASSWORD_MISSING",
      `reading the password from standard input: ${error.message}`,
      "Pipe the password alone into the command",
    );
  });
  // The newline is what `echo` and editors put there.
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw passwordMissing();
  return password;
}
