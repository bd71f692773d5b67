import { MirrorError } from "../error";
import type { EngineLog } from "./engineLog";

/**
 * A warning about many resources, told of the first that it concerns: a login that is refused is refused for each image.
 *
 * @returns tells a warning unless the same kind of error was told of the same place
 */
export function warnOnce(log: EngineLog): (place: string, error: unknown, message: string) => void {
  const told = new Set<string>();
  return (place, error, message) => {
    const key = `${place} ${error instanceof MirrorError ? error.code : String(error)}`;
    if (told.has(key)) return;
    told.add(key);
    log.warn(message);
  };
}
