import { refuseUnspeakable } from "../../plan/mirrorHost";
import { MirrorError } from "../../error";
import { hideLogin, holdsLogin, LOGIN_IN_ADDRESS, loginRemedy } from "../../image/addressLogin";
import { isRegistryHost, tryParseReference } from "../../image/reference";
import type { LayoutOptions, MirrorAddress, UpstreamMapping } from "../../plan/layout";

/** An address of `--to` that is none. `code` is `INVALID_MIRROR`. */
export class InvalidMirrorError extends MirrorError {
  override readonly name = "InvalidMirrorError";
  constructor(text: string, reason: string) {
    super(
      "INVALID_MIRROR",
      `reading --to ${JSON.stringify(hideLogin(text))}: ${reason}`,
      (words) => `Write it as HOST[:PORT][/PATH]${holdsLogin(text) ? `. ${loginRemedy(words)}` : ""}`,
    );
  }
}

/** Reads `HOST[:PORT][/PATH]`. @throws {InvalidMirrorError} */
export function parseMirror(text: string): MirrorAddress {
  if (holdsLogin(text)) throw new InvalidMirrorError(text, LOGIN_IN_ADDRESS);
  if (text.includes("://")) throw new InvalidMirrorError(text, "it has a scheme");
  const [host = "", ...segments] = text.replace(/(?<!\/)\/+$/, "").split("/");
  if (!isRegistryHost(host) || !/[.:]|^localhost$/.test(host))
    throw new InvalidMirrorError(text, `${JSON.stringify(host)} is not a registry host`);
  if (segments.length === 0) return { host };
  const path = segments.join("/");
  if (tryParseReference(`${host}/${path}`)?.path !== path)
    throw new InvalidMirrorError(text, `${JSON.stringify(path)} is not a repository path`);
  return { host, path };
}

/** Reads the address of a mirror that charts shall pull from. @throws {InvalidMirrorError} {MirrorNotInChartsError} */
export function parseChartMirror(text: string): MirrorAddress {
  const mirror = parseMirror(text);
  refuseUnspeakable(mirror);
  return mirror;
}

/** A mapping of `--upstream` that is none. `code` is `INVALID_UPSTREAM`. */
export class InvalidUpstreamError extends MirrorError {
  override readonly name = "InvalidUpstreamError";
  constructor(text: string, reason: string) {
    super(
      "INVALID_UPSTREAM",
      `reading --upstream ${JSON.stringify(text.split("=").map(hideLogin).join("="))}: ${reason}`,
      (words) => `Write it as HOST[/PATH]=PATH${reason === LOGIN_IN_ADDRESS ? `. ${loginRemedy(words)}` : ""}`,
    );
  }
}

/** Reads `HOST[/PATH]=PATH`: what the mirror serves through itself, and below which path. @throws {InvalidUpstreamError} */
export function parseUpstreamMapping(text: string): UpstreamMapping {
  const [, upstream = "", path = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (text.split("=").some(holdsLogin)) throw new InvalidUpstreamError(text, LOGIN_IN_ADDRESS);
  const host = upstream.split("/", 1)[0] as string;
  if (!isRegistryHost(host) || !/[.:]|^localhost$/.test(host))
    throw new InvalidUpstreamError(text, `${JSON.stringify(host)} is not a registry host`);
  for (const repository of [upstream.slice(host.length + 1), path])
    if (repository !== "" && tryParseReference(`mirror.invalid/${repository}`)?.path !== repository)
      throw new InvalidUpstreamError(text, `${JSON.stringify(repository)} is not a repository path`);
  if (path === "") throw new InvalidUpstreamError(text, "the path in the mirror is missing");
  return { upstream, path };
}

/** How the options of a command say that targets are named. */
export function layoutOf({
  keepHost,
  upstream,
}: {
  readonly keepHost?: boolean;
  readonly upstream?: readonly UpstreamMapping[];
}): LayoutOptions {
  return { ...(keepHost && { keepHost }), ...(upstream && { upstreams: upstream }) };
}
