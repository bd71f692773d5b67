import { once } from "node:events";
import { createServer, request as forward } from "node:https";

/** A login in front of a registry that has none of its own, as operators put it there. */
export interface LoginProxyOptions {
  /** Port of the registry, at 127.0.0.1 and with TLS. */
  readonly registryPort: number;
  /** Port to listen on. */
  readonly port: number;
  /** PEM: the proxy's own certificate and key, and the authority of the registry's. */
  readonly certificate: { readonly certificate: string; readonly key: string; readonly ca: string };
  readonly username: string;
  readonly password: string;
}

/** Passes on what comes with the right Basic login, without that login, and answers all else with 401. */
export async function startLoginProxy(options: LoginProxyOptions): Promise<{ close: () => Promise<void> }> {
  const { registryPort, port, certificate, username, password } = options;
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const server = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    const { authorization, ...headers } = request.headers;
    if (authorization !== expected) {
      request.resume();
      response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
      return;
    }
    const { method, url } = request;
    const onward = forward({ host: "127.0.0.1", port: registryPort, method, path: url, headers, ca: certificate.ca });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(onward);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
