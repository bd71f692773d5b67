import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * The path of the `helm` command: `HELM` where it is set, else the first one on the PATH; undefined when there is none.
 */
export function findHelm(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment.HELM) return environment.HELM;
  const file = process.platform === "win32" ? "helm.exe" : "helm";
  return (environment.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
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
