import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * The absolute path of a command on a PATH; undefined when it is not there. Relative folders of a PATH are passed over:
 * what they hold depends on where the process happens to work.
 */
export function findOnPath(command: string, path: string = process.env.PATH ?? ""): string | undefined {
  const file = process.platform === "win32" ? `${command}.exe` : command;
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, file))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
