import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { initializeCA, initializeTLog } from "@sigstore/mock";

/** What shall be signed, by whom. */
export interface KeylessRequest {
  readonly payload: string;
  readonly subject: string;
  readonly issuer: string;
}

/** A trusted root, and for each request the annotations of its signature. */
export interface Authority {
  readonly trustedRoot: string;
  readonly annotations: readonly Readonly<Record<string, string>>[];
}

/** The part of an entry that cosign keeps; the types of sigstore's own package for it are no dependency of ours. */
interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly logID: string;
  readonly verification: { readonly signedEntryTimestamp: string };
}

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });

/** As sigstore's library makes them for its own tests. */
async function authorityOf() {
  const [caKeys, tlogKeys] = [generateKeyPairSync("ec", { namedCurve: "secp384r1" }), keyPair()];
  const ca = await initializeCA(caKeys);
  const tlog = await initializeTLog("https://rekor.test", tlogKeys);
  const logOf = (publicKey: Buffer) => ({
    baseUrl: "https://log.test",
    hashAlgorithm: "SHA2_256",
    logId: { keyId: createHash("sha256").update(publicKey).digest("base64") },
    publicKey: {
      rawBytes: publicKey.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start: "2020-01-01T00:00:00Z" },
    },
  });
  const trustedRoot = JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logOf(tlog.publicKey)],
    ctlogs: [],
    timestampAuthorities: [],
    certificateAuthorities: [
      {
        subject: { organization: "test", commonName: "test" },
        uri: "https://ca.test",
        certChain: { certificates: [{ rawBytes: ca.rootCertificate.toString("base64") }] },
        validFor: { start: "2020-01-01T00:00:00Z" },
      },
    ],
  });

  /** Signs as `cosign sign` without a key does: a new key, a certificate of it, an entry in the log. */
  async function annotations(payload: string, subject: string, issuer: string): Promise<Record<string, string>> {
    const keys = keyPair();
    const certificate = await ca.issueCertificate({
      publicKey: keys.publicKey.export({ type: "spki", format: "der" }),
      subjectAltName: subject,
      extensions: [{ oid: "1.3.6.1.4.1.57264.1.8", value: issuer }],
    });
    const text = `-----BEGIN CERTIFICATE-----\n${lines(certificate.toString("base64"))}\n-----END CERTIFICATE-----\n`;
    const signature = sign("sha256", Buffer.from(payload), keys.privateKey).toString("base64");
    const entries: unknown = await tlog.log({
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: createHash("sha256").update(payload).digest("hex") } },
        signature: { content: signature, publicKey: { content: Buffer.from(text).toString("base64") } },
      },
    });
    const [entry] = Object.values(entries as Record<string, LogEntry>);
    if (!entry) throw new Error("the log has made no entry");
    const { body, integratedTime, logIndex, logID, verification } = entry;
    return {
      "dev.cosignproject.cosign/signature": signature,
      "dev.sigstore.cosign/certificate": text,
      "dev.sigstore.cosign/bundle": JSON.stringify({
        SignedEntryTimestamp: verification.signedEntryTimestamp,
        Payload: { body, integratedTime, logIndex, logID },
      }),
    };
  }
  return { trustedRoot, annotations };
}

/** As PEM has it; a line that is empty, where the length fits, is none of it. */
const lines = (base64: string): string => (base64.match(/.{1,64}/g) ?? []).join("\n");

/** A certificate authority and a log of our own, which sign as `cosign sign` without a key does. */
export async function startAuthority(requests: readonly KeylessRequest[]): Promise<Authority> {
  const { trustedRoot, annotations } = await authorityOf();
  const signatures = [];
  for (const { payload, subject, issuer } of requests) signatures.push(await annotations(payload, subject, issuer));
  return { trustedRoot, annotations: signatures };
}
