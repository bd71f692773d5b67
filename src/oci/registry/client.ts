import type { Readable } from "node:stream";
import type { Digest } from "../../image/digest";
import { digestOf, isDigest, isUsualDigest, matchesDigest } from "../../image/digest";
import { formatReference, manifestName, type ImageReference } from "../../image/reference";
import { ownValue } from "../../ownKeys";
import type { Descriptor } from "../manifest/descriptor";
import { followLocation } from "../transport/endpoint";
import {
  AccessDeniedError,
  DigestAlgorithmError,
  DigestMismatchError,
  ImageNotFoundError,
  RegistryLimitError,
  RegistryReadOnlyError,
  RegistryResponseError,
  RepositoryMissingError,
  TagNotFoundError,
} from "../errors/errors";
import { parseManifest, MAX_MANIFEST_BYTES, type StoredManifest } from "../manifest/manifest";
import { ACCEPTED_MANIFESTS } from "../manifest/mediaTypes";
import { RetryableFailure } from "../transport/retry";
import type { RegistryAnswer, RegistryRequest, RegistrySession } from "./session";
import { contentCodings, decodedBody } from "../transport/contentEncoding";
import { BodyTooLargeError, type HttpResponse } from "../transport/http";

/** An upload under way: where its next request goes. */
export interface UploadSession {
  readonly location: URL;
}

/** How a registry keeps a manifest that it took. */
export interface StoredAs {
  /** What it can be pulled by: the manifest's own digest, or that of another algorithm where the registry has no other. */
  readonly digest: Digest;
  /** The registry has the referrers API, and lists what refers to the manifest's subject. */
  readonly listsSubject: boolean;
}

/** Loaded when a registry refuses a manifest, which few runs meet. */
const loadRefusedManifest = () => require("./refusedManifest") as typeof import("./refusedManifest");

/**
 * One registry's distribution API
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md}).
 *
 * Repositories are as references name them; a prefix of the endpoint is added here.
 */
export class RegistryClient {
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(readonly session: RegistrySession) {}

  get registry(): string {
    return this.session.registry;
  }

  /**
   * Asks whether a manifest is there; costs no quota at Docker Hub.
   *
   * @returns undefined when there is none. The size is 0 where the registry does not tell.
   */
  async headManifest(repository: string, name: string): Promise<Descriptor | undefined> {
    const request = {
      doing: `looking for ${this.image(repository, name)}`,
      method: "HEAD" as const,
      url: `${this.path(repository)}/manifests/${name}`,
      permission: this.permission(repository),
      headers: { Accept: ACCEPTED_MANIFESTS },
      expect: [200, 404],
    };
    const answer = await this.session.send(request).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
      return undefined;
    });
    if (answer === undefined) {
      // It may be HEAD alone that is refused; if not, an answer to GET has words that say why.
      const stored = await this.manifestIfAny(repository, name).catch((error: unknown) => {
        // What keeps nothing under digests of another algorithm may say that such a digest is invalid.
        if (isDigest(name) && !isUsualDigest(name) && error instanceof RegistryResponseError) return undefined;
        throw error;
      });
      return stored && descriptorOf(stored);
    }
    if (answer.status === 404) return undefined;
    const digest = textHeader(answer, "docker-content-digest") ?? (isDigest(name) ? name : undefined);
    // The header is optional; without it the digest follows from the bytes.
    if (digest === undefined || !isDigest(digest)) return descriptorOf(await this.manifest(repository, name));
    return {
      digest,
      mediaType: textHeader(answer, "content-type")?.split(";")[0]?.trim() ?? "",
      // Of an encoded answer it would be another length.
      size: textHeader(answer, "content-encoding") === undefined ? Number(answer.headers["content-length"] ?? 0) : 0,
    };
  }

  /**
   * Reads a manifest and checks its digest.
   *
   * @param image what errors call it.
   * @throws {ImageNotFoundError} {@link TagNotFoundError}
   */
  async manifest(repository: string, name: string, image = this.image(repository, name)): Promise<StoredManifest> {
    const doing = `reading the manifest of ${image}`;
    return this.checked(async () => {
      const answer = await this.session.send(
        {
          doing,
          method: "GET",
          url: `${this.path(repository)}/manifests/${name}`,
          permission: this.permission(repository),
          headers: { Accept: ACCEPTED_MANIFESTS },
          expect: [200, 404],
        },
        MAX_MANIFEST_BYTES,
      );
      if (answer.status === 404) throw this.notFound(image, name, answer);
      const expected = isDigest(name) ? name : declaredDigest(answer, image);
      const corrupt = (reason: string) => new DigestMismatchError(`The manifest of ${image}`, this.registry, reason);
      if (expected !== undefined && isDigest(expected) && !matchesDigest(expected, answer.body))
        throw corrupt(`its digest is ${digestOf(answer.body)} instead of ${expected}`);
      const digest = expected !== undefined && isDigest(expected) ? expected : digestOf(answer.body);
      const manifest = parseManifest(answer.body, textHeader(answer, "content-type"), image);
      return { digest, mediaType: manifest.mediaType, bytes: answer.body, manifest };
    });
  }

  /**
   * Stores a manifest under a tag or its digest.
   *
   * A tag that may not be moved counts as success when it already has the digest.
   *
   * @throws {BlobsMissingError} when the registry misses blobs or manifests that this one names.
   * @throws {DigestAlgorithmError} when it does not keep the manifest under the digest that it was to have
   */
  async putManifest(repository: string, name: string, stored: StoredManifest): Promise<StoredAs> {
    const image = this.image(repository, name);
    const request = {
      doing: `writing the manifest of ${image}`,
      method: "PUT" as const,
      url: `${this.path(repository)}/manifests/${name}`,
      permission: this.permission(repository, { push: true }),
      headers: { "Content-Type": stored.mediaType },
      body: stored.bytes,
      expect: [200, 201, 202, 204, 400, 404, 405, 409, 412, 415, 422],
    };
    let written: Digest = stored.digest;
    const answer = await this.checked(async (isLast) => {
      const answer = await this.session.send(request);
      if (answer.status >= 300) {
        // The bytes are what their digest says, so they may have changed on their way.
        if (!isLast && this.session.errorsIn(answer).codes.some((code) => /^(?:DIGEST|MANIFEST)_INVALID$/.test(code)))
          throw new DigestMismatchError(`The manifest of ${image}`, this.registry, "it was refused as invalid");
        return answer;
      }
      // Under a tag a registry takes what it gets, and a proxy may answer for it: only the digest tells what is there.
      const told = textHeader(answer, "docker-content-digest") ?? (await this.headManifest(repository, name))?.digest;
      // Of a manifest that is known by another algorithm, a registry tells the digest by its own.
      const isWritten = told !== undefined && isDigest(told) && matchesDigest(told, stored.bytes);
      // Some name an image of the index here, too, so that the bytes have the last word.
      if (!isWritten && !(await this.manifestIfAny(repository, name))?.bytes.equals(stored.bytes))
        throw new DigestMismatchError(`The manifest of ${image}`, this.registry, `${told ?? "nothing"} was stored`);
      if (isWritten) written = told;
      return answer;
    });
    if (answer.status < 300) {
      const isKept = written === stored.digest || (await this.headManifest(repository, stored.digest)) !== undefined;
      if (!isKept && isDigest(name))
        throw new DigestAlgorithmError(this.registry, `the manifest of ${image}`, `it knows it as ${written}`);
      const listsSubject = textHeader(answer, "oci-subject") === stored.manifest.subject?.digest;
      return { digest: isKept ? stored.digest : written, listsSubject };
    }
    const refusal = await loadRefusedManifest().refusedManifest(this, { repository, name, stored }, request, answer);
    if (refusal) throw refusal;
    return { digest: stored.digest, listsSubject: false };
  }

  /** Whether a repository has a blob. 403 counts as no: some registries say so of what is missing (RTFACT-13797). */
  async hasBlob(repository: string, digest: Digest): Promise<boolean> {
    const request = {
      doing: `looking for the blob ${digest} in ${this.registry}/${repository}`,
      method: "HEAD" as const,
      url: `${this.path(repository)}/blobs/${digest}`,
      permission: this.permission(repository, { push: true }),
      expect: [200, 403, 404, ...HEAD_REFUSED],
    };
    const { status } = await this.session.send(request);
    return HEAD_REFUSED.includes(status) ? this.hasReadableBlob(request) : status === 200;
  }

  /** For registries that know no HEAD of blobs: whether the first byte can be had. */
  private async hasReadableBlob(head: RegistryRequest): Promise<boolean> {
    const headers = { Range: "bytes=0-0" };
    try {
      const { status } = await this.session.send({
        ...head,
        method: "GET",
        headers,
        expect: [...head.expect, 206, 416],
      });
      // A blob of no bytes has no first one.
      return status === 200 || status === 206 || status === 416;
    } catch (error) {
      // All of it would come.
      if (error instanceof RegistryLimitError && error.cause instanceof BodyTooLargeError) return true;
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
      if (error instanceof RegistryResponseError && error.status === 404)
        throw new ImageNotFoundError(`${this.registry}/${repository} (its blob ${blob.digest})`);
      throw error;
    });
    if (response.statusCode !== 206) return { body: await this.decoded(request, response, blob.size), start: 0 };
    const [, first, length] = /^bytes (\d+)-\d*(?:\/(\d+|\*))?/.exec(response.headers["content-range"] ?? "") ?? [];
    const total = length === undefined || length === "*" ? undefined : Number(length);
    if (contentCodings(response).length > 0 && total !== blob.size) {
      // A part of what is encoded, from whose middle nothing can be decoded.
      response.destroy();
      return this.openBlob(repository, blob, 0, url);
    }
    const start = Number(first ?? NaN);
    if (Number.isNaN(start) || start > offset) {
      response.destroy();
      throw new RetryableFailure(
        this.registry,
        new RegistryResponseError(this.registry, request.doing, 206, [], "it is another range than was asked for"),
      );
    }
    return { body: response, start, ...(total !== undefined && { total }) };
  }

  private async decoded(request: RegistryRequest, response: HttpResponse, size: number): Promise<Readable> {
    try {
      return decodedBody(response, size);
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
    const corrupt = (reason: string) => new DigestMismatchError(`The blob ${blob.digest}`, this.registry, reason);
    return this.checked(async () => {
      const answer = await this.session.send(request, Math.min(limit, blob.size)).catch((error: unknown) => {
        if (blob.size <= limit && error instanceof RegistryLimitError && error.cause instanceof BodyTooLargeError)
          throw corrupt(`it is longer than its ${blob.size} bytes`);
        throw error;
      });
      if (answer.status === 404)
        throw new ImageNotFoundError(`${this.registry}/${repository} (its blob ${blob.digest})`);
      if (!matchesDigest(blob.digest, answer.body)) throw corrupt("it has another digest");
      return answer.body;
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
    return answer.status === 201 ? "mounted" : this.sessionIn(answer);
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
    if (answer.status === 404) throw new RepositoryMissingError(this.registry, repository);
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
      expect: [202, 404, 405],
    };
    const answer = await this.session.sendOnce(request);
    if (answer.status === 405) {
      const { text } = this.session.errorsIn(answer);
      throw new RegistryReadOnlyError(this.registry, request.doing, text || "it knows no uploads (status 405)");
    }
    // Whatever its code, 404 to the start of an upload is about the repository.
    if (answer.status === 404) throw new RepositoryMissingError(this.registry, repository);
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
    if (location) return { location: followLocation(endpoint, answer.url, location) };
    const name = textHeader(answer, "docker-upload-uuid")?.trim() ?? "";
    if (!/^[\w-]{1,128}$/.test(name) || !answer.url.pathname.endsWith("/uploads/")) return undefined;
    return { location: followLocation(endpoint, answer.url, name) };
  }

  /** Like {@link manifest}, but undefined when there is none. */
  async manifestIfAny(repository: string, name: string): Promise<StoredManifest | undefined> {
    try {
      return await this.manifest(repository, name);
    } catch (error) {
      if (error instanceof ImageNotFoundError || error instanceof TagNotFoundError) return undefined;
      throw error;
    }
  }

  /** Does work on one thing of the registry after all other work on it that was begun before. */
  async oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.turns.get(key) === turn) this.turns.delete(key);
    }
  }

  /** The reference of a manifest here, for messages. */
  image(repository: string, name: string): string {
    return `${this.registry}/${repository}${isDigest(name) ? "@" : ":"}${name}`;
  }

  permission(repository: string, more: { push?: boolean; mountFrom?: string } = {}) {
    return {
      repository: this.path(repository),
      ...more,
      ...(more.mountFrom !== undefined && { mountFrom: this.path(more.mountFrom) }),
    };
  }

  readingBlob(repository: string, digest: Digest): string {
    return `reading the blob ${digest} of ${this.registry}/${repository}`;
  }

  /** A repository as the registry knows it: with the prefix of the endpoint. */
  path(repository: string): string {
    const prefix = this.session.endpoint.repositoryPrefix;
    return prefix ? `${prefix}/${repository}` : repository;
  }

  private notFound(image: string, name: string, answer: RegistryAnswer): Error {
    const repositoryUnknown = this.session.errorsIn(answer).codes.includes("NAME_UNKNOWN");
    return isDigest(name) || repositoryUnknown ? new ImageNotFoundError(image) : new TagNotFoundError(image, name);
  }

  /** Transfers again what came corrupt: a proxy or a connection may have done it. */
  private async checked<T>(transfer: (isLast: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transfer(attempt === CORRUPT_ATTEMPTS);
      } catch (error) {
        if (!(error instanceof DigestMismatchError) || attempt === CORRUPT_ATTEMPTS) throw error;
      }
    }
  }
}

/**
 * The digest that a registry gives with what a tag names. Some give that of an image in place of that of its index; then the
 * bytes tell.
 */
function declaredDigest(answer: RegistryAnswer, image: string): string | undefined {
  const declared = textHeader(answer, "docker-content-digest");
  if (declared === undefined || !isDigest(declared) || matchesDigest(declared, answer.body)) return declared;
  try {
    const manifest = parseManifest(answer.body, textHeader(answer, "content-type"), image);
    const isChild = manifest.kind === "index" && manifest.manifests.some(({ digest }) => digest === declared);
    return isChild ? undefined : declared;
  } catch {
    return declared;
  }
}

/** How registries say that they know no HEAD; what else it may mean, GET tells. */
const HEAD_REFUSED: readonly number[] = [400, 405, 501];

/** Whether a request was refused by an answer, for good. */
const isRefused = (error: unknown): boolean =>
  error instanceof AccessDeniedError ||
  (error instanceof RegistryResponseError &&
    ((error.status >= 400 && error.status < 500) || HEAD_REFUSED.includes(error.status)));

/** How often content with a wrong digest is read before it is called corrupt. */
export const CORRUPT_ATTEMPTS = 3;

/**
 * The tag that lists referrers where a registry has no API for them: the algorithm, and the first 64 characters of the rest
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema}).
 */
export function referrersTag(subject: Digest): string {
  const [algorithm, encoded = ""] = subject.split(":");
  return `${algorithm}-${encoded.slice(0, 64)}`;
}

export const descriptorOf = ({ digest, mediaType, bytes }: StoredManifest): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
});

/** A reference's manifest at its registry, for messages. */
export const describe = (reference: ImageReference): string =>
  formatReference(
    reference.tag === undefined && reference.digest === undefined
      ? { ...reference, tag: manifestName(reference) }
      : reference,
  );

export function textHeader(answer: { headers: RegistryAnswer["headers"] }, name: string): string | undefined {
  const value = ownValue(answer.headers, name);
  return typeof value === "string" ? value : undefined;
}
