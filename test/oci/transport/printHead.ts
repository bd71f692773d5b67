import { parseReference } from "../../../src/image/reference";
import { Registries, type RegistriesOptions } from "../../../src/oci/registries";

/** For programs that a test starts: prints the digest of one image, or why it could not be asked for. */
export function printHead(image: string, optionsFor: (host: string) => RegistriesOptions): void {
  const reference = parseReference(image);
  const registries = new Registries(optionsFor(reference.registry));
  registries
    .head(reference)
    .then(
      (found) => console.log(found?.digest),
      (error: Error) => console.log(error.message),
    )
    .finally(() => registries.close());
}
