import { MirrorError } from "../error";

/** Writing an output would lose what somebody else has there, or what this run reads. `code` is `OUTPUT_REFUSED`. */
export class OutputRefusedError extends MirrorError {
  override readonly name = "OutputRefusedError";
  /** @param what the output in words: `copy of --chart-out` */
  constructor(what: string, reason: string, remedy: string) {
    super("OUTPUT_REFUSED", `writing ${what} was refused: ${reason}`, remedy);
  }
}
