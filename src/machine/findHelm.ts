import { findOnPath } from "./findOnPath";

/** The path of the `helm` command: `HELM` where it is set, else the one on the PATH; undefined when there is none. */
export function findHelm(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment.HELM || findOnPath("helm", environment.PATH ?? "");
}
