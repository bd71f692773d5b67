import { MirrorError } from "../error";

/** Where the program was started, which is where the engine and its providers work. */
export const WORKING_FOLDER = process.cwd();

/** The program is in another folder than the engine. `code` is `WORKING_FOLDER_CHANGED`. */
export class WorkingFolderChangedError extends MirrorError {
  override readonly name = "WorkingFolderChangedError";
  constructor(now: string) {
    super(
      "WORKING_FOLDER_CHANGED",
      `The program was started in ${WORKING_FOLDER} and has gone to ${now} (process.chdir), while Pulumi's engine works where it was started: the path of a chart, a lock file or values would mean two places`,
      "Leave process.chdir out, or go back before the end of the program, and read files of your own by path.join(__dirname, …)",
    );
  }
}

/** @throws {WorkingFolderChangedError} */
export function refuseOtherFolder(): void {
  const now = process.cwd();
  if (now !== WORKING_FOLDER) throw new WorkingFolderChangedError(now);
}
