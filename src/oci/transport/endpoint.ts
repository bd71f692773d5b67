import { canonicalHost, DEFAULT_REGISTRY, isRegistryHost } from "../../image/reference";
import { withoutPrototype } from "../../ownKeys";
import type { RegistryAccess } from "./access";
import { registryKind, type RegistryKind } from "../profiles/registryProfiles";
import type { LocationRefusedError } from "../errors/errors";
import type { TlsMaterial } from "./secureContext";

/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/** Loaded with the first redirect to another host. */
const localAddress = () => require("./localAddress") as typeof import("./localAddress");

/** Where a registry's API is, and whom to trust there. */
export interface Endpoint {
  /** The host as references name it: `docker.io`, `r.example.com:5000`. */
  readonly registry: string;
  /** As its access says, else as the name of the host tells that is talked to: decides about quirks and advice. */
  readonly kind: RegistryKind;
  /** What errors call the place that is asked: the location, where there is one, and what it stands for. */
  readonly place: string;
  /** The host that its login is for, as `docker login` names it: that of the location where there is one. */
  readonly loginHost: string;
  /** Scheme, host and port that are talked to. */
  readonly origin: URL;
  /** Path before `/v2/`'s repositories, without slashes at its ends; empty for nearly all. */
  readonly repositoryPrefix: string;
  readonly tls: TlsMaterial;
  /** For hosts that the registry redirects to: its authorities, without its client certificate. */
  readonly foreignTls: TlsMaterial;
  /** It may point to addresses inside: it is inside itself, or its user says so. */
  readonly internalRedirects: boolean;
}

/**
 * The endpoint of a registry. Docker Hub's API has another host than its references.
 *
 * @throws {InvalidAccessError}
 */
export function endpointOf(registry: string, given: RegistryAccess | undefined): Endpoint {
  // Whether TLS is spoken is never left to what an object inherits.
  const access = given && withoutPrototype(given);
  const [host = "", ...path] = (access?.location ?? registry).split("/");
  // Whoever writes a login into it would send it to nobody, and read it in errors.
  if (!isRegistryHost(host))
    throw new (errors().InvalidAccessError)(registry, "its location is no host with an optional path");
  const name = canonicalHost(host) === DEFAULT_REGISTRY ? "registry-1.docker.io" : host;
  const address = `${access?.plainHttp ? "http" : "https"}://${name}`;
  if (!URL.canParse(address)) throw new (errors().InvalidAccessError)(registry, `${host} is no address`);
  const origin = new URL(address);
  const ca = access?.caCertificates?.length ? { caCertificates: access.caCertificates } : {};
  const location = access?.location;
  return {
    registry,
    kind: access?.kind ?? registryKind(host),
    place: location === undefined || canonicalHost(location) === registry ? registry : placeOf(location, registry),
    loginHost: canonicalHost(host),
    origin,
    repositoryPrefix: path.filter(Boolean).join("/"),
    tls: { ...ca, ...(access?.clientCertificate && { clientCertificate: access.clientCertificate }) },
    foreignTls: ca,
    get internalRedirects() {
      return access?.internalRedirects ?? localAddress().isInternalHost(origin.hostname);
    },
  };
}

/** As the user has written it, and what it stands for, which is what images are named by. */
const placeOf = (location: string, registry: string): string => `${location} for ${registry}`;

/** Whether two URLs are of one origin, the only place that a registry's credentials may go to. */
export const isSameOrigin = (a: URL, b: URL): boolean => a.origin === b.origin;

/**
 * The URL that a registry wrote, with TLS where it was reached with it: one behind a proxy that ends TLS may write http
 * into its own address.
 */
export function withTlsOf(from: URL, written: URL): URL {
  const url = new URL(written);
  const isOwn = url.hostname === from.hostname && (url.port === "" || url.port === "80" || url.port === from.port);
  if (url.protocol === "http:" && from.protocol === "https:" && isOwn) {
    url.protocol = "https:";
    url.port = from.port;
  }
  return url;
}

/**
 * The URL that a registry wrote, without TLS where its port was spoken to without: it takes itself to be behind a proxy that
 * ends TLS. A port has one or the other.
 */
export function withoutTlsOf(origin: URL, written: URL): URL {
  const isSamePort = origin.port !== "" && origin.host === written.host;
  if (origin.protocol !== "http:" || written.protocol !== "https:" || !isSamePort) return written;
  const url = new URL(written);
  url.protocol = "http:";
  return url;
}

/**
 * The URL that a `Location` header means.
 *
 * @throws {LocationRefusedError} when following it would leave TLS, or reach into a private network from a public one
 * (an attack on whoever copies: {@link https://github.com/google/go-containerregistry/issues/2258}).
 */
export function followLocation(endpoint: Endpoint, from: URL, location: string | undefined): URL {
  const refuse = (where: string, reason: string, remedy?: string): LocationRefusedError =>
    new (errors().LocationRefusedError)(endpoint.place, where, reason, remedy);
  if (!location) throw refuse("nowhere", "the Location header is missing");
  let url: URL;
  try {
    url = withTlsOf(from, new URL(location, from));
  } catch {
    throw refuse("a place that is no URL", "the Location header is malformed");
  }
  url.username = url.password = "";
  if (url.protocol !== "https:" && !(url.protocol === "http:" && endpoint.origin.protocol === "http:"))
    throw refuse(url.host, "it leaves TLS");
  if (!mayPointTo(endpoint, url))
    throw refuse(
      url.host,
      "it is an address inside a network, and the registry is outside",
      errors().INTERNAL_REDIRECTS_REMEDY,
    );
  return url;
}

/**
 * Whether a registry may name a place. An address of a private network or of this machine reaches what the registry
 * itself cannot. Names are looked up when the connection is made.
 */
export const mayPointTo = (endpoint: Endpoint, url: URL): boolean =>
  url.hostname === endpoint.origin.hostname ||
  endpoint.internalRedirects ||
  !localAddress().isInternalHost(url.hostname);
