import { createHash, generateKeyPairSync, sign } from "node:crypto";

/** An OpenPGP key in the form that `helm package --sign` and `helm verify` read; without a passphrase. */
export interface OpenPgpKey {
  /** With the key that signs. */
  readonly secretRing: Buffer;
  readonly publicRing: Buffer;
}

/**
 * Makes an RSA key of one user, who may certify and sign.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4880}
 */
export function openPgpKey(user: string): OpenPgpKey {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const number = (text = ""): Buffer => multiprecision(Buffer.from(text, "base64url"));
  const created = uint32(Math.floor(Date.now() / 1000));
  const publicBody = Buffer.concat([Buffer.of(4), created, Buffer.of(RSA), number(jwk.n), number(jwk.e)]);
  // The inverse of the first prime is that of OpenPGP's second one.
  const secretNumbers = Buffer.concat([number(jwk.d), number(jwk.q), number(jwk.p), number(jwk.qi)]);
  const checksum = uint16(secretNumbers.reduce((sum, byte) => (sum + byte) % 65_536, 0));
  const secretBody = Buffer.concat([publicBody, Buffer.of(0), secretNumbers, checksum]);

  const hashedKey = Buffer.concat([Buffer.of(0x99), uint16(publicBody.length), publicBody]);
  const keyId = createHash("sha1").update(hashedKey).digest().subarray(-8);
  const name = Buffer.from(user);
  const hashedParts = Buffer.concat([subpacket(2, created), subpacket(27, Buffer.of(0x03))]);
  const head = Buffer.concat([Buffer.of(4, 0x13, RSA, SHA256), uint16(hashedParts.length), hashedParts]);
  const signed = Buffer.concat([
    ...[hashedKey, Buffer.of(0xb4), uint32(name.length), name],
    ...[head, Buffer.of(4, 0xff), uint32(head.length)],
  ]);
  const issuer = subpacket(16, keyId);
  const digest = createHash("sha256").update(signed).digest();
  const signature = Buffer.concat([
    ...[head, uint16(issuer.length), issuer, digest.subarray(0, 2)],
    multiprecision(sign("sha256", signed, privateKey)),
  ]);
  const identity = Buffer.concat([packet(13, name), packet(2, signature)]);
  return {
    secretRing: Buffer.concat([packet(5, secretBody), identity]),
    publicRing: Buffer.concat([packet(6, publicBody), identity]),
  };
}

const RSA = 1;
const SHA256 = 8;

const packet = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.of(0xc0 | tag, 0xff), uint32(body.length), body]);

const subpacket = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.of(body.length + 1, type), body]);

/** A number with the count of its bits before it. */
function multiprecision(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start);
  const bits = (digits.length - 1) * 8 + (32 - Math.clz32(digits[0] ?? 0));
  return Buffer.concat([uint16(bits), digits]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
