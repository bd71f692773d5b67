import { DOWNLOAD_TIMEOUT, httpGet, type GetRequest, type HttpGet } from "../chart/source/httpGet";
import { MirrorError } from "../error";
import { HttpTransport, type HttpResponse } from "../oci/transport/http";
import { proxyLogin, ProxyRefusedError, type ProxyEnvironment } from "../oci/transport/httpProxy";
import { isInternalAddress, isInternalHost } from "../oci/transport/localAddress";
import { LocalAddressError } from "../oci/transport/localAddressGuard";

/** How long a server may keep silent, in milliseconds. */
const STALL = 60_000;

export interface LocalHttpGetOptions {
  /** Hosts, as URLs write them (`host[:port]`), that may point inside though they are outside. Default: none. */
  readonly internalRedirects?: (host: string) => boolean;
  /** How long one file may take, in milliseconds. Default: as {@link DOWNLOAD_TIMEOUT} says. */
  readonly deadlineMs?: number;
}

/**
 * Downloads as this machine reaches servers: through the proxies that its environment names, as Helm does. A proxy's
 * login goes to the proxy alone, and the server's, where it speaks TLS, not to the proxy.
 *
 * What a server outside names, by a redirect or in its index, must not be an address of a private network or of this
 * machine.
 */
export function localHttpGet(
  environment: ProxyEnvironment,
  { internalRedirects = () => false, deadlineMs = DOWNLOAD_TIMEOUT * 1000 }: LocalHttpGetOptions = {},
): HttpGet {
  /** Origins that answered from an address inside. */
  const inside = new Set<string>();
  return async (request) => {
    const transport = new HttpTransport(environment);
    let deadline: NodeJS.Timeout | undefined;
    let ended = false;
    const end = (): void => {
      ended = true;
      transport.close();
    };
    try {
      deadline = setTimeout(end, deadlineMs);
      return await httpGet(request, (one) => send(transport, one, { inside, internalRedirects }));
    } catch (error) {
      throw ended ? new Error(`it was not there after ${Math.round(deadlineMs / 1000)} s`, { cause: error }) : error;
    } finally {
      clearTimeout(deadline);
      transport.close();
    }
  };
}

async function send(
  transport: HttpTransport,
  { url, namedBy, headers, tls: { ca, cert, key } }: GetRequest,
  { inside, internalRedirects }: { inside: Set<string>; internalRedirects: (host: string) => boolean },
): Promise<HttpResponse> {
  const own = cert !== undefined && key !== undefined;
  const tls = { ...(ca !== undefined && { caCertificates: [ca] }), ...(own && { clientCertificate: { cert, key } }) };
  const fromOutside = namedBy !== undefined && !inside.has(namedBy.origin) && !internalRedirects(namedBy.host);
  try {
    if (fromOutside && isInternalHost(url.hostname)) throw new LocalAddressError();
    const { response, serverAddress } = transport.open({
      method: "GET",
      url,
      headers,
      tls,
      body: "",
      idleTimeout: STALL,
      fromOutside,
    });
    const answer = await response;
    const address = serverAddress();
    if (address === undefined ? isInternalHost(url.hostname) : isInternalAddress(address)) inside.add(url.origin);
    else inside.delete(url.origin);
    if (answer.statusCode === 407) throw new ProxyRefusedError(proxyLogin(answer.headers["proxy-authenticate"]).reason);
    return answer;
  } catch (error) {
    if (error instanceof LocalAddressError)
      throw new Error(
        `${namedBy?.host} points to ${url.host}, which is not followed: it is an address inside a network, and the server is outside. Where a store of yours is there, say so with internalRedirects of ${namedBy?.host} (sourceAccess, or the file of --registries)`,
        { cause: error },
      );
    const { connectionReason } = require("../oci/transport/failure") as typeof import("../oci/transport/failure");
    const reason = connectionReason(error as Error);
    // Whoever was asked is told beside it; whom that one named is not.
    const where = namedBy === undefined || namedBy.host === url.host ? "" : `${url.host}: `;
    if (reason !== undefined) throw new Error(`${where}${reason}`, { cause: error });
    // Its reason alone: the remedy for registries is that of the repository, too.
    throw error instanceof MirrorError ? new Error(error.problem, { cause: error }) : error;
  }
}
