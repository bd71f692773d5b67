import { close, open, read, stat, type Stats } from "node:fs";
import { formatBytes } from "../image/bytes";

/** Bytes of a text that is read whole, such as values or a lock file: hundreds of times what the largest have. */
export const LONGEST_TEXT = 32 * 1024 * 1024;

/** Bytes that are asked for first, more than most files have, and of each further part. */
const FIRST_BYTES = 4 * 1024;
const PART_BYTES = 64 * 1024;

/** Loaded with the first text that is too long. */
const fileError = () => require("./fileError") as typeof import("./fileError");
/** Loaded with the first named pipe. */
const namedPipe = () => require("./namedPipe") as typeof import("./namedPipe");

/**
 * The text of a file that a person names: a wrong one may be a disk's image, a device without an end, or a pipe that nobody
 * writes to.
 *
 * By single calls: a stream, and what of Node.js it loads, takes milliseconds for a file of logins, which every start reads.
 *
 * @param pipeWaitMs milliseconds in which a named pipe has to have a writer
 * @throws {TextTooLongError} {SilentPipeError} and what the file system says
 */
export async function readText(file: string, longest = LONGEST_TEXT, pipeWaitMs?: number): Promise<string> {
  if (await isNamedPipe(file)) return textOf(namedPipe().piecesOfPipe(file, pipeWaitMs), longest);
  const opened = await called<number>((done) => open(file, "r", done));
  try {
    const text = new TextParts(longest);
    for (let wanted = FIRST_BYTES; ; wanted = PART_BYTES) {
      const part = Buffer.allocUnsafe(wanted);
      const count = await called<number>((done) => read(opened, part, 0, wanted, null, done));
      if (count === 0) return text.whole();
      // A pipe may give single bytes, and each would keep all of its part.
      text.add(count === wanted ? part : Buffer.from(part.subarray(0, count)));
    }
  } finally {
    await called<void>((done) => close(opened, done));
  }
}

/**
 * Whether a path is a named pipe (`mkfifo`). Opening one waits for a writer, in a thread that keeps the process from ending.
 * What a shell gives as `<(command)` is a pipe that is open already: it stands in `/dev` or `/proc`, and has an end.
 */
async function isNamedPipe(file: string): Promise<boolean> {
  if (/^\/(?:dev|proc)\//.test(file)) return false;
  // What is not there is told by opening it.
  const info = await called<Stats>((done) => stat(file, done)).catch(() => undefined);
  return info?.isFIFO() ?? false;
}

/** The text that comes in pieces, as of standard input. @throws {TextTooLongError} */
export async function textOf(pieces: AsyncIterable<string | Uint8Array>, longest = LONGEST_TEXT): Promise<string> {
  const text = new TextParts(longest);
  for await (const piece of pieces) text.add(Buffer.from(piece));
  return text.whole();
}

/** The bytes of a text, as far as they have come. */
class TextParts {
  private readonly parts: Buffer[] = [];
  private size = 0;

  constructor(private readonly longest: number) {}

  /** @throws {TextTooLongError} */
  add(part: Buffer): void {
    this.size += part.length;
    if (this.size > this.longest)
      throw new (fileError().TextTooLongError)(`it is larger than ${formatBytes(this.longest)}`);
    this.parts.push(part);
  }

  whole(): string {
    return Buffer.concat(this.parts, this.size).toString("utf8");
  }
}

/** The result of a call of `node:fs`, whose promises take as long to load as its streams. */
function called<T>(call: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
