import { parseReference } from "../../src/image/reference";
import { Registries } from "../../src/oci/registries";

/** Asks for one image through the proxy of the environment: `REFERENCE SCHEME`. */
const [, , image = "", scheme] = process.argv;
const reference = parseReference(image);
const registries = new Registries({
  access: [{ host: reference.registry, plainHttp: scheme === "http" }],
  environment: process.env,
  retry: { attempts: 1 },
});
registries
  .head(reference)
  .then(
    (found) => console.log(found?.digest),
    (error: Error) => console.log(error.message),
  )
  .finally(() => registries.close());
