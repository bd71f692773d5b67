import { MirrorError } from "../error";

/** Where this package was loaded. */
const STARTED_IN = process.cwd();

/**
 * Whether this process is Pulumi's language host, which the engine starts in the folder that it works in itself. Programs
 * of the Automation API are processes of their own, which may go where they like: each stack has a folder of its own.
 */
function isLanguageHost(): boolean {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run(?:-plugin)?[\\/]/.test(require.main?.filename ?? "");
}

/** Where the program was started, which is where the engine and its providers work. */
export function workingFolder(): string {
  return isLanguageHost() ? STARTED_IN : process.cwd();
}

/** The program is in another folder than the engine. `code` is `WORKING_FOLDER_CHANGED`. */
export class WorkingFolderChangedError extends MirrorError {
  override readonly name = "WorkingFolderChangedError";
  constructor(now: string) {
    super(
      "WORKING_FOLDER_CHANGED",
      `The program was started in ${STARTED_IN} and has gone to ${now} (process.chdir), while Pulumi's engine works where it was started: the path of a chart, a lock file or values would mean two places`,
      "Leave process.chdir out, or go back before the end of the program, and read files of your own by path.join(__dirname, …)",
    );
  }
}

/** @throws {WorkingFolderChangedError} */
export function refuseOtherFolder(): void {
  const now = process.cwd();
  if (now !== workingFolder()) throw new WorkingFolderChangedError(now);
}
