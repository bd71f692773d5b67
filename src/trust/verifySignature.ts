import { createPublicKey, type KeyObject } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import type { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier, type TrustMaterial } from "@sigstore/verify";
import type { Digest } from "../image/digest";
import { parseJson } from "../json";
import type { FoundSignature } from "./signatures";
import { InvalidTrustPolicyError, type TrustRule } from "./trustPolicy";

/** What a signature of an image is called in the statement that is signed. */
const SIGNATURE_PREDICATE = "https://sigstore.dev/cosign/sign/v1";
const STATEMENT_TYPE = "application/vnd.in-toto+json";

/**
 * Says why a signature is not one that a rule asks for; undefined when it is.
 *
 * Both are verified: that what was signed names this image, and who has signed it.
 *
 * @param root for rules with an identity
 */
export function signatureProblem(
  signature: FoundSignature,
  digest: Digest,
  rule: TrustRule,
  root: TrustedRoot | undefined,
): string | undefined {
  const about = subjectOf(signature);
  if (about === undefined) return "what it signs is no image signature";
  if (about !== digest) return `it is of ${about}`;
  try {
    if (rule.key !== undefined) verifyWithKey(signature, publicKey(rule.pattern, rule.key));
    else if (rule.identity && root) verifyIdentity(signature, rule.identity, root);
    else return "the rule names nobody";
    return undefined;
  } catch (error) {
    if (error instanceof InvalidTrustPolicyError) throw error;
    return (error as Error).message;
  }
}

/** The key of a rule. @throws {InvalidTrustPolicyError} */
export function publicKey(pattern: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new InvalidTrustPolicyError(
      pattern,
      `its key is no PEM public key (${(error as Error).message})`,
      "Give the text of cosign.pub",
    );
  }
}

function verifyWithKey({ bundle, payload }: FoundSignature, key: KeyObject): void {
  const trust: TrustMaterial = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: key, validFor: () => true }),
  };
  // The key alone is asked for: whoever has it has signed, and no log has to have seen it.
  const plain = {
    ...bundle,
    verificationMaterial: {
      content: { $case: "publicKey", publicKey: { hint: "" } },
      tlogEntries: [],
      timestampVerificationData: undefined,
    },
  } as unknown as Bundle;
  new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0 }).verify(toSignedEntity(plain, payload));
}

function verifyIdentity(
  { bundle, payload }: FoundSignature,
  { issuer, subject }: NonNullable<TrustRule["identity"]>,
  root: TrustedRoot,
): void {
  if (bundle.verificationMaterial.content.$case === "publicKey")
    throw new Error("it was made with a key, not by an identity");
  // A private Sigstore may have no log of certificates; the public one has, and its trusted root says so.
  const ctlogThreshold = root.ctlogs.length > 0 ? 1 : 0;
  new Verifier(toTrustMaterial(root), { ctlogThreshold }).verify(toSignedEntity(bundle, payload), {
    // The library takes it for a regular expression.
    subjectAlternativeName: wildcardExpression(subject),
    extensions: { issuer },
  });
}

/** The digest of the image that a signature is about, as what was signed says; undefined when it signs something else. */
function subjectOf({ bundle, payload }: FoundSignature): string | undefined {
  try {
    if (payload) {
      const { critical } = parseJson(payload.toString("utf8")) as {
        critical?: { type?: unknown; image?: { "docker-manifest-digest"?: unknown } };
      };
      const digest = critical?.image?.["docker-manifest-digest"];
      return critical?.type === "cosign container image signature" && typeof digest === "string" ? digest : undefined;
    }
    if (bundle.content.$case !== "dsseEnvelope") return undefined;
    const { payload: signed, payloadType } = bundle.content.dsseEnvelope;
    const { predicateType, subject } = parseJson(signed.toString("utf8")) as {
      predicateType?: unknown;
      subject?: { digest?: { sha256?: unknown } }[];
    };
    // An attestation (of a build, a scan) by the same signer is no statement that the image may be used.
    if (payloadType !== STATEMENT_TYPE || predicateType !== SIGNATURE_PREDICATE) return undefined;
    const sha256 = subject?.[0]?.digest?.sha256;
    return typeof sha256 === "string" ? `sha256:${sha256}` : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Source of a regular expression for a whole text; `*` in the pattern stands for any characters. Each part stays where it
 * fits first: `(?=(x))\1` is what other dialects write as the atomic group `(?>x)`, without which the time would have
 * the number of stars as its exponent.
 */
function wildcardExpression(pattern: string): string {
  const [first, ...rest] = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\/-]/g, "\\$&"));
  const last = rest.pop();
  const between = rest.map((part, i) => `(?=(.*?${part}))\\${i + 1}`).join("");
  return `^${first}${between}${last === undefined ? "" : `.*${last}`}$`;
}
