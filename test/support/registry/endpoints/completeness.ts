import { createHash } from "node:crypto";
import { matchesDigest, type Digest } from "../../../../src/image/digest";
import type { RegistryContent } from "./content";
import { parseManifest, type Link } from "./manifestDocument";

/** What keeps a manifest from being complete in its repository: missing or wrong children and blobs. */
export async function defects(content: RegistryContent, repository: string, tagOrDigest: string): Promise<string[]> {
  const found: string[] = [];
  const checked = new Set<Digest>();

  async function checkManifest(name: string, size?: number): Promise<void> {
    const manifest = content.manifest(repository, name);
    if (!manifest) return void found.push(`manifest ${name} is missing`);
    if (checked.has(manifest.digest)) return;
    checked.add(manifest.digest);
    if (!matchesDigest(manifest.digest, manifest.bytes)) found.push(`manifest ${name} has other bytes`);
    if (size !== undefined && size !== manifest.bytes.length) found.push(`manifest ${name} has another size`);
    const document = parseManifest(manifest.bytes, manifest.mediaType);
    for (const child of document.children) await checkManifest(child.digest, child.size);
    for (const blob of document.blobs) await checkBlob(blob);
  }

  async function checkBlob({ digest, size }: Link): Promise<void> {
    if (checked.has(digest)) return;
    checked.add(digest);
    const actual = content.blobSize(repository, digest);
    if (actual === undefined) return void found.push(`blob ${digest} is missing`);
    if (actual !== size) found.push(`blob ${digest} has ${actual} bytes, not ${size}`);
    const [algorithm, hex] = digest.split(":") as [string, string];
    const hash = createHash(algorithm);
    for await (const chunk of content.blobs.read(digest)) hash.update(chunk as Buffer);
    if (hash.digest("hex") !== hex) found.push(`blob ${digest} has other bytes`);
  }

  await checkManifest(tagOrDigest);
  return found;
}
