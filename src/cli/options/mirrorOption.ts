import { MirrorError } from "../../error";
import { hideLogin, holdsLogin, LOGIN_IN_ADDRESS, loginRemedy } from "../../image/addressLogin";
import { isRegistryHost, tryParseReference } from "../../image/reference";
import type { LayoutOptions, MirrorAddress, UpstreamMapping } from "../../plan/layout";

/** Loaded where charts are to pull from the mirror. */
const mirrorHost = () => require("../../plan/mirrorHost") as typeof import("../../plan/mirrorHost");

/** An address of `--to` that is none. `code` is `INVALID_MIRROR`. */
export function invalidMirror(text: string, reason: string): MirrorError {
  return new MirrorError(
    "INVALID_MIRROR",
    `reading --to ${JSON.stringify(hideLogin(text))}: ${reason}`,
    (words) => `Write it as HOST[:PORT][/PATH]${holdsLogin(text) ? `. ${loginRemedy(words)}` : ""}`,
  );
}

/** Reads `HOST[:PORT][/PATH]`. @throws {MirrorError} `INVALID_MIRROR` */
export function parseMirror(text: string): MirrorAddress {
  if (holdsLogin(text)) throw invalidMirror(text, LOGIN_IN_ADDRESS);
  if (text.includes("://")) throw invalidMirror(text, "it has a scheme");
  const [host = "", ...segments] = text.replace(/(?<!\/)\/+$/, "").split("/");
  if (!isRegistryHost(host) || !/[.:]|^localhost$/.test(host))
    throw invalidMirror(text, `${JSON.stringify(host)} is not a registry host${whyNoHost(host)}`);
  if (segments.length === 0) return { host };
  const path = segments.join("/");
  if (tryParseReference(`${host}/${path}`)?.path !== path)
    throw invalidMirror(text, `${JSON.stringify(path)} is not a repository path${whyNoPath(path)}`);
  return { host, path };
}

function whyNoHost(host: string): string {
  const port = /:(\d+)$/.exec(host)?.[1];
  if (port !== undefined && !isRegistryHost(host)) return ": ports are from 1 to 65535";
  return /^[\w-]+$/.test(host) ? ": it has neither a dot nor a port" : "";
}

/** What people write there that belongs to images, or that no repository may have. */
function whyNoPath(path: string): string {
  if (/[:@]/.test(path)) return ": a mirror has neither tag nor digest, its images have";
  return path === path.toLowerCase() ? "" : ": repositories have no upper-case letters";
}

/** Reads the address of a mirror that charts shall pull from. @throws {MirrorError} `INVALID_MIRROR` */
export function parseChartMirror(text: string): MirrorAddress {
  const mirror = parseMirror(text);
  mirrorHost().refuseUnspeakable(mirror);
  return mirror;
}

/** A mapping of `--upstream` that is none. `code` is `INVALID_UPSTREAM`. */
export function invalidUpstream(text: string, reason: string): MirrorError {
  return new MirrorError(
    "INVALID_UPSTREAM",
    `reading --upstream ${JSON.stringify(text.split("=").map(hideLogin).join("="))}: ${reason}`,
    (words) => `Write it as HOST[/PATH]=PATH${reason === LOGIN_IN_ADDRESS ? `. ${loginRemedy(words)}` : ""}`,
  );
}

/**
 * Reads `HOST[/PATH]=PATH`: what the mirror serves through itself, and below which path.
 *
 * @throws {MirrorError} `INVALID_UPSTREAM`
 */
export function parseUpstreamMapping(text: string): UpstreamMapping {
  const [, upstream = "", path = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (text.split("=").some(holdsLogin)) throw invalidUpstream(text, LOGIN_IN_ADDRESS);
  const host = upstream.split("/", 1)[0] as string;
  if (!isRegistryHost(host) || !/[.:]|^localhost$/.test(host))
    throw invalidUpstream(text, `${JSON.stringify(host)} is not a registry host`);
  for (const repository of [upstream.slice(host.length + 1), path])
    if (repository !== "" && tryParseReference(`mirror.invalid/${repository}`)?.path !== repository)
      throw invalidUpstream(text, `${JSON.stringify(repository)} is not a repository path`);
  if (path === "") throw invalidUpstream(text, "the path in the mirror is missing");
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
