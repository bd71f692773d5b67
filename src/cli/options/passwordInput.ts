import { MirrorError } from "../../error";

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

/** Reads a password from standard input, where no list of processes shows it. @throws {MirrorError} `PASSWORD_MISSING` */
export async function readPassword(input: Input): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of input) pieces.push(Buffer.from(piece));
  // The newline is what `echo` and editors put there.
  const password = Buffer.concat(pieces)
    .toString("utf8")
    .replace(/\r?\n$/, "");
  if (password === "") throw passwordMissing();
  return password;
}
