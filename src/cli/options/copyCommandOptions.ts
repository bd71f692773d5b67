import { MirrorError } from "../../error";
import type { Advice } from "../../settingWords";
import { hideLogin, holdsLogin, loginRemedy } from "../../image/addressLogin";
import type { Platform } from "../../image/platform";
import { isRegistryHost, parseReference } from "../../image/reference";
import type { ForeignLayers } from "../../oci/copy/copyOptions";
import type { MirrorAddress } from "../../plan/layout";
import type { SelectionOptions } from "../copy/selectionOptions";

/** Loaded with the first platform that is named. */
const platforms = () => require("../../image/platform") as typeof import("../../image/platform");

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
  readonly foreignLayers?: ForeignLayers;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly plainHttp?: boolean;
  readonly plainHttpSource: readonly string[];
  readonly caFile?: string;
  readonly registries?: string;
}

/** Options of `copy` that do not go together, or a value of them that cannot be used. `code` is `INVALID_COPY`. */
export function invalidCopy(problem: string, remedy?: Advice, options?: ErrorOptions): MirrorError {
  return new MirrorError("INVALID_COPY", problem, remedy, options);
}

/**
 * Reads `os/architecture[/variant]`, or several of them with commas between, as buildx takes them.
 *
 * @throws {MirrorError} `INVALID_COPY`
 */
export function parsePlatformOption(text: string): Platform[] {
  return text.split(",").map((one) => {
    const platform = platforms().parsePlatform(one);
    if (!platform || !/^[\w./-]+$/.test(one))
      throw invalidCopy(`${JSON.stringify(one)} is no platform`, "Write it as linux/amd64");
    return platform;
  });
}

/** More connections than this a registry takes for an attack. */
const MAX_CONCURRENCY = 1000;

/** Reads a number of transfers. @throws {MirrorError} `INVALID_COPY` */
export function parseConcurrency(text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_CONCURRENCY)
    throw invalidCopy(`${JSON.stringify(text)} is no number from 1 to ${MAX_CONCURRENCY}`);
  return number;
}

/** Reads `HOST[:PORT]`. @throws {MirrorError} `INVALID_COPY` */
export function parseHost(text: string): string {
  if (!isRegistryHost(text))
    throw invalidCopy(
      `${JSON.stringify(hideLogin(text))} is not a registry host`,
      holdsLogin(text) ? loginRemedy : undefined,
    );
  return parseReference(`${text}/image`).registry;
}
