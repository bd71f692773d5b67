import { rootCertificates } from "node:tls";
import { printHead } from "./printHead";

/** Asks for one image with an authority of its own that did not sign the registry's certificate: `REFERENCE`. */
printHead(process.argv[2] ?? "", (host) => ({ access: [{ host, caCertificates: rootCertificates.slice(0, 1) }] }));
