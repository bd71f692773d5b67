import { MirrorError } from "../error";
import { parsePlatform, type Platform } from "../image/platform";
import { isRegistryHost, parseReference } from "../image/reference";
import type { MirrorAddress } from "../plan/layout";
import type { SelectionOptions } from "./copySelection";

/** The options of `chart-mirror copy`. */
export interface CopyCommandOptions extends SelectionOptions {
  readonly to?: MirrorAddress;
  readonly dryRun?: boolean;
  /** `-d` and `-t` of StackState's script: its names for `to` and `dryRun`, with its defaults and its listing. */
  readonly d?: MirrorAddress;
  readonly t?: boolean;
  readonly platform: readonly Platform[];
  readonly concurrency?: number;
  readonly referrers?: boolean;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly plainHttp?: boolean;
  readonly plainHttpSource: readonly string[];
  readonly caFile?: string;
}

/** Options of `copy` that do not go together, or a value of them that cannot be used. `code` is `INVALID_COPY`. */
export class CopyCommandError extends MirrorError {
  override readonly name = "CopyCommandError";
  constructor(problem: string, remedy?: string, options?: ErrorOptions) {
    super("INVALID_COPY", problem, remedy, options);
  }
}

/** Reads `os/architecture[/variant]`. @throws {CopyCommandError} */
export function parsePlatformOption(text: string): Platform {
  const platform = parsePlatform(text);
  if (!platform) throw new CopyCommandError(`${JSON.stringify(text)} is no platform`, "Write it as linux/amd64");
  return platform;
}

/** Reads a number of one or more. @throws {CopyCommandError} */
export function parseConcurrency(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new CopyCommandError(`${JSON.stringify(text)} is no number of one or more`);
  return Number(text);
}

/** Reads `HOST[:PORT]`. @throws {CopyCommandError} */
export function parseHost(text: string): string {
  if (!isRegistryHost(text)) throw new CopyCommandError(`${JSON.stringify(text)} is not a registry host`);
  return parseReference(`${text}/image`).registry;
}
