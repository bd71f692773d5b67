import { isDigest, type Digest } from "../../../../src/image/digest";
import type { Behaviour } from "../behaviour";
import type { ByteRange } from "../storage/blobStore";
import type { RegistryContent } from "./content";
import { RegistryError } from "./registryError";
import { emptyReply, type Reply } from "../transport/reply";
import type { RegistryRequest } from "../transport/request";

/** Where a blob can be read instead of at the registry. */
export type StorageUrl = (digest: Digest) => string;

/** GET, HEAD and DELETE of `/v2/NAME/blobs/DIGEST`. */
export class BlobEndpoint {
  constructor(
    private readonly content: RegistryContent,
    private readonly behaviour: Behaviour,
    private readonly storageUrl?: StorageUrl,
  ) {}

  handle(request: RegistryRequest, repository: string, name: string): Reply {
    if (!isDigest(name)) throw new RegistryError("DIGEST_INVALID", `${name} is not a digest`);
    if (this.content.blobSize(repository, name) === undefined)
      throw new RegistryError("BLOB_UNKNOWN", `blob ${name} is not in ${repository}`);
    switch (request.method) {
      case "GET":
        if (this.storageUrl) return emptyReply(307, { location: this.storageUrl(name) });
        return blobReply(this.content, name, request.headers.range);
      case "HEAD":
        return blobReply(this.content, name);
      case "DELETE":
        if (!this.behaviour.deletes) break;
        this.content.unlink(repository, name);
        return emptyReply(202);
    }
    throw new RegistryError("UNSUPPORTED", `${request.method} of a blob is not supported`);
  }
}

/** The bytes of a stored blob, or the range of them that was asked for. */
export function blobReply(content: RegistryContent, digest: Digest, rangeHeader?: string): Reply {
  const size = content.blobs.size(digest) ?? 0;
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
  };
  const range = rangeHeader === undefined ? undefined : parseRange(rangeHeader, size);
  if (range === "unsatisfiable")
    throw new RegistryError("RANGE_INVALID", `${rangeHeader} is outside of ${size} bytes`, {
      headers: { "content-range": `bytes */${size}` },
    });
  if (!range) return { status: 200, headers, content: { length: size, open: () => content.blobs.read(digest) } };
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${range.start}-${range.end}/${size}` },
    content: { length: range.end - range.start + 1, open: () => content.blobs.read(digest, range) },
  };
}

/** One range of {@link https://www.rfc-editor.org/rfc/rfc9110#name-range}; undefined for a header to ignore. */
export function parseRange(header: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === "") {
    const count = Math.min(Number(last), size);
    return count === 0 ? "unsatisfiable" : { start: size - count, end: size - 1 };
  }
  const range = { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
  if (range.start >= size) return "unsatisfiable";
  return range.start > range.end ? undefined : range;
}
