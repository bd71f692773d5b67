import { TrustedRoot } from "@sigstore/protobuf-specs";
import { MirrorError, MirrorErrors } from "../error";
import { isDigest } from "../image/digest";
import { parseReference } from "../image/reference";
import { parseJson } from "../json";
import { RegistryUnreachableError } from "../oci/errors/errors";
import { findSignatures, type SignatureRegistries } from "./signatures";
import { checkTrustPolicy, ruleFor, type TrustPolicy, type TrustRule } from "./trustPolicy";
import { signatureProblem } from "./verifySignature";

/** An image without the signature that a rule asks for. `code` is `UNTRUSTED_IMAGE`. */
export class UntrustedImageError extends MirrorError {
  override readonly name = "UntrustedImageError";
  constructor(
    readonly image: string,
    readonly rule: TrustRule,
    reason: string,
  ) {
    super(
      "UNTRUSTED_IMAGE",
      `Image ${image} is not signed as the rule for ${rule.pattern} asks for (${signer(rule)}): ${reason}`,
      "Ask its publisher for the signature, or put a rule with another signer, or with unsigned: true, before this one",
    );
  }
}

/** A trusted root that cannot be read. `code` is `INVALID_TRUSTED_ROOT`. */
export function invalidTrustedRoot(file: string, reason: string): MirrorError {
  return new MirrorError(
    "INVALID_TRUSTED_ROOT",
    `Reading the trusted root ${file} failed: ${reason}`,
    "Write one with: cosign trusted-root create",
  );
}

/** What verifying needs. */
export interface TrustContext {
  readonly registries: SignatureRegistries;
  /** Reads the trusted root's file. */
  readonly read: (file: string) => Promise<string>;
  /**
   * Told of registries that cannot be reached. Only for images that were verified when they were locked; without it, what
   * cannot be verified is not trusted.
   */
  readonly onUnreachable?: (image: string, error: RegistryUnreachableError) => void;
}

/**
 * Verifies that images have the signatures that a policy asks for, at their sources, before anything is copied.
 *
 * @throws {MirrorErrors} about all of them, or the only {@link UntrustedImageError}
 */
export async function verifyTrust(
  images: readonly { readonly source: string; readonly digest?: string }[],
  policy: TrustPolicy,
  context: TrustContext,
): Promise<void> {
  checkTrustPolicy(policy);
  const root = policy.trustedRoot === undefined ? undefined : await readTrustedRoot(policy.trustedRoot, context.read);
  const problems = await Promise.all(
    images.map(async ({ source, digest }) => {
      const rule = ruleFor(policy.rules, source);
      if (!rule || rule.unsigned) return [];
      return problemOf(source, digest, rule, root, context);
    }),
  );
  MirrorErrors.throwIfAny("Verifying the signatures of images", problems.flat());
}

async function problemOf(
  source: string,
  digest: string | undefined,
  rule: TrustRule,
  root: TrustedRoot | undefined,
  { registries, onUnreachable }: TrustContext,
): Promise<Error[]> {
  if (digest === undefined || !isDigest(digest))
    return [new UntrustedImageError(source, rule, "its digest is not known, since its registry was not asked")];
  try {
    const signatures = await findSignatures(registries, parseReference(source), digest);
    if (signatures.length === 0) return [new UntrustedImageError(source, rule, `nobody has signed ${digest}`)];
    const reasons: string[] = [];
    for (const signature of signatures) {
      const reason = "unreadable" in signature ? signature.unreadable : signatureProblem(signature, digest, rule, root);
      if (reason === undefined) return [];
      reasons.push(reason);
    }
    return [
      new UntrustedImageError(source, rule, `none of its signatures will do: ${[...new Set(reasons)].join("; ")}`),
    ];
  } catch (error) {
    if (!(error instanceof RegistryUnreachableError) || !onUnreachable) return [error as Error];
    onUnreachable(source, error);
    return [];
  }
}

async function readTrustedRoot(file: string, read: (file: string) => Promise<string>): Promise<TrustedRoot> {
  try {
    const root = TrustedRoot.fromJSON(parseJson(await read(file)));
    if (root.certificateAuthorities.length === 0) throw new Error("it names no certificate authority");
    return root;
  } catch (error) {
    throw invalidTrustedRoot(file, (error as Error).message);
  }
}

function signer({ key, identity }: TrustRule): string {
  if (key !== undefined) return "by its key";
  return identity ? `by ${identity.subject} of ${identity.issuer}` : "by nobody";
}
