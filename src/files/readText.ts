import { createReadStream } from "node:fs";
import { formatBytes } from "../image/bytes";
import { TextTooLongError } from "./fileError";
import { isNamedPipe, piecesOfPipe, PIPE_WAIT_MS } from "./namedPipe";

/** Bytes of a text that is read whole, such as values or a lock file: hundreds of times what the largest have. */
export const LONGEST_TEXT = 32 * 1024 * 1024;

/**
 * The text of a file that a person names: a wrong one may be a disk's image, a device without an end, or a pipe that nobody
 * writes to.
 *
 * @param pipeWaitMs milliseconds in which a named pipe has to have a writer
 * @throws {TextTooLongError} {SilentPipeError} and what the file system says
 */
export async function readText(file: string, longest = LONGEST_TEXT, pipeWaitMs = PIPE_WAIT_MS): Promise<string> {
  return textOf((await isNamedPipe(file)) ? piecesOfPipe(file, pipeWaitMs) : createReadStream(file), longest);
}

/** The text that comes in pieces, as of standard input. @throws {TextTooLongError} */
export async function textOf(pieces: AsyncIterable<string | Uint8Array>, longest = LONGEST_TEXT): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > longest) throw new TextTooLongError(`it is larger than ${formatBytes(longest)}`);
    read.push(bytes);
  }
  return Buffer.concat(read).toString("utf8");
}
