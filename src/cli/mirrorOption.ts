import { MirrorError } from "../error";
import { isRegistryHost, tryParseReference } from "../image/reference";
import type { MirrorAddress } from "../plan/layout";

/** An address of `--to` that is none. `code` is `INVALID_MIRROR`. */
export class InvalidMirrorError extends MirrorError {
  override readonly name = "InvalidMirrorError";
  constructor(text: string, reason: string) {
    super("INVALID_MIRROR", `reading --to ${JSON.stringify(text)}: ${reason}`, "Write it as HOST[:PORT][/PATH]");
  }
}

/** Reads `HOST[:PORT][/PATH]`. @throws {InvalidMirrorError} */
export function parseMirror(text: string): MirrorAddress {
  if (text.includes("://")) throw new InvalidMirrorError(text, "it has a scheme");
  const [host = "", ...segments] = text.replace(/\/+$/, "").split("/");
  if (!isRegistryHost(host) || !/[.:]|^localhost$/.test(host))
    throw new InvalidMirrorError(text, `${JSON.stringify(host)} is not a registry host`);
  if (segments.length === 0) return { host };
  const path = segments.join("/");
  if (tryParseReference(`${host}/${path}`)?.path !== path)
    throw new InvalidMirrorError(text, `${JSON.stringify(path)} is not a repository path`);
  return { host, path };
}
