import { createHash, X509Certificate } from "node:crypto";
import { bundleFromJSON, type Bundle } from "@sigstore/bundle";
import type { Digest } from "../image/digest";
import type { ImageReference } from "../image/reference";
import { parseJson } from "../json";
import { ImageNotFoundError, TagNotFoundError } from "../oci/errors/errors";
import { listReferrers } from "../oci/registry/listings";
import type { Registries } from "../oci/registries";

/** Where cosign keeps its signatures ({@link https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md}). */
const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
const ANNOTATION = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  bundle: "dev.sigstore.cosign/bundle",
} as const;
/** Signatures as referrers, since cosign 3 ({@link https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md}). */
const BUNDLE_TYPE = /^application\/vnd\.dev\.sigstore\.bundle\.v0\.\d+\+json$/;

/** A signature as a registry keeps it, before anything of it is believed. */
export interface FoundSignature {
  readonly bundle: Bundle;
  /** What was signed, where it stands beside the signature and not inside of the bundle. */
  readonly payload?: Buffer;
}

/** What stands where signatures stand, and cannot be read as one. */
export interface UnreadableSignature {
  /** Why, with the manifest or layer that it is. */
  readonly unreadable: string;
}

/** What of `Registries` finds signatures. */
export type SignatureRegistries = Pick<Registries, "pullArtifact" | "client">;

/**
 * Every signature that a registry has of an image: those under cosign's tag and those that refer to it. What stands there
 * and is no signature says why: whoever is told that nobody has signed looks in the wrong place.
 *
 * @param image its repository
 * @throws when the registry cannot be asked
 */
export async function findSignatures(
  registries: SignatureRegistries,
  image: Pick<ImageReference, "registry" | "repository">,
  digest: Digest,
): Promise<(FoundSignature | UnreadableSignature)[]> {
  const [tagged, referring] = await Promise.all([
    taggedSignatures(registries, image, digest),
    referringSignatures(registries, image, digest),
  ]);
  return [...tagged, ...referring];
}

async function taggedSignatures(
  registries: SignatureRegistries,
  { registry, repository }: Pick<ImageReference, "registry" | "repository">,
  digest: Digest,
): Promise<(FoundSignature | UnreadableSignature)[]> {
  const tag = `${digest.replace(":", "-")}.sig`;
  try {
    const { layers } = await registries.pullArtifact({ registry, repository, tag, hasHost: true, path: repository });
    return layers.map(({ descriptor, bytes }) =>
      readable(`layer ${descriptor.digest} of the tag ${tag}`, () => {
        if (descriptor.mediaType !== SIMPLE_SIGNING)
          throw new Error(`its type is ${descriptor.mediaType}, not ${SIMPLE_SIGNING}`);
        return { bundle: simpleBundle(bytes, descriptor.annotations ?? {}), payload: bytes };
      }),
    );
  } catch (error) {
    if (error instanceof TagNotFoundError || error instanceof ImageNotFoundError) return [];
    throw error;
  }
}

function readable(what: string, read: () => FoundSignature): FoundSignature | UnreadableSignature {
  try {
    return read();
  } catch (error) {
    return { unreadable: `${what} cannot be read as a signature: ${(error as Error).message}` };
  }
}

/** A signature of cosign's own form as a bundle. @throws what keeps it from being one */
function simpleBundle(payload: Buffer, annotations: Readonly<Record<string, string>>): Bundle {
  const {
    [ANNOTATION.signature]: signature,
    [ANNOTATION.certificate]: certificate,
    [ANNOTATION.bundle]: log,
  } = annotations;
  if (!signature) throw new Error(`it has no annotation ${ANNOTATION.signature}`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) throw new Error(`its annotation ${ANNOTATION.signature} is no base64`);
  return bundleFromJSON({
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
    verificationMaterial: {
      ...(certificate
        ? {
            x509CertificateChain: {
              certificates: [{ rawBytes: new X509Certificate(certificate).raw.toString("base64") }],
            },
          }
        : { publicKey: { hint: "" } }),
      tlogEntries: log ? [logEntry(log)] : [],
    },
    messageSignature: {
      messageDigest: {
        algorithm: "SHA2_256",
        digest: createHash("sha256").update(payload).digest("base64"),
      },
      signature,
    },
  });
}

/** An entry of the transparency log as cosign writes it beside a signature. */
function logEntry(text: string): object {
  const { SignedEntryTimestamp, Payload } = parseJson(text) as {
    SignedEntryTimestamp: string;
    Payload: { body: string; integratedTime: number; logIndex: number; logID: string };
  };
  const body = parseJson(Buffer.from(Payload.body, "base64").toString("utf8")) as { kind: string; apiVersion: string };
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, "hex").toString("base64") },
    kindVersion: { kind: body.kind, version: body.apiVersion },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    canonicalizedBody: Payload.body,
  };
}

async function referringSignatures(
  registries: SignatureRegistries,
  { registry, repository }: Pick<ImageReference, "registry" | "repository">,
  digest: Digest,
): Promise<(FoundSignature | UnreadableSignature)[]> {
  const referrers = await listReferrers(registries.client(registry), repository, digest);
  const found = await Promise.all(
    referrers
      .filter(({ artifactType }) => artifactType !== undefined && BUNDLE_TYPE.test(artifactType))
      .map(async (referrer) => {
        const reference = { registry, repository, digest: referrer.digest, hasHost: true, path: repository };
        const { layers } = await registries.pullArtifact(reference);
        return layers.map(({ bytes }) =>
          readable(`the bundle ${referrer.digest}`, () => ({
            bundle: bundleFromJSON(parseJson(bytes.toString("utf8"))),
          })),
        );
      }),
  );
  return found.flat();
}
