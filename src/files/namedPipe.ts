import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SilentPipeError } from "./fileError";

/** Milliseconds in which somebody has to open a named pipe for writing. */
const PIPE_WAIT_MS = 10_000;

/** Milliseconds between two looks. */
const STEP_MS = 20;

/** What is written into a named pipe, up to its end. @throws {SilentPipeError} where nobody opens it for writing in time */
export async function* piecesOfPipe(file: string, waitMs = PIPE_WAIT_MS): AsyncGenerator<Uint8Array> {
  const pipe = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const late = performance.now() + waitMs;
    // No bytes are the end where there was a writer, and else that there is none yet.
    let written = false;
    for (;;) {
      const bytes = await readNow(pipe);
      if (bytes?.length === 0 && written) return;
      if (bytes?.length === 0 && performance.now() > late)
        throw new SilentPipeError(`it is a named pipe that nothing has written to in ${waitMs / 1000} seconds`);
      if (bytes?.length !== 0) written = true;
      if (bytes?.length) yield bytes;
      else await sleep(STEP_MS);
    }
  } finally {
    await pipe.close();
  }
}

/** What stands in a pipe now: nothing where nobody has it open for writing, undefined where its writer has yet to write. */
async function readNow(pipe: FileHandle): Promise<Uint8Array | undefined> {
  try {
    const { bytesRead, buffer } = await pipe.read(new Uint8Array(64 * 1024));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
