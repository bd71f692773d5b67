import type { Writable } from "node:stream";
import { digestOf, isDigest, matchesDigest, type Digest } from "../../image/digest";
import { fileAccessError } from "../../files/fileError";
import { parseManifest, type StoredManifest } from "../manifest/manifest";
import type { RegistryAnswer, RegistryRequest } from "../registry/registryRequest";
import type { SessionOptions } from "../registry/session";
import type { HttpExchange, HttpResponse } from "../transport/http";
import type { MemberSlot } from "./archiveWriter";
import type { LayoutArchive } from "./layoutArchive";
import { listAnswer } from "./layoutSession";
import { LocalSession, type LocalAnswer, type LocalRequest } from "./localSession";

/** The writing end of copies into an archive: it answers as a registry does that has all repositories in one store. */
export class ArchiveSession extends LocalSession {
  private readonly uploads = new Map<string, MemberSlot>();
  private count = 0;

  constructor(
    options: SessionOptions,
    location: string,
    private readonly archive: LayoutArchive,
  ) {
    super(options, location);
  }

  protected override async answerTo(request: LocalRequest): Promise<LocalAnswer> {
    switch (request.kind) {
      case "manifests":
        return request.method === "PUT" ? this.putManifest(request) : this.manifest(request);
      case "blobs":
        return request.method === "HEAD" && isDigest(request.name) && this.archive.hasBlob(request.name)
          ? OK
          : NOT_FOUND;
      case "referrers":
        return isDigest(request.name) ? listAnswer(this.archive.referrersOf(request.name)) : NOT_FOUND;
      case "uploads":
        return request.method === "POST" ? this.startUpload(request) : this.commit(request);
      case "tags":
        return NOT_FOUND;
    }
  }

  /** A blob that comes in pieces: its bytes go to their place as they come. */
  override openUpload(
    request: RegistryRequest,
  ): Promise<{ exchange: HttpExchange; settle: () => Promise<RegistryAnswer> }> {
    const { name, url, query } = this.request(request);
    const { slot, sink } = this.archive.upload(Number(request.headers?.["Content-Length"]));
    const written = new Promise<void>((resolve, reject) => {
      sink.on("finish", resolve);
      sink.on("error", (error) => reject(fileAccessError(error) ?? error));
    });
    const settle = async (): Promise<RegistryAnswer> => {
      await written;
      const digest = query.get("digest");
      if (digest !== null) await this.archive.commit(slot, digest as Digest);
      else this.uploads.set(name, slot);
      return { status: digest === null ? 202 : 201, headers: {}, body: Buffer.alloc(0), url };
    };
    // Whoever streams looks at it later; until then a failure is nobody's unhandled rejection.
    written.catch(() => undefined);
    const response = written.then(() => ({})) as unknown as Promise<HttpResponse>;
    response.catch(() => undefined);
    return Promise.resolve({ exchange: { sink: likeRequest(sink), response, serverAddress: () => undefined }, settle });
  }

  private manifest({ repository, name }: LocalRequest): LocalAnswer {
    const stored = isDigest(name) ? this.archive.manifest(name) : this.archive.named(`${repository}:${name}`);
    if (!stored) return NOT_FOUND;
    const headers = { "content-type": stored.mediaType, "docker-content-digest": stored.digest };
    return { status: 200, headers: { ...headers, "content-length": String(stored.bytes.length) }, body: stored.bytes };
  }

  private async putManifest({ repository, name, headers, body = Buffer.alloc(0) }: LocalRequest): Promise<LocalAnswer> {
    const manifest = parseManifest(body, String(headers["Content-Type"]), `${repository}:${name}`);
    const digest = isDigest(name) ? name : undefined;
    if (digest && !matchesDigest(digest, body)) return refusal(400, "DIGEST_INVALID", "these are other bytes");
    const stored: StoredManifest = {
      digest: digest ?? digestOf(body),
      mediaType: manifest.mediaType,
      bytes: body,
      manifest,
    };
    const missing = this.archive.missingOf(stored);
    if (missing) return refusal(404, "MANIFEST_BLOB_UNKNOWN", `${missing.digest} is not there`);
    await this.archive.putManifest(stored);
    if (!digest) this.archive.name(`${repository}:${name}`, stored.digest);
    const subject = manifest.subject && { "oci-subject": manifest.subject.digest };
    return { status: 201, headers: { "docker-content-digest": stored.digest, ...subject } };
  }

  private async startUpload({ repository, query, body }: LocalRequest): Promise<LocalAnswer> {
    const mount = query.get("mount");
    if (mount !== null && isDigest(mount) && this.archive.hasBlob(mount)) return { status: 201 };
    const digest = query.get("digest");
    if (digest === null || !isDigest(digest) || body === undefined)
      return { status: 202, headers: { location: `/v2/${repository}/blobs/uploads/${++this.count}` } };
    if (!matchesDigest(digest, body)) return refusal(400, "DIGEST_INVALID", "these are other bytes");
    await this.archive.addBlob(digest, body);
    return { status: 201, headers: { "docker-content-digest": digest } };
  }

  private async commit({ name, query }: LocalRequest): Promise<LocalAnswer> {
    const slot = this.uploads.get(name);
    const digest = query.get("digest");
    if (!slot || digest === null || !isDigest(digest)) return refusal(404, "BLOB_UPLOAD_UNKNOWN", "nothing was begun");
    this.uploads.delete(name);
    await this.archive.commit(slot, digest);
    return { status: 201 };
  }
}

/** A stream that can be told a timeout, as requests can; a disk keeps no silence. */
function likeRequest(sink: Writable): HttpExchange["sink"] {
  return Object.assign(sink, { setTimeout: () => sink }) as unknown as HttpExchange["sink"];
}

function refusal(status: number, code: string, message: string): LocalAnswer {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  return { status, headers: { "content-type": "application/json" }, body };
}

const OK: LocalAnswer = { status: 200 };
const NOT_FOUND: LocalAnswer = { status: 404 };
