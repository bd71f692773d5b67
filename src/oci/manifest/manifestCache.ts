import type { Digest } from "../../image/digest";
import type { StoredManifest } from "./manifest";

/** Manifests by digest, so that none is read twice: Docker Hub counts every reading. The oldest go first. */
export class ManifestCache {
  private readonly entries = new Map<Digest, StoredManifest>();
  private bytes = 0;

  constructor(private readonly maxBytes = 32 * 1024 * 1024) {}

  get(digest: Digest): StoredManifest | undefined {
    return this.entries.get(digest);
  }

  add(manifest: StoredManifest): void {
    if (this.entries.has(manifest.digest)) return;
    this.entries.set(manifest.digest, manifest);
    this.bytes += manifest.bytes.length;
    for (const [digest, { bytes }] of this.entries) {
      if (this.bytes <= this.maxBytes) break;
      this.entries.delete(digest);
      this.bytes -= bytes.length;
    }
  }
}
