import { httpGet, type GetRequest, type HttpGet } from "../chart/source/httpGet";
import { MirrorError } from "../error";
import { HttpTransport, type HttpResponse } from "../oci/transport/http";
import { ProxyRefusedError, type ProxyEnvironment } from "../oci/transport/httpProxy";

/** How long a server may keep silent, in milliseconds. */
const STALL = 60_000;

/**
 * Downloads as this machine reaches servers: through the proxies that its environment names, as Helm does. A proxy's
 * login goes to the proxy alone, and the server's, where it speaks TLS, not to the proxy.
 */
export function localHttpGet(environment: ProxyEnvironment): HttpGet {
  return async (request) => {
    const transport = new HttpTransport(environment);
    try {
      return await httpGet(request, (one) => send(transport, one));
    } finally {
      transport.close();
    }
  };
}

async function send(
  transport: HttpTransport,
  { url, headers, tls: { ca, cert, key } }: GetRequest,
): Promise<HttpResponse> {
  const own = cert !== undefined && key !== undefined;
  const tls = { ...(ca !== undefined && { caCertificates: [ca] }), ...(own && { clientCertificate: { cert, key } }) };
  try {
    const { response } = transport.open({ method: "GET", url, headers, tls, body: "", idleTimeout: STALL });
    const answer = await response;
    if (answer.statusCode === 407) throw new ProxyRefusedError("the proxy wants another login (status 407)");
    return answer;
  } catch (error) {
    // Its reason alone: the remedy for registries is that of the repository, too.
    throw error instanceof MirrorError ? new Error(error.problem, { cause: error }) : error;
  }
}
