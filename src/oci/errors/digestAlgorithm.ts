import { RegistryError } from "./registryError";

/** The registry keeps nothing under digests of that algorithm. `code` is `DIGEST_ALGORITHM_REFUSED`. */
export class DigestAlgorithmError extends RegistryError {
  override readonly name = "DigestAlgorithmError";
  constructor(
    readonly registry: string,
    /** `the manifest of r.io/app@sha512:…`. */
    what: string,
    /** In the registry's words, or the digest that it knows it by. */
    reason: string,
  ) {
    super(
      "DIGEST_ALGORITHM_REFUSED",
      `Registry ${registry} does not keep ${what} under that digest: ${reason}`,
      "Name the image by its tag or its sha256 digest, or use a registry that keeps other algorithms",
    );
  }
}
