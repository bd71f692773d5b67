import { MirrorError } from "../../error";
import type { Advice } from "../../settingWords";
import { hideLogin, holdsLogin, loginRemedy } from "../../image/addressLogin";
import { tryParseReference } from "../../image/reference";
import type { OutputFormat } from "../output/outputFormat";
import type { MirrorAddress } from "../../plan/layout";

/** The options of `chart-mirror node-config`. */
export interface NodeConfigOptions {
  readonly to: MirrorAddress;
  readonly keepHost?: boolean;
  readonly plainHttp?: boolean;
  readonly caFile?: string;
  readonly upstream: readonly string[];
  readonly plan?: string;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly existing?: string;
  readonly out?: string;
  readonly output?: OutputFormat;
}

/** Options of `node-config` that do not go together, or a file of them that cannot be used. `code` is `INVALID_NODE_CONFIG`. */
export function invalidNodeConfig(problem: string, remedy?: Advice, options?: ErrorOptions): MirrorError {
  return new MirrorError("INVALID_NODE_CONFIG", problem, remedy, options);
}

/** Reads a host of `--upstream`. Docker Hub's other names become `docker.io`. @throws {MirrorError} `INVALID_NODE_CONFIG` */
export function parseUpstream(text: string): string {
  const reference = tryParseReference(`${text}/image`);
  if (!reference?.hasHost || reference.path !== "image")
    throw invalidNodeConfig(
      `reading --upstream ${JSON.stringify(hideLogin(text))}: it is not a registry host`,
      holdsLogin(text) ? loginRemedy : undefined,
    );
  return reference.registry;
}
