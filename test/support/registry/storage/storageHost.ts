import { createHmac, randomBytes } from "node:crypto";
import { isDigest, type Digest } from "../../../../src/image/digest";
import { blobReply } from "../endpoints/blobEndpoint";
import type { RegistryContent } from "../endpoints/content";
import type { Service } from "../transport/listener";
import { bytesReply, type Reply } from "../transport/reply";
import type { RegistryRequest } from "../transport/request";

/** Object storage behind a registry: serves blobs by signed URLs, and refuses a second login beside the signature, as S3 does. */
export class StorageHost implements Service {
  readonly #key = randomBytes(32);

  constructor(private readonly content: RegistryContent) {}

  /** Path and query under which a blob can be read. */
  sign(digest: Digest): string {
    return `/storage/${digest}?X-Amz-Signature=${this.#signature(digest)}`;
  }

  name(): "storage" {
    return "storage";
  }

  admit(): [] {
    return [];
  }

  handle({ url, headers }: RegistryRequest): Promise<Reply> {
    const digest = url.pathname.slice("/storage/".length);
    const signed = url.searchParams.get("X-Amz-Signature") === this.#signature(digest);
    if (headers.authorization !== undefined)
      return Promise.resolve(xml(400, "InvalidArgument", "Only one auth mechanism allowed"));
    if (!signed || !isDigest(digest))
      return Promise.resolve(xml(403, "SignatureDoesNotMatch", "The signature is wrong"));
    return Promise.resolve(blobReply(this.content, digest, headers.range));
  }

  #signature(digest: string): string {
    return createHmac("sha256", this.#key).update(digest).digest("hex");
  }
}

function xml(status: number, code: string, message: string): Reply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return bytesReply(status, Buffer.from(body), { "content-type": "application/xml" });
}
