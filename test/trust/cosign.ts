import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { digestOf } from "../../src/image/digest";
import type { SyntheticImage } from "../support/images";
import type { TestRegistry } from "../support/registry";

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function keyPair(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

export const pem = ({ publicKey }: KeyPair): string => publicKey.export({ type: "spki", format: "pem" }).toString();

/** What cosign signs of an image ({@link https://github.com/containers/image/blob/main/docs/containers-signature.5.md}). */
export const payloadOf = (digest: string, type = "cosign container image signature"): string =>
  JSON.stringify({
    critical: { identity: { "docker-reference": "" }, image: { "docker-manifest-digest": digest }, type },
    optional: null,
  });

export const signed = (payload: string, { privateKey }: KeyPair): string =>
  sign("sha256", Buffer.from(payload), privateKey).toString("base64");

/** Puts a payload with these annotations where cosign keeps the signature of an image. */
export async function attach(
  registry: TestRegistry,
  repository: string,
  image: SyntheticImage,
  payload: string,
  annotations: Record<string, string>,
): Promise<void> {
  const bytes = Buffer.from(payload);
  const config = Buffer.from("{}");
  for (const blob of [bytes, config]) await registry.putBlob(repository, digestOf(blob), blob);
  const type = "application/vnd.oci.image.manifest.v1+json";
  const manifest = {
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
    layers: [
      {
        mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
        digest: digestOf(bytes),
        size: bytes.length,
        annotations,
      },
    ],
  };
  registry.putManifest(
    repository,
    type,
    Buffer.from(JSON.stringify(manifest)),
    `${image.digest.replace(":", "-")}.sig`,
  );
}
