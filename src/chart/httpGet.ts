import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";

/** One download. */
export interface HttpRequest {
  readonly url: string;
  /** Sent to this URL's own scheme, host and port only, whatever redirects say; to any with `passCredentials`. */
  readonly login?: { readonly username: string; readonly password: string };
  readonly passCredentials?: boolean;
  /** PEM texts: authorities to trust, and this client's own certificate. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** What came back; redirects have been followed. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Downloads a file. @throws when the server cannot be reached */
export type HttpGet = (request: HttpRequest) => Promise<HttpAnswer>;

const MAX_REDIRECTS = 10;
/** Seconds without a byte. */
const STALL = 60;
/** Bytes; the largest repository indexes are a tenth of it. */
const MAX_BODY = 512 * 1024 * 1024;

/**
 * Downloads with Node's own HTTP client.
 *
 * A redirect to another scheme, host or port goes there without the login, as with curl and Helm (CVE-2021-32690).
 */
export const httpGet: HttpGet = async (request) => {
  let url = new URL(request.url);
  const origin = url.origin;
  for (let redirects = 0; ; redirects++) {
    const trusted = url.origin === origin || request.passCredentials === true;
    const answer = await getOnce(url, request, trusted);
    const location = answer.headers.location;
    const status = answer.statusCode ?? 0;
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status))
      return { status, body: await readBody(answer) };
    answer.resume();
    if (redirects === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirects`);
    url = new URL(location, url);
  }
};

function getOnce(url: URL, { login, tls }: HttpRequest, trusted: boolean): Promise<IncomingMessage> {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return Promise.reject(new Error(`${url.protocol}// is not a protocol that charts are fetched with`));
  return new Promise((answered, failed) => {
    const headers: Record<string, string> = { "user-agent": "pulumi-chart-mirror", accept: "*/*" };
    if (login && trusted)
      headers.authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    const options = { headers, timeout: STALL * 1000 };
    const send =
      url.protocol === "https:"
        ? // The client's certificate is a login too.
          requestHttps(url, {
            ...options,
            ...(tls?.ca !== undefined && { ca: tls.ca }),
            ...(trusted && ownCertificate(tls)),
          })
        : requestHttp(url, options);
    send.on("timeout", () => send.destroy(new Error(`no answer within ${STALL} seconds`)));
    send.on("error", failed);
    send.on("response", answered);
    send.end();
  });
}

function ownCertificate(tls: HttpRequest["tls"]): { cert?: string; key?: string } {
  return { ...(tls?.cert !== undefined && { cert: tls.cert }), ...(tls?.key !== undefined && { key: tls.key }) };
}

async function readBody(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`the file is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
