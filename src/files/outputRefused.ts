import { MirrorError } from "../error";

/**
 * Writing an output would lose what somebody else has there, or what this run reads. `code` is `OUTPUT_REFUSED`.
 *
 * @param what the output in words: `copy of --chart-out`
 */
export function outputRefused(what: string, reason: string, remedy: string): MirrorError {
  return new MirrorError("OUTPUT_REFUSED", `writing ${what} was refused: ${reason}`, remedy);
}
