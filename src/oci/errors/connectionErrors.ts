import type { Advice } from "../../settingWords";
import { RegistryError, RegistryPlaceError } from "./registryError";
import { registryKind, registryProfile } from "../profiles/registryProfiles";

/** No answer from the registry. `code` is `REGISTRY_UNREACHABLE`. */
export class RegistryUnreachableError extends RegistryPlaceError {
  override readonly name = "RegistryUnreachableError";
  constructor(
    place: string,
    reason: string,
    { remedy, ...options }: ErrorOptions & { readonly remedy?: string | undefined } = {},
  ) {
    super(
      place,
      "REGISTRY_UNREACHABLE",
      `Registry ${place} could not be reached: ${reason}`,
      remedy ?? "Check the host name, the network, and HTTPS_PROXY and NO_PROXY",
      options,
    );
  }
}

/** The registry's certificate is not trusted. `code` is `TLS_UNTRUSTED`. */
export class TlsUntrustedError extends RegistryPlaceError {
  override readonly name = "TlsUntrustedError";
  constructor(place: string, reason: string, options?: ErrorOptions) {
    super(
      place,
      "TLS_UNTRUSTED",
      `The TLS certificate of registry ${place} is not trusted: ${reason}`,
      ({ caCertificate }) => `Give the certificate of its private CA with ${caCertificate}`,
      options,
    );
  }
}

/** What was said of how a registry is reached makes no sense. `code` is `INVALID_REGISTRY`. */
export class InvalidAccessError extends RegistryError {
  override readonly name = "InvalidAccessError";
  constructor(
    readonly registry: string,
    what: string,
  ) {
    super(
      "INVALID_REGISTRY",
      `Registry ${registry} cannot be reached as its access says: ${what}`,
      "Write host as HOST[:PORT] and location as HOST[:PORT][/PATH], without scheme and login; http is said with plainHttp",
    );
  }
}

/** A certificate or key that was given for a registry is none. `code` is `CERTIFICATE_UNREADABLE`. */
export class CertificateUnreadableError extends RegistryError {
  override readonly name = "CertificateUnreadableError";
  constructor(
    readonly registry: string,
    what: string,
  ) {
    super("CERTIFICATE_UNREADABLE", `The ${what} for registry ${registry} cannot be read`, ({ pem }) => `Give ${pem}`);
  }
}

/** The registry does not speak TLS. `code` is `REGISTRY_SPEAKS_PLAIN_HTTP`. */
export class PlainHttpError extends RegistryPlaceError {
  override readonly name = "PlainHttpError";
  constructor(place: string, options?: ErrorOptions) {
    super(
      place,
      "REGISTRY_SPEAKS_PLAIN_HTTP",
      `Registry ${place} does not answer with TLS`,
      ({ plainHttp }) => `Where plain http is meant, say so with ${plainHttp}`,
      options,
    );
  }
}

/** The registry speaks TLS where plain http was said. `code` is `REGISTRY_SPEAKS_TLS`. */
export class TlsExpectedError extends RegistryPlaceError {
  override readonly name = "TlsExpectedError";
  constructor(place: string, reason: string, options?: ErrorOptions) {
    super(
      place,
      "REGISTRY_SPEAKS_TLS",
      `Registry ${place} wants TLS and was spoken to in plain http: ${reason}`,
      ({ plainHttp }) => `Reach it by https: take it out of ${plainHttp}`,
      options,
    );
  }
}

/** The registry asks for a longer pause than is allowed. `code` is `QUOTA_EXCEEDED`. */
export class QuotaExceededError extends RegistryPlaceError {
  override readonly name = "QuotaExceededError";
  constructor(place: string, reason: string, kind = registryKind(place)) {
    super(
      place,
      "QUOTA_EXCEEDED",
      `Registry ${place} allows no more requests for now: ${reason}`,
      registryProfile(kind).rateRemedy,
    );
  }
}

/** No byte moved for the stall timeout. `code` is `TRANSFER_STALLED`. */
export class StalledError extends RegistryPlaceError {
  override readonly name = "StalledError";
  constructor(place: string, doing: string, seconds: number) {
    super(
      place,
      "TRANSFER_STALLED",
      `Registry ${place} stalled while ${doing}: nothing moved for ${seconds} s`,
      "Try again",
    );
  }
}

/** An answer or a blob comes too slowly to be waited for. `code` is `TRANSFER_TOO_SLOW`. */
export class TransferTooSlowError extends RegistryPlaceError {
  override readonly name = "TransferTooSlowError";
  constructor(place: string, doing: string, reason: string, options?: ErrorOptions) {
    super(
      place,
      "TRANSFER_TOO_SLOW",
      `Registry ${place} is too slow while ${doing}: ${reason}`,
      "Try again; where the network is slow, lower the concurrency",
      options,
    );
  }
}

/** A registry answered more than the bound for it, such as too many tags. `code` is `REGISTRY_LIMIT`. */
export class RegistryLimitError extends RegistryPlaceError {
  override readonly name = "RegistryLimitError";
  constructor(
    place: string,
    doing: string,
    /** What is too much: `more than 10000 tags`. */
    readonly limit: string,
    options?: ErrorOptions,
  ) {
    super(
      place,
      "REGISTRY_LIMIT",
      `Registry ${place} serves more than is taken of it, ${doing}: ${limit}`,
      "Look at what it serves: no image and no list in good order is so large",
      options,
    );
  }
}

/** The connection broke, again and again. `code` is `TRANSFER_FAILED`. */
export class TransferFailedError extends RegistryPlaceError {
  override readonly name = "TransferFailedError";
  constructor(
    place: string,
    doing: string,
    reason: string,
    { advice, ...options }: ErrorOptions & { readonly advice?: Advice } = {},
  ) {
    super(place, "TRANSFER_FAILED", `${doing} at registry ${place} failed: ${reason}`, advice ?? "Try again", options);
  }
}

/** A redirect or upload location that must not be followed. `code` is `LOCATION_REFUSED`. */
export class LocationRefusedError extends RegistryPlaceError {
  override readonly name = "LocationRefusedError";
  constructor(
    place: string,
    readonly location: string,
    reason: string,
    remedy?: string,
  ) {
    super(
      place,
      "LOCATION_REFUSED",
      `Registry ${place} points to ${location}, which is not followed: ${reason}`,
      remedy,
    );
  }
}

/** An answer that means failure and has no type of its own. `code` is `REGISTRY_FAILED`. */
export class RegistryResponseError extends RegistryPlaceError {
  override readonly name: string = "RegistryResponseError";
  constructor(
    place: string,
    doing: string,
    readonly status: number,
    /** The distribution API's error codes, such as `BLOB_UNKNOWN`. */
    readonly codes: readonly string[],
    reason: string,
    { code, remedy }: { readonly code: string; readonly remedy?: string } = { code: "REGISTRY_FAILED" },
  ) {
    super(place, code, `Registry ${place} failed ${doing} with status ${status}${reason ? `: ${reason}` : ""}`, remedy);
  }
}

/** For remedies: what to do about a page for browsers in place of an answer. */
export const WEB_PAGE_REMEDY =
  "Open the registry's address in a browser: a login page, a captive portal or a proxy may stand before it";

/** A success that is a page for browsers. `code` is `REGISTRY_FAILED`. */
export class WebPageError extends RegistryResponseError {
  override readonly name = "WebPageError";
  constructor(place: string, doing: string, status: number, page: string) {
    super(place, doing, status, [], `it answered ${page}`, { code: "REGISTRY_FAILED", remedy: WEB_PAGE_REMEDY });
  }
}

/** An answer is encoded in a way that was not asked for, and that cannot be undone. `code` is `REGISTRY_FAILED`. */
export class EncodingRefusedError extends RegistryPlaceError {
  override readonly name = "EncodingRefusedError";
  constructor(place: string, doing: string, reason: string) {
    super(
      place,
      "REGISTRY_FAILED",
      `Registry ${place} cannot be understood while ${doing}: ${reason}`,
      'Have it, or a proxy before it, send what is asked for ("Accept-Encoding: identity")',
    );
  }
}

/** A request is too large for the registry, or for a proxy before it (413). `code` is `REQUEST_TOO_LARGE`. */
export class RequestTooLargeError extends RegistryResponseError {
  override readonly name = "RequestTooLargeError";
  constructor(registry: string, doing: string, codes: readonly string[], reason: string) {
    super(registry, doing, 413, codes, reason || "the request is too large", {
      code: "REQUEST_TOO_LARGE",
      // https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size
      remedy:
        "Raise the limit of the proxy before it (nginx: client_max_body_size 0; its ingress: the annotation " +
        'nginx.ingress.kubernetes.io/proxy-body-size: "0"), or reach the registry without it',
    });
  }
}

/** For remedies: how a user says that a registry's store is inside. */
export const INTERNAL_REDIRECTS_REMEDY =
  "Where a store of yours is there, say so with internalRedirects: true of the registry, or of the host in sourceAccess (on the command line in the file of --registries)";
