import { MirrorError } from "../error";
import { hideLogin, holdsLogin, LOGIN_IN_ADDRESS, loginRemedy } from "./addressLogin";
import { isDigest, type Digest } from "./digest";

/** The registry that a reference without a host means. */
export const DEFAULT_REGISTRY = "docker.io";

/**
 * An image reference in its canonical form, with what its author wrote kept beside it.
 *
 * Grammar: {@link https://github.com/distribution/reference/blob/main/reference.go}.
 */
export interface ImageReference {
  /** `host` or `host:port` as {@link canonicalHost} writes it; `docker.io` when the text has none. */
  readonly registry: string;
  /** Path inside the registry, with `library/` for Docker Hub's official images. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
  /** Whether the text itself named a host. */
  readonly hasHost: boolean;
  /** The path exactly as written, without host, tag and digest: `nginx` where `repository` is `library/nginx`. */
  readonly path: string;
}

/** A text that is not an image reference. `code` is `INVALID_REFERENCE`. */
export class InvalidReferenceError extends MirrorError {
  override readonly name = "InvalidReferenceError";
  /** The text, without what may be a login in it. */
  readonly reference: string;
  constructor(text: string, reason: string) {
    const reference = hideLogin(text);
    const remedy = "Write it as [HOST[:PORT]/]PATH[:TAG][@DIGEST]";
    super(
      "INVALID_REFERENCE",
      `${JSON.stringify(reference)} is not an image reference: ${reason}`,
      reference === text ? remedy : (words) => `${remedy}. ${loginRemedy(words)}`,
    );
    this.reference = reference;
  }
}

const HOST =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** Docker Hub answers under several names; they are one registry. */
export const DOCKER_HUB_ALIASES: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
]);

/**
 * The one name of a registry, however its host is spelled: `QUAY.IO`, `quay.io.` and `quay.io:443` are `quay.io`, and Docker
 * Hub's aliases `docker.io`. Whatever is decided by a registry's name (whom to trust, which login, what is in the mirror)
 * compares this form. A text that is no host stays as it is.
 *
 * @param host `HOST[:PORT]`
 */
export function canonicalHost(host: string): string {
  const name = PLAIN_HOST.test(host) ? host : spelledOut(host);
  return DOCKER_HUB_ALIASES.has(name) ? DEFAULT_REGISTRY : name;
}

/** What is canonical already, as nearly all hosts are. */
const PLAIN_HOST = /^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+$/;

function spelledOut(host: string): string {
  const [, written = "", digits = ""] = /^(\[[0-9a-f:.]+\]|[a-z0-9_.*-]+?)\.?(?::(\d+))?$/i.exec(host) ?? [];
  if (written === "") return host;
  const port = digits.replace(/^0+(?=\d)/, "");
  // A URL writes the shortest form of an address.
  const isAddress = written.startsWith("[") && URL.canParse(`https://${written}`);
  const name = isAddress ? new URL(`https://${written}`).hostname : written.toLowerCase();
  const shown = port === "" || port === "443" ? name : `${name}:${port}`;
  if (isHostSegment(shown)) return shown;
  // In lower case, `REGISTRY` would be read as a path of Docker Hub, and so would `registry:443` without its port.
  return port === "" ? host : `${name}:443`;
}

/**
 * A reference, a pattern or the beginning of one, with the {@link canonicalHost} of what stands before its first slash.
 * Without a slash it names no host, and stays.
 */
export function withCanonicalHost(address: string): string {
  const slash = address.indexOf("/");
  return slash < 0 ? address : canonicalHost(address.slice(0, slash)) + address.slice(slash);
}

/**
 * Whether the first segment of a reference is a host: it has a dot or a port, or is `localhost`
 * (the rule of distribution's `splitDockerDomain`), or is an IPv6 address in brackets.
 */
export function isHostSegment(segment: string): boolean {
  return segment === "localhost" || /[.:[]/.test(segment) || segment !== segment.toLowerCase();
}

/** Whether a text can be a registry's `host[:port]`, with a port that there is. */
export function isRegistryHost(text: string): boolean {
  if (!HOST.test(text)) return false;
  const port = /:(\d+)$/.exec(text)?.[1];
  return port === undefined || (Number(port) > 0 && Number(port) <= LAST_PORT);
}

const LAST_PORT = 65_535;

/**
 * Reads an image reference.
 *
 * @throws {InvalidReferenceError} when the text breaks the grammar; the error says which part.
 * @example
 * ```ts
 * parseReference("nginx:1.27");          // docker.io, library/nginx, tag 1.27, path nginx, hasHost false
 * parseReference("r.io:5000/a/b@sha256:…"); // r.io:5000, a/b, digest
 * ```
 */
export function parseReference(text: string): ImageReference {
  // Before all else, so that no part of it is told.
  if (holdsLogin(text)) throw new InvalidReferenceError(text, LOGIN_IN_ADDRESS);
  let rest = text;
  let digest: Digest | undefined;
  const at = rest.indexOf("@");
  if (at >= 0) {
    const written = rest.slice(at + 1);
    if (!isDigest(written)) throw new InvalidReferenceError(text, `${JSON.stringify(written)} is not a digest`);
    digest = written;
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  if (colon >= 0) {
    tag = rest.slice(colon + 1);
    if (!TAG.test(tag)) throw new InvalidReferenceError(text, `${JSON.stringify(tag)} is not a tag`);
    rest = rest.slice(0, colon);
  }
  const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text) ?? [];
  if (scheme !== undefined) throw new InvalidReferenceError(text, `references have no ${scheme} in front`);
  const slash = rest.indexOf("/");
  const hasHost = slash > 0 && isHostSegment(rest.slice(0, slash));
  const host = hasHost ? rest.slice(0, slash) : DEFAULT_REGISTRY;
  const path = hasHost ? rest.slice(slash + 1) : rest;
  if (!HOST.test(host)) throw new InvalidReferenceError(text, `${JSON.stringify(host)} is not a registry host`);
  for (const component of path.split("/")) {
    if (!PATH_COMPONENT.test(component))
      throw new InvalidReferenceError(
        text,
        component ? `${JSON.stringify(component)} is not a repository path component` : "a path component is empty",
      );
  }
  if (host.length + path.length > 255)
    throw new InvalidReferenceError(text, "host and path are longer than 255 characters");
  const registry = canonicalHost(host);
  const repository = registry === DEFAULT_REGISTRY && !path.includes("/") ? `library/${path}` : path;
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest && { digest }), hasHost, path };
}

/** Like {@link parseReference}, but undefined for a text that is no reference. */
export function tryParseReference(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}

/**
 * The canonical text of a reference: always with a host, with tag and digest as given.
 *
 * @example `formatReference(parseReference("nginx"))` is `"docker.io/library/nginx"`.
 */
export function formatReference(reference: Pick<ImageReference, "registry" | "repository" | "tag" | "digest">): string {
  const { registry, repository, tag, digest } = reference;
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest ? `@${digest}` : ""}`;
}

/** A text of a reference, whether it breaks the grammar or not, without its tag and digest. */
export function withoutSuffix(text: string): string {
  const name = text.split("@", 1)[0] as string;
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

/** What a manifest is asked for by: the digest where there is one, else the tag, else `latest`. */
export function manifestName(reference: Pick<ImageReference, "tag" | "digest">): string {
  return reference.digest ?? reference.tag ?? "latest";
}
