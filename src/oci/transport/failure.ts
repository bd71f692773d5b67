import type { IncomingHttpHeaders } from "node:http";
import { parseJson } from "../../json";
import type { Permission } from "../errors/permission";
import { registryKind, registryProfile, type RegistryKind } from "../profiles/registryProfiles";
import type { Clock } from "./clock";
import {
  AccessDeniedError,
  EncodingRefusedError,
  INTERNAL_REDIRECTS_REMEDY,
  LocationRefusedError,
  PlainHttpError,
  QuotaExceededError,
  RegistryReadOnlyError,
  RegistryLimitError,
  RegistryResponseError,
  RegistryUnreachableError,
  RequestTooLargeError,
  StalledError,
  StorageQuotaError,
  TlsExpectedError,
  TlsUntrustedError,
  TransferFailedError,
  TransferTooSlowError,
} from "../errors/errors";
import { AnswerTooSlowError } from "./answerPace";
import { wordsOf } from "./answerWords";
import { UnknownEncodingError } from "./bodyDecoder";
import { BodyTooLargeError } from "./http";
import { IdleTimeoutError } from "./idleTimeout";
import { LocalAddressError } from "./localAddressGuard";
import { proxyLogin, ProxyRefusedError } from "./httpProxy";
import { isPassingStatus } from "./passingStatus";
import { rateAllowance } from "./rateLimit";
import { parseRetryAfter, RetryableFailure } from "./retry";
import { isReadOnly } from "../errors/readOnly";
import { isStorageQuota } from "../errors/storageQuota";

/** What an error about a request has to name. */
export interface RequestContext {
  readonly registry: string;
  /** Default: what the registry's name tells. */
  readonly kind?: RegistryKind;
  /** What errors call it; see `Endpoint.place`. */
  readonly place: string;
  /** It was said to speak http without TLS. */
  readonly plainHttp?: boolean;
  readonly user: string | undefined;
  /** As it stands in a sentence: `reading the manifest of docker.io/library/nginx:1.27`. */
  readonly doing: string;
  /** What the request wanted to do; absent where it was about no repository. */
  readonly permission?: Permission;
  /** Takes secrets out of a text that a registry wrote. */
  readonly scrub: (text: string) => string;
}

/** The errors of a distribution API answer ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}). */
export interface ApiErrors {
  readonly codes: readonly string[];
  /** Codes and messages in one line, not long, without control characters. */
  readonly text: string;
}

interface ApiError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly detail?: unknown;
}

/** What CNCF Distribution says of a failure of its own stands in the detail; its code and message are always `UNKNOWN unknown error`. */
function cause(error: ApiError | null): string | undefined {
  if (!error) return undefined;
  const { detail, message } = error;
  if (error.code !== "UNKNOWN")
    return message || !detail ? undefined : wordsOf(Buffer.from(JSON.stringify(detail))).trim();
  if (typeof detail === "string") return detail;
  // The number of a POSIX error: 28 is ENOSPC.
  const enclosed = (detail as { Enclosed?: { Err?: unknown } | null } | null | undefined)?.Enclosed;
  return enclosed?.Err === 28 ? "no space left on device" : undefined;
}

/** Logins and signatures that an answer may repeat: what follows the scheme of a login, and the query of a URL. */
const REPEATED = /\b(Bearer|Basic) +[\w+/=.~-]{20,}|(\bhttps?:\/\/[^\s?"'<>]{1,300}\?)[^\s"'<>]+/gi;

/** The login in a URL, such as that of a proxy. */
const USERINFO = /(:\/\/)[^\s/?#"'<>]+@/g;

/** So much of an answer is read for its words: it can be of any length, and made to be slow to read. */
const READ_BYTES = 64 * 1024;

/** Room for the action and the resource that AWS names behind the name of an assumed role. */
const LONGEST_TEXT = 600;

export function parseApiErrors(body: Buffer, scrub: (text: string) => string): ApiErrors {
  const entries = apiErrorsIn(body);
  const codes = entries.flatMap((entry) =>
    typeof entry?.code === "string" && /^[\w-]{1,64}$/.test(entry.code) ? [entry.code] : [],
  );
  const said = entries
    .map((entry) =>
      [entry?.code, entry?.message, cause(entry)].filter((part) => typeof part === "string" && part !== "").join(" "),
    )
    .filter(Boolean)
    .join("; ");
  // Secrets go first: the lines of a key file would not be found in one line, nor one that is cut.
  const read = scrub(said || wordsOf(body)).slice(0, READ_BYTES);
  // eslint-disable-next-line no-control-regex -- a terminal must not obey what a registry writes
  const text = read.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  const clean = text
    .replace(USERINFO, "$1…@")
    .replace(REPEATED, (_, scheme?: string, url?: string) => `${scheme ?? url} …`);
  return { codes, text: clean.slice(0, LONGEST_TEXT).trim().replace(/\.$/, "") };
}

function apiErrorsIn(body: Buffer): readonly (ApiError | null)[] {
  try {
    const errors = (parseJson(body.toString("utf8")) as { errors?: unknown } | null)?.errors;
    return Array.isArray(errors) ? (errors as (ApiError | null)[]) : [];
  } catch {
    return [];
  }
}

/** What servers and proxies say on a port with TLS to a request without: Go, nginx, Apache, Tomcat, Jetty and IIS. */
const WANTS_TLS =
  /\bHTTP request to an HTTPS server|plain HTTP request was sent to (?:an )?HTTPS|speaking plain HTTP to an SSL|combination of host and port requires TLS|\brequires (?:HTTPS|TLS|SSL)\b|\b(?:HTTPS|TLS|SSL) (?:is )?required\b|\bsecured with (?:Secure Sockets Layer|SSL|TLS)\b|\bonly (?:HTTPS|TLS|SSL) (?:is|requests are|connections are) (?:allowed|accepted|supported)\b/i;

/** What an answer that is no success means: an error to throw, which is a {@link RetryableFailure} where it may pass. */
export function failureOf(
  context: RequestContext,
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
  clock: Clock,
): Error {
  const { registry, place, kind = registryKind(registry), doing, user, permission } = context;
  const { codes, text } = parseApiErrors(body, context.scrub);
  const pauseMs = parseRetryAfter(headers["retry-after"], clock.date()) ?? resetOf(status, headers, clock);
  const pause = pauseMs === undefined ? {} : { pauseMs };
  if (status === 429 || registryProfile(kind).rateCodes.some((code) => codes.includes(code))) {
    const quota = headers["ratelimit-limit"];
    const limit = typeof quota === "string" ? ` (limit ${quota.slice(0, 40)})` : "";
    const wait = pauseMs === undefined ? "" : `; it asks to wait ${Math.ceil(pauseMs / 1000)} s`;
    const error = new QuotaExceededError(place, `${text || "too many requests"}${limit}${wait}`, kind);
    return new RetryableFailure(registry, error, { ...pause, throttled: true });
  }
  if (status === 407) {
    const { reason, remedy } = proxyLogin(headers["proxy-authenticate"]);
    return new RegistryUnreachableError(place, `${reason}${text && `: ${text}`}`, { remedy });
  }
  const isPlain = context.plainHttp && status >= 400 && status < 500;
  const [tlsWords] = (isPlain && WANTS_TLS.exec(body.toString("latin1", 0, READ_BYTES))) || [];
  if (tlsWords !== undefined) return new TlsExpectedError(place, text || tlsWords);
  // RFC 2817 and RFC 9110, 15.5.22; of other protocols no registry knows any.
  if (isPlain && status === 426) return new TlsExpectedError(place, text || "it wants another protocol (status 426)");
  const said = `${codes.join(" ")} ${text}`;
  const error =
    status === 507 || (permission?.push && isStorageQuota(said))
      ? new StorageQuotaError(place, doing, text || "insufficient storage", kind)
      : permission?.push && isReadOnly(said)
        ? new RegistryReadOnlyError(place, doing, text)
        : new RegistryResponseError(place, doing, status, codes, text);
  if (isPassingStatus(status))
    return new RetryableFailure(registry, error, status === 503 || status === 500 ? pause : {});
  if (!(error instanceof RegistryResponseError)) return error;
  if (status === 403)
    return new AccessDeniedError(place, user, doing, text || "it answered 403", { kind, ...permission });
  if (status === 413) {
    const tooLarge = new RequestTooLargeError(place, doing, codes, text);
    // It is for now alone (RFC 9110, 15.5.14).
    return pauseMs === undefined
      ? tooLarge
      : new RetryableFailure(registry, tooLarge, { pauseMs, attempts: TOO_LARGE });
  }
  return error;
}

/** How often to try what is too large for now. */
const TOO_LARGE = 4;

/** When there is more of a rate, where an answer that limits it tells that alone; of what is far away nobody knows. */
function resetOf(status: number, headers: IncomingHttpHeaders, clock: Clock): number | undefined {
  if (status !== 429) return undefined;
  const resetMs = rateAllowance(headers, clock.date())?.resetMs;
  return resetMs !== undefined && resetMs <= LONGEST_RESET_MS ? resetMs : undefined;
}

const LONGEST_RESET_MS = 900_000;

const UNREACHABLE = new Map([
  ["ENOTFOUND", "its name is not known"],
  ["EAI_AGAIN", "its name could not be looked up"],
  ["ECONNREFUSED", "it refused the connection"],
  ["EHOSTUNREACH", "there is no route to it"],
  ["ENETUNREACH", "there is no network to it"],
  ["ETIMEDOUT", "the connection timed out"],
]);
const UNTRUSTED =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|CRL_|ERROR_IN_CERT)/;

/** What a broken connection means. */
export function connectionFailure(
  context: RequestContext,
  host: string,
  error: Error,
  idleTimeoutMs: number,
  reusedSocket = false,
): Error {
  const { registry, place, doing } = context;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const where = host === registry ? place : `${place} (at ${host})`;
  if (error instanceof BodyTooLargeError) return new RegistryLimitError(where, doing, error.message, { cause: error });
  if (error instanceof UnknownEncodingError) return new EncodingRefusedError(where, doing, error.message);
  // It would want as much the next time.
  if (code === "ZSTD_error_frameParameter_windowTooLarge")
    return new EncodingRefusedError(where, doing, "its answer is encoded in zstd with a window of more than 8 MiB");
  if (error instanceof LocalAddressError)
    return new LocationRefusedError(place, host, error.message, INTERNAL_REDIRECTS_REMEDY);
  if (error instanceof AnswerTooSlowError) return new TransferTooSlowError(where, doing, error.message);
  if (code === "HPE_HEADER_OVERFLOW")
    return new RegistryLimitError(where, doing, "the headers of an answer", { cause: error });
  if (error instanceof IdleTimeoutError)
    return new RetryableFailure(registry, new StalledError(where, doing, Math.round(idleTimeoutMs / 1000)));
  if (error instanceof ProxyRefusedError) {
    const refused = new RegistryUnreachableError(where, error.message, { remedy: error.remedy });
    return error.isFinal ? refused : new RetryableFailure(registry, refused);
  }
  if (code.startsWith("HPE_") && isTlsRecord((error as { rawPacket?: Buffer }).rawPacket))
    return new TlsExpectedError(where, "it answers with TLS", { cause: error });
  if (UNTRUSTED.test(code)) return new TlsUntrustedError(where, tlsReason(code, error), { cause: error });
  const refusal = handshakeRefusal(code, error);
  if (refusal) return new RegistryUnreachableError(where, refusal, { cause: error });
  if (NO_TLS.includes(code)) return new PlainHttpError(where, { cause: error });
  const unreachable = UNREACHABLE.get(code) ?? UNREACHABLE.get(firstCode(error));
  if (unreachable)
    return new RetryableFailure(registry, new RegistryUnreachableError(where, unreachable, { cause: error }));
  const isBeforeTls = /before secure TLS connection/.test(error.message);
  const broke = `the connection broke${isBeforeTls ? " before TLS was agreed on" : ""}${code ? ` (${code})` : ""}`;
  return new RetryableFailure(
    registry,
    new TransferFailedError(where, capitalize(doing), broke, {
      cause: error,
      ...(isBeforeTls && {
        advice: ({ plainHttp }) => `Try again; where plain http is meant, say so with ${plainHttp}`,
      }),
      // A server that speaks TLS alone ends such a connection without a word.
      ...(context.plainHttp && {
        advice: ({ plainHttp }) => `Try again; where it speaks TLS, take it out of ${plainHttp}`,
      }),
    }),
    { immediate: reusedSocket && (code === "ECONNRESET" || code === "EPIPE") },
  );
}

/** What a failed connection to another server than a registry means, such as a chart repository; undefined where that says no more. */
export function connectionReason(error: Error): string | undefined {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (UNTRUSTED.test(code)) return `its certificate is not trusted: ${tlsReason(code, error)}`;
  if (NO_TLS.includes(code) && handshakeRefusal(code, error) === undefined) return "it does not answer with TLS";
  return UNREACHABLE.get(code) ?? UNREACHABLE.get(firstCode(error));
}

const NO_TLS = ["ERR_SSL_WRONG_VERSION_NUMBER", "EPROTO", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];

/** Why a registry that speaks TLS ended the handshake (RFC 8446, 6.2); undefined where it did not. */
function handshakeRefusal(code: string, { message }: Error): string | undefined {
  if (code !== "EPROTO" && !code.startsWith("ERR_SSL_")) return undefined;
  if (/certificate required/i.test(message)) return "it wants a client certificate (clientCertificate of its access)";
  const [, reason] = /SSL routines:[^:]*:([^:]*(?:alert|unsupported protocol)[^:]*):/i.exec(message) ?? [];
  return reason === undefined ? undefined : `the TLS handshake failed (${reason})`;
}

/** An alert or a handshake (RFC 8446, 5.1): what a server says that was not spoken to in TLS. */
const isTlsRecord = (bytes: Buffer | undefined): boolean =>
  bytes !== undefined && (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3;

/** Node reports the tries on several addresses as one AggregateError. */
const firstCode = (error: Error): string =>
  error instanceof AggregateError ? String((error.errors[0] as NodeJS.ErrnoException | undefined)?.code ?? "") : "";

const tlsReason = (code: string, error: Error): string =>
  code === "ERR_TLS_CERT_ALTNAME_INVALID"
    ? "it is for another host name"
    : code === "CERT_HAS_EXPIRED"
      ? "it has expired"
      : `${error.message.slice(0, 200)} (${code})`;

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
