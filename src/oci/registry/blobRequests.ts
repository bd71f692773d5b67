import type { Readable } from "node:stream";
import { matchesDigest, type Digest } from "../../image/digest";
import type { Descriptor } from "../manifest/descriptor";
import { followLocation, withoutTlsOf } from "../transport/endpoint";
import { BodyTooLargeError, type HttpResponse } from "../transport/http";
import { RetryableFailure } from "../transport/retry";
import { textHeader, type RegistryAnswer, type RegistryRequest } from "./registryRequest";
import { HEAD_REFUSED, isPageType, RepositoryRequests } from "./repositoryRequests";

/** Loaded with the first blob that is read. */
const contentEncoding = () => require("../transport/contentEncoding") as typeof import("../transport/contentEncoding");
/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/** Loaded with the first blob that is looked for, read or stored. */
const blobAnswers = () => require("./blobAnswers") as typeof import("./blobAnswers");

/** An upload under way: where its next request goes. */
export interface UploadSession {
  readonly location: URL;
}

/** Blobs of a registry's repositories: looked for, read, mounted, uploaded. */
export abstract class BlobRequests extends RepositoryRequests {
  /** Blobs that were not what they should be once decoded. */
  private readonly doubted = new Set<Digest>();

  /** Has a blob read once as it comes: its decoded content was wrong, and a store may label what is compressed itself. */
  doubtCoding(digest: Digest): void {
    this.doubted.add(digest);
  }

  /**
   * Whether a repository has a blob. 403 counts as no: some registries say so of what is missing (RTFACT-13797).
   *
   * @param size bytes of the whole: what has another length was broken off when it was stored
   */
  async hasBlob(repository: string, digest: Digest, size?: number): Promise<boolean> {
    const request = {
      doing: `looking for the blob ${digest} in ${this.registry}/${repository}`,
      method: "HEAD" as const,
      url: `${this.path(repository)}/blobs/${digest}`,
      permission: this.permission(repository, { push: true }),
      expect: [200, 403, 404, ...HEAD_REFUSED],
    };
    const answer = await this.session.send(request);
    const isOdd = answer.status === 200 && (isPageType(answer) || blobAnswers().isOfOtherLength(answer, size));
    return isOdd || HEAD_REFUSED.includes(answer.status) ? this.hasReadableBlob(request, size) : answer.status === 200;
  }

  /** For registries that know no HEAD of blobs, or answer it oddly: whether the first byte can be had. */
  private async hasReadableBlob(head: RegistryRequest, size: number | undefined): Promise<boolean> {
    const headers = { Range: "bytes=0-0" };
    try {
      const answer = await this.session.send({
        ...head,
        method: "GET",
        headers,
        expect: [...head.expect, 206, 416],
      });
      const { status } = answer;
      this.refusePage(head.doing, answer);
      const [, total] = /\/(\d+)$/.exec(textHeader(answer, "content-range") ?? "") ?? [];
      if (total !== undefined && size !== undefined && Number(total) !== size) return false;
      if (status === 200) return !blobAnswers().isOfOtherLength(answer, size);
      // A blob of no bytes has no first one.
      return status === 206 || (status === 416 && !size);
    } catch (error) {
      // All of it would come.
      if (error instanceof errors().RegistryLimitError && error.cause instanceof BodyTooLargeError) return true;
      throw error;
    }
  }

  /**
   * Opens a blob for reading from `offset`; one attempt.
   *
   * @returns the body and where in the blob it starts: a registry may not know ranges and send all of it; the length of
   * the whole, where a part of it came.
   */
  async openBlob(
    repository: string,
    blob: Descriptor,
    offset: number,
    url?: URL,
  ): Promise<{ body: Readable; start: number; total?: number }> {
    const request = {
      doing: this.readingBlob(repository, blob.digest),
      method: "GET" as const,
      url: url ?? `${this.path(repository)}/blobs/${blob.digest}`,
      permission: this.permission(repository),
      ...(offset > 0 && { headers: { Range: `bytes=${offset}-` } }),
      expect: [200, 206],
    };
    const { response } = await this.session.open(request).catch((error: unknown) => {
      if (error instanceof errors().RegistryResponseError && error.status === 404)
        throw new (errors().ImageNotFoundError)(
          `${this.registry}/${repository} (its blob ${blob.digest})`,
          undefined,
          this.location,
        );
      throw error;
    });
    if (response.statusCode !== 206) {
      const isShort =
        blobAnswers().isOfOtherLength(response, blob.size) && Number(response.headers["content-length"]) < blob.size;
      if (isShort && isPageType(response)) {
        response.on("error", () => undefined).destroy();
        throw new (errors().WebPageError)(this.session.place, request.doing, 200, "a web page");
      }
      // Once: a resumed one is decoded again.
      const isAsIs = offset === 0 && this.doubted.delete(blob.digest);
      const body = isAsIs ? response : await this.decoded(request, response, blob.size);
      // Asked for the rest, it gives all that it has, and that is too short.
      const isAll = offset > 0 && isShort;
      return { body, start: 0, ...(isAll && { total: Number(response.headers["content-length"]) }) };
    }
    const [, first, length] = /^bytes (\d+)-\d*(?:\/(\d+|\*))?/.exec(response.headers["content-range"] ?? "") ?? [];
    const total = length === undefined || length === "*" ? undefined : Number(length);
    if (offset > 0 && contentEncoding().contentCodings(response).length > 0 && total !== blob.size) {
      // A part of what is encoded, from whose middle nothing can be decoded.
      response.destroy();
      return this.openBlob(repository, blob, 0, url);
    }
    const start = Number(first ?? NaN);
    if (Number.isNaN(start) || start > offset) {
      response.destroy();
      throw new RetryableFailure(
        this.registry,
        new (errors().RegistryResponseError)(
          this.session.place,
          request.doing,
          206,
          [],
          "it is another range than was asked for",
        ),
      );
    }
    return { body: response, start, ...(total !== undefined && { total }) };
  }

  private async decoded(request: RegistryRequest, response: HttpResponse, size: number): Promise<Readable> {
    try {
      return contentEncoding().decodedBody(response, size);
    } catch (error) {
      response.on("error", () => undefined).destroy();
      throw await this.session.connectionFailure(request, error as Error);
    }
  }

  /** Reads a small blob into memory and checks its digest. */
  async blob(repository: string, blob: Descriptor, limit: number): Promise<Buffer> {
    const request = {
      doing: this.readingBlob(repository, blob.digest),
      method: "GET" as const,
      url: `${this.path(repository)}/blobs/${blob.digest}`,
      permission: this.permission(repository),
      expect: [200, 404],
      size: blob.size,
    };
    const corrupt = (reason: string) =>
      new (errors().DigestMismatchError)(`The blob ${blob.digest}`, this.session.place, reason);
    let attempts = 0;
    return this.checked(async () => {
      // Decoded it was wrong.
      const sent = { ...request, asIs: ++attempts === 2 };
      const answer = await this.session.send(sent, Math.min(limit, blob.size)).catch((error: unknown) => {
        if (
          blob.size <= limit &&
          error instanceof errors().RegistryLimitError &&
          error.cause instanceof BodyTooLargeError
        )
          throw corrupt(`it is longer than its ${blob.size} bytes`);
        throw error;
      });
      if (answer.status === 404)
        throw new (errors().ImageNotFoundError)(
          `${this.registry}/${repository} (its blob ${blob.digest})`,
          undefined,
          this.location,
        );
      if (matchesDigest(blob.digest, answer.body)) return answer.body;
      if (isPageType(answer)) this.refusePage(request.doing, answer);
      throw corrupt("it has another digest");
    });
  }

  /**
   * Asks for a blob from another repository of the registry; one attempt.
   *
   * @returns `mounted`, an upload session where the registry offers one instead, or undefined on any other answer.
   */
  async mount(repository: string, digest: Digest, from: string): Promise<"mounted" | UploadSession | undefined> {
    const query = new URLSearchParams({ mount: digest, from: this.path(from) });
    const answer = await this.session.sendOnce({
      doing: `mounting the blob ${digest} in ${this.registry}/${repository}`,
      method: "POST",
      url: `${this.path(repository)}/blobs/uploads/?${query.toString()}`,
      permission: this.permission(repository, { push: true, mountFrom: from }),
      expect: [201, 202],
    });
    if (answer.status !== 201) return this.sessionIn(answer);
    return blobAnswers().isStoredAs(answer, digest) ? "mounted" : undefined;
  }

  /**
   * Checks that a registry has made a blob of an upload.
   *
   * @throws {RetryableFailure} where it says that it has another one
   * @throws {WebPageError}
   */
  checkCommitted(answer: RegistryAnswer, digest: Digest, doing: string): void {
    this.refusePage(doing, answer);
    if (blobAnswers().isStoredAs(answer, digest)) return;
    const stored = textHeader(answer, "docker-content-digest") ?? "";
    const { place } = this.session;
    throw new RetryableFailure(
      this.registry,
      new (errors().DigestMismatchError)(`The blob ${digest}`, place, `${stored} was stored`),
    );
  }

  /**
   * Stores a blob by the one request that would start its upload; one attempt.
   *
   * @returns `stored`, an upload session where the registry opened one instead, or undefined where it does neither.
   * @throws {RepositoryMissingError}
   */
  async postBlob(repository: string, digest: Digest, bytes: Buffer): Promise<"stored" | UploadSession | undefined> {
    const answer = await this.session.sendOnce({
      doing: `uploading the blob ${digest} to ${this.registry}/${repository}`,
      method: "POST",
      url: `${this.path(repository)}/blobs/uploads/?digest=${encodeURIComponent(digest)}`,
      permission: this.permission(repository, { push: true }),
      headers: { "Content-Type": "application/octet-stream" },
      body: bytes,
      expect: [201, 202, 400, 404, 405, 411, 413, 415, 416, 501],
    });
    if (answer.status === 404) throw new (errors().RepositoryMissingError)(this.registry, repository, this.kind);
    if (answer.status === 202) return this.sessionIn(answer);
    return answer.status === 201 && textHeader(answer, "docker-content-digest") === digest ? "stored" : undefined;
  }

  /**
   * Starts an upload; one attempt.
   *
   * @throws {RepositoryMissingError}
   */
  async startUpload(repository: string): Promise<UploadSession> {
    const request = {
      doing: `starting an upload to ${this.registry}/${repository}`,
      method: "POST" as const,
      url: `${this.path(repository)}/blobs/uploads/`,
      permission: this.permission(repository, { push: true }),
      expect: [202, 400, 404, 405, 501],
    };
    const answer = await this.session.sendOnce(request);
    if (answer.status === 400 || answer.status === 405 || answer.status === 501) {
      const { codes, text } = this.session.errorsIn(answer);
      if (answer.status === 400 && !codes.includes("UNSUPPORTED"))
        throw await this.session.failure(request, answer.url, answer.status, answer.headers, answer.body);
      throw new (errors().RegistryReadOnlyError)(
        this.session.place,
        request.doing,
        text || `it knows no uploads (status ${answer.status})`,
      );
    }
    // Whatever its code, 404 to the start of an upload is about the repository.
    if (answer.status === 404) throw new (errors().RepositoryMissingError)(this.registry, repository, this.kind);
    return this.uploadSession(answer);
  }

  /**
   * Where the next request of an upload goes, by an answer of the registry.
   *
   * @param last where the one before went: what tells no other place goes on there
   * @throws {LocationRefusedError}
   */
  uploadSession(answer: RegistryAnswer, last?: UploadSession): UploadSession {
    const session = this.sessionIn(answer) ?? last;
    return session ?? { location: followLocation(this.session.endpoint, answer.url, undefined) };
  }

  /** The upload that an answer tells of: by its place, or by the name that CNCF Distribution gives it besides. */
  private sessionIn(answer: RegistryAnswer): UploadSession | undefined {
    const { endpoint } = this.session;
    const location = textHeader(answer, "location")?.trim();
    if (location) return { location: withoutTlsOf(endpoint.origin, followLocation(endpoint, answer.url, location)) };
    const name = textHeader(answer, "docker-upload-uuid")?.trim() ?? "";
    if (!/^[\w-]{1,128}$/.test(name) || !answer.url.pathname.endsWith("/uploads/")) return undefined;
    return { location: followLocation(endpoint, answer.url, name) };
  }

  readingBlob(repository: string, digest: Digest): string {
    return `reading the blob ${digest} of ${this.registry}/${repository}`;
  }
}
