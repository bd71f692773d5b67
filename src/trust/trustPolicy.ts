import { MirrorError, MirrorErrors } from "../error";
import { withCanonicalHost } from "../image/reference";
import { matchesWildcard } from "../image/wildcard";

/** Who must have signed keyless, as the certificate of the signature says it. */
export interface SignerIdentity {
  /** The OIDC issuer: `https://token.actions.githubusercontent.com`. */
  issuer: string;
  /** The subject, `*` for any characters: `https://github.com/shop/app/.github/workflows/release.yaml@refs/tags/*`. */
  subject: string;
}

/** Whose signature an image needs before it is mirrored. One of `key`, `identity` and `unsigned`. */
export interface TrustRule {
  /** Canonical references of sources, `*` for any characters: `quay.io/shop/*`. The first rule that fits decides. */
  pattern: string;
  /** PEM public key of `cosign generate-key-pair`. */
  key?: string;
  /** Signer of a keyless signature; needs `trustedRoot`. */
  identity?: SignerIdentity;
  /** These images need no signature. */
  unsigned?: boolean;
}

/**
 * Which signatures images need. Images that no rule fits need none; end with `{ pattern: "*", key }` to leave none out.
 *
 * @example
 * ```ts
 * { rules: [{ pattern: "quay.io/shop/*", key: readFileSync("cosign.pub", "utf8") }] }
 * ```
 */
export interface TrustPolicy {
  rules: TrustRule[];
  /** Path of a `trusted_root.json` with the certificate authorities and logs of keyless signatures. */
  trustedRoot?: string;
}

/** A policy that says nothing that can be verified. `code` is `INVALID_TRUST_POLICY`. */
export class InvalidTrustPolicyError extends MirrorError {
  override readonly name = "InvalidTrustPolicyError";
  constructor(pattern: string, reason: string, remedy: string) {
    super("INVALID_TRUST_POLICY", `Reading the trust rule for ${pattern} failed: ${reason}`, remedy);
  }
}

/** @throws {InvalidTrustPolicyError} or several of them */
export function checkTrustPolicy({ rules, trustedRoot }: TrustPolicy): void {
  const problems = rules.flatMap(({ pattern, key, identity, unsigned }) => {
    const ways = [key !== undefined, identity !== undefined, unsigned === true].filter(Boolean).length;
    if (ways !== 1)
      return [
        new InvalidTrustPolicyError(
          pattern,
          `it has ${ways === 0 ? "none" : "more than one"} of key, identity and unsigned`,
          "Give one of them",
        ),
      ];
    if (identity && trustedRoot === undefined)
      return [
        new InvalidTrustPolicyError(
          pattern,
          "an identity is verified with certificate authorities and logs, and no trustedRoot names any",
          "Write one with: cosign trusted-root create",
        ),
      ];
    return [];
  });
  MirrorErrors.throwIfAny("Reading the trust policy", problems);
}

/**
 * The first rule that fits an image, however registries are spelled in either: a rule for `quay.io` is one for
 * `QUAY.IO` and `quay.io:443`, one for `index.docker.io` is one for `docker.io`.
 *
 * @param source with its registry
 */
export function ruleFor(rules: readonly TrustRule[], source: string): TrustRule | undefined {
  const image = withCanonicalHost(source);
  return rules.find(({ pattern }) => matchesWildcard(withCanonicalHost(pattern), image));
}
