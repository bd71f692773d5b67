import { resolve } from "node:path";
import { MirrorError } from "../error";
import { statIfThere } from "../files/presence";

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

/** What the engine takes for the project's folder. */
const PROJECT_FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * A path of this process as the engine and its plugins have to be told it. They work in the folder of a stack's workspace
 * (`workDir`), where an inline program of the Automation API may be elsewhere; what is there in every workspace is its
 * project file. A relative path is the same on every machine, and is kept where it means the same to both.
 */
export async function pathForEngine(path: string): Promise<string> {
  if (isLanguageHost()) return path;
  const here = await Promise.all(PROJECT_FILES.map((file) => statIfThere(file)));
  return here.some(Boolean) ? path : resolve(path);
}

/** The program is in another folder than the engine. `code` is `WORKING_FOLDER_CHANGED`. */
export function workingFolderChanged(now: string): MirrorError {
  return new MirrorError(
    "WORKING_FOLDER_CHANGED",
    `The program was started in ${STARTED_IN} and has gone to ${now} (process.chdir), while Pulumi's engine works where it was started: the path of a chart, a lock file or values would mean two places`,
    "Leave process.chdir out, or go back before the end of the program, and read files of your own by path.join(__dirname, …)",
  );
}

/** @throws {MirrorError} `WORKING_FOLDER_CHANGED` */
export function refuseOtherFolder(): void {
  const now = process.cwd();
  if (now !== workingFolder()) throw workingFolderChanged(now);
}
