import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a command, looked up in the folders of a PATH; undefined when it is not there. */
export function findCommand(name: string, path: string | undefined = process.env.PATH): string | undefined {
  const names = process.platform === "win32" ? [`${name}.exe`, name] : [name];
  return (path ?? "")
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => names.map((file) => join(folder, file)))
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
