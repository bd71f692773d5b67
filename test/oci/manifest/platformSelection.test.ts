import * as fc from "fast-check";
import { digestOf } from "../../../src/image/digest";
import { parsePlatform, type Platform } from "../../../src/image/platform";
import { parseManifest, platformsOf, type ImageIndex, type StoredManifest } from "../../../src/oci/manifest/manifest";
import { MediaType } from "../../../src/oci/manifest/mediaTypes";
import { matchesPlatform, selectPlatforms } from "../../../src/oci/manifest/platformSelection";

const platform = (text: string) => parsePlatform(text) as Platform;

function index(entries: readonly object[]): StoredManifest {
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, custom: [1], mediaType: MediaType.OCI_INDEX, manifests: entries }),
  );
  return {
    digest: digestOf(bytes),
    mediaType: MediaType.OCI_INDEX,
    bytes,
    manifest: parseManifest(bytes, undefined, "a"),
  };
}
const entry = (text: string, more: object = {}) => ({
  mediaType: MediaType.OCI_MANIFEST,
  digest: digestOf(text),
  size: 5,
  platform: platform(text),
  ...more,
});
const attestation = (text: string) =>
  entry("unknown/unknown", {
    digest: digestOf(`of ${text}`),
    annotations: { "vnd.docker.reference.digest": digestOf(text) },
  });

it.each([
  ["linux/amd64", "linux/amd64", true],
  ["linux/arm", "linux/arm/v7", true],
  ["linux/arm/v6", "linux/arm/v7", false],
  ["linux/arm64", "linux/arm64/v8", true],
  ["linux/arm64/v8", "linux/arm64", true],
  ["linux/arm64", "linux/arm64/v9", true],
  ["linux/arm64/v9", "linux/arm64", false],
  ["linux/arm64/v8", "linux/arm64/v9", false],
  ["linux/arm/v7", "linux/arm", true],
  ["linux/arm/v6", "linux/arm", false],
  ["linux/amd64/v1", "linux/amd64", true],
  ["linux/amd64", "linux/amd64/v3", true],
  ["windows/amd64", "linux/amd64", false],
])("a wish for %s takes %s: %s", (wish, offer, matches) => {
  expect(matchesPlatform(platform(wish), platform(offer))).toBe(matches);
});

it("keeps attestations of what it keeps, fields that it does not know, and the order", () => {
  const all = ["linux/amd64", "linux/arm64", "linux/s390x"];
  const stored = index([...all.map((text) => entry(text, { "x-own": text })), ...all.map(attestation)]);
  const chosen = selectPlatforms(stored, [platform("linux/s390x"), platform("linux/amd64")], "a");
  expect(JSON.parse(chosen.bytes.toString())).toEqual({
    schemaVersion: 2,
    custom: [1],
    mediaType: MediaType.OCI_INDEX,
    manifests: [
      entry("linux/amd64", { "x-own": "linux/amd64" }),
      entry("linux/s390x", { "x-own": "linux/s390x" }),
      attestation("linux/amd64"),
      attestation("linux/s390x"),
    ],
  });
  expect(chosen.digest).toBe(digestOf(chosen.bytes));
});

it("gives the same index for the same wish, and itself for everything", () => {
  const names = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x"];
  fc.assert(
    fc.property(fc.subarray(names, { minLength: 1 }), (wishes) => {
      const stored = index(names.map((text) => entry(text)));
      const chosen = selectPlatforms(stored, wishes.map(platform), "a");
      expect(platformsOf(chosen.manifest as ImageIndex)).toEqual(wishes.map(platform));
      expect(selectPlatforms(stored, [...wishes].reverse().map(platform), "a").digest).toBe(chosen.digest);
      expect(selectPlatforms(chosen, wishes.map(platform), "a")).toBe(chosen);
      expect(chosen === stored).toBe(wishes.length === names.length);
    }),
  );
});

it("keeps an entry by its platform, also where its image is listed for others", () => {
  const same = { digest: digestOf("same") };
  const stored = index([entry("linux/arm/v6", same), entry("linux/arm/v7", same), entry("linux/amd64")]);
  const chosen = selectPlatforms(stored, [platform("linux/arm/v7")], "a");
  expect(platformsOf(chosen.manifest as ImageIndex)).toEqual([platform("linux/arm/v7")]);
});

it("keeps every version of Windows, or the one that is asked for", () => {
  const windows = (version: string) =>
    entry("windows/amd64", {
      digest: digestOf(version),
      platform: { os: "windows", architecture: "amd64", "os.version": version },
    });
  const stored = index([windows("10.0.17763.1"), windows("10.0.20348.2"), entry("linux/amd64")]);
  const versions = (wish: Platform) =>
    platformsOf(selectPlatforms(stored, [wish], "a").manifest as ImageIndex).map((one) => one["os.version"]);
  expect(versions(platform("windows/amd64"))).toEqual(["10.0.17763.1", "10.0.20348.2"]);
  expect(versions({ ...platform("windows/amd64"), "os.version": "10.0.20348.2" })).toEqual(["10.0.20348.2"]);
});

it("leaves an index of artifacts alone, which is for no platform", () => {
  const { platform: _, ...artifact } = entry("linux/amd64", { artifactType: "application/vnd.example" });
  const stored = index([artifact, attestation("linux/amd64")]);
  expect(selectPlatforms(stored, [platform("linux/arm64")], "a")).toBe(stored);
});

it("fails with every wish that matches nothing", () => {
  const stored = index([entry("linux/amd64")]);
  expect(() => selectPlatforms(stored, [platform("linux/arm"), platform("windows/amd64")], "r.io/a:1")).toThrow(
    /r\.io\/a:1 has no linux\/arm and no windows\/amd64\. It has linux\/amd64/,
  );
});
