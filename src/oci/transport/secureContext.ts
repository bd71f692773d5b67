import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import * as tls from "node:tls";

/** TLS settings of one registry. The same object must be used for the same settings: agents are kept by it. */
export interface TlsMaterial {
  readonly caCertificates?: readonly string[];
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
}

/**
 * Who is trusted, and as whom the client comes: own authorities beside those that Node.js was started with, which are
 * its own, `NODE_EXTRA_CA_CERTS` and what `--use-openssl-ca` brings.
 *
 * @param host for errors
 * @throws {CertificateUnreadableError}
 */
export function secureContext(
  { caCertificates = [], clientCertificate }: TlsMaterial,
  host: string,
): tls.SecureContext {
  // What is none would be passed over, and the registry's certificate be to blame.
  for (const certificate of caCertificates) readable(host, "authority", () => new X509Certificate(certificate));
  const context = readable(host, "client certificate, or its key,", () => {
    if (clientCertificate) void new X509Certificate(clientCertificate.cert);
    return tls.createSecureContext(clientCertificate);
  });
  if (caCertificates.length === 0) return context;
  // The documented option `ca` takes the place of the default authorities, and naming all of them again costs 20 ms for
  // each registry; so the native store is asked itself (https://github.com/nodejs/node/issues/27079).
  const native = context.context as { addCACert?: (pem: string) => void };
  const added = [...extraAuthorities(), ...caCertificates];
  if (!native.addCACert)
    return tls.createSecureContext({ ...clientCertificate, ca: [...defaultAuthorities(), ...added] });
  for (const certificate of added) native.addCACert(certificate);
  return context;
}

function readable<T>(host: string, what: string, read: () => T): T {
  try {
    return read();
  } catch {
    const { CertificateUnreadableError } =
      require("../errors/connectionErrors") as typeof import("../errors/connectionErrors");
    // Whatever OpenSSL says of it, a key is not to be near an error.
    throw new CertificateUnreadableError(host, what);
  }
}

const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };

function defaultAuthorities(): readonly string[] {
  return getCACertificates?.("default") ?? tls.rootCertificates;
}

/** Before Node.js 22 a store that is added to forgets these (https://github.com/nodejs/node/issues/32010). */
function extraAuthorities(): readonly string[] {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  if (getCACertificates || !file) return [];
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    // Node.js itself has warned of it when it was started.
    return [];
  }
}
