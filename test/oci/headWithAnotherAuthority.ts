import { rootCertificates } from "node:tls";
import { parseReference } from "../../src/image/reference";
import { Registries } from "../../src/oci/registries";

/** Asks for one image with an authority of its own that did not sign the registry's certificate: `REFERENCE`. */
const reference = parseReference(process.argv[2] ?? "");
const access = [{ host: reference.registry, caCertificates: rootCertificates.slice(0, 1) }];
const registries = new Registries({ access });
registries
  .head(reference)
  .then(
    (found) => console.log(found?.digest),
    (error: Error) => console.log(error.message),
  )
  .finally(() => registries.close());
