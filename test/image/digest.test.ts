import * as fc from "fast-check";
import { digestOf, isDigest, matchesDigest } from "../../src/image/digest";

const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

it.each([
  [`sha256:${EMPTY}`, true],
  [`sha384:${"a".repeat(96)}`, true],
  [`sha512:${"a".repeat(128)}`, true],
  [`sha256:${EMPTY.slice(1)}`, false],
  [`sha256:${EMPTY}0`, false],
  [`sha256:${EMPTY.toUpperCase()}`, false],
  [`sha512:${EMPTY}`, false],
  [`md5:${"a".repeat(32)}`, false],
  [`sha256:${EMPTY}:`, false],
  [`sha256:${"g".repeat(64)}`, false],
  [`sha256:${EMPTY}\n`, false],
  [`toString:${EMPTY}`, false],
  ["", false],
])("%j is a digest: %s", (text, is) => expect(isDigest(text)).toBe(is));

it("knows the digest of nothing", () => expect(digestOf("")).toBe(`sha256:${EMPTY}`));

it("recognises content by its digest, and nothing else", () => {
  const algorithm = fc.constantFrom("sha256", "sha384", "sha512");
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), algorithm, (bytes, other, algorithm) => {
      const digest = digestOf(bytes, algorithm);
      expect(isDigest(digest)).toBe(true);
      expect(matchesDigest(digest, bytes)).toBe(true);
      expect(matchesDigest(digest, other)).toBe(Buffer.from(bytes).equals(Buffer.from(other)));
    }),
  );
});
