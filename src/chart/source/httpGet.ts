import type { IncomingMessage } from "node:http";

/** One download. */
export interface HttpRequest {
  readonly url: string;
  /** The repository whose index names the URL; absent where the user does. */
  readonly namedBy?: string;
  /** Sent to this URL's own scheme, host and port only, whatever redirects say; to any with `passCredentials`. */
  readonly login?: { readonly username: string; readonly password: string };
  readonly passCredentials?: boolean;
  /** Bytes that the file may have; {@link MAX_DOWNLOAD} unless told. */
  readonly limit?: number;
  /** PEM texts: certificates of CAs to trust, and this client's own certificate. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** What came back; redirects have been followed. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Downloads a file. @throws when the server cannot be reached */
export type HttpGet = (request: HttpRequest) => Promise<HttpAnswer>;

/** One GET of a download: what one server is sent. */
export interface GetRequest {
  readonly url: URL;
  /** The server of another origin that named the URL, by a redirect or in an index. */
  readonly namedBy?: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: NonNullable<HttpRequest["tls"]>;
}

/** Sends one request and brings its answer, a redirect too: how this machine reaches servers. */
export type SendGet = (request: GetRequest) => Promise<IncomingMessage>;

const MAX_REDIRECTS = 10;

/** The most bytes of one download; a chart's archive may have as many. */
export const MAX_DOWNLOAD = 100 * 1024 * 1024;

/**
 * Seconds that one download may take from its first request on, redirects included. A server that sends a byte now and
 * then never keeps silent long enough to be stalled.
 */
export const DOWNLOAD_TIMEOUT = 600;

/** A file that is larger than asked for. */
export class DownloadTooLargeError extends Error {
  override readonly name = "DownloadTooLargeError";
}

/**
 * Downloads with requests that are sent in the way given.
 *
 * A redirect to another scheme, host or port goes there without the login, as with curl and Helm (CVE-2021-32690).
 *
 * @param timeout seconds
 * @throws {DownloadTooLargeError} as soon as the limit is passed, and what `send` throws
 */
export async function httpGet(request: HttpRequest, send: SendGet, timeout = DOWNLOAD_TIMEOUT): Promise<HttpAnswer> {
  const deadline = performance.now() + timeout * 1000;
  let url = new URL(request.url);
  const { origin } = url;
  let namedBy = request.namedBy === undefined ? undefined : new URL(request.namedBy);
  for (let redirects = 0; ; redirects++) {
    const trusted = url.origin === origin || request.passCredentials === true;
    const isForeign = namedBy !== undefined && namedBy.origin !== url.origin;
    const answer = await send({ ...getRequest(url, request, trusted), namedBy: isForeign ? namedBy : undefined });
    const { location } = answer.headers;
    const status = answer.statusCode ?? 0;
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status))
      return { status, body: await readBody(answer, request.limit ?? MAX_DOWNLOAD, deadline, timeout) };
    answer.resume();
    if (redirects === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
    if (!URL.canParse(location, url.href)) throw new Error("it redirects to what is no URL");
    namedBy = url;
    url = new URL(location, url);
  }
}

function getRequest(url: URL, { login, tls }: HttpRequest, trusted: boolean): GetRequest {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Error(`${url.protocol}// is not a protocol that charts are fetched with`);
  return {
    url,
    headers: {
      accept: "*/*",
      ...(login && trusted && { authorization: basic(`${login.username}:${login.password}`) }),
    },
    // The client's certificate is a login too.
    tls: { ...(tls?.ca !== undefined && { ca: tls.ca }), ...(trusted && ownCertificate(tls)) },
  };
}

const basic = (login: string): string => `Basic ${Buffer.from(login).toString("base64")}`;

function ownCertificate(tls: HttpRequest["tls"]): { cert?: string; key?: string } {
  return { ...(tls?.cert !== undefined && { cert: tls.cert }), ...(tls?.key !== undefined && { key: tls.key }) };
}

async function readBody(answer: IncomingMessage, limit: number, deadline: number, timeout: number): Promise<Buffer> {
  const tooLarge = (): Error => new DownloadTooLargeError(`the file is larger than ${limit} bytes`);
  let late = false;
  const end = (): void => {
    late = true;
    answer.destroy();
  };
  const timer = setTimeout(end, Math.max(0, deadline - performance.now()));
  try {
    if (Number(answer.headers["content-length"]) > limit) throw tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw late ? new Error(`the download did not end within ${timeout} seconds`, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}
