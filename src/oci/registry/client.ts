import type { Digest } from "../../image/digest";
import { digestOf, isDigest, isUsualDigest, matchesDigest } from "../../image/digest";
import { formatReference, manifestName, type ImageReference } from "../../image/reference";
import type { Descriptor } from "../manifest/descriptor";
import type { StoredManifest } from "../manifest/manifest";
import { ACCEPTED_MANIFESTS } from "../manifest/mediaTypes";
import { BlobRequests } from "./blobRequests";
import { textHeader, type RegistryAnswer } from "./registryRequest";
import { HEAD_REFUSED } from "./repositoryRequests";

/** Loaded with the first failure. */
const errors = () => require("../errors/errors") as typeof import("../errors/errors");

/** How a registry keeps a manifest that it took. */
export interface StoredAs {
  /** What it can be pulled by: the manifest's own digest, or that of another algorithm where the registry has no other. */
  readonly digest: Digest;
  /** The registry has the referrers API, and lists what refers to the manifest's subject. */
  readonly listsSubject: boolean;
}

/** Loaded with the first manifest that is read. */
const manifests = () => require("../manifest/manifest") as typeof import("../manifest/manifest");

/** Loaded when a registry refuses a manifest, which few runs meet. */
const loadRefusedManifest = () => require("./refusedManifest") as typeof import("./refusedManifest");

/**
 * One registry's distribution API
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md}).
 *
 * Repositories are as references name them; a prefix of the endpoint is added here.
 */
export class RegistryClient extends BlobRequests {
  private readonly turns = new Map<string, Promise<unknown>>();

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
        if (isDigest(name) && !isUsualDigest(name) && error instanceof errors().RegistryResponseError) return undefined;
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
        manifests().MAX_MANIFEST_BYTES,
      );
      if (answer.status === 404) throw this.notFound(image, name, answer);
      this.refusePage(doing, answer);
      const expected = isDigest(name) ? name : declaredDigest(answer, image);
      const corrupt = (reason: string) =>
        new (errors().DigestMismatchError)(`The manifest of ${image}`, this.session.place, reason);
      if (expected !== undefined && isDigest(expected) && !matchesDigest(expected, answer.body))
        throw corrupt(`its digest is ${digestOf(answer.body)} instead of ${expected}`);
      const digest = expected !== undefined && isDigest(expected) ? expected : digestOf(answer.body);
      const manifest = manifests().parseManifest(answer.body, textHeader(answer, "content-type"), image);
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
          throw new (errors().DigestMismatchError)(
            `The manifest of ${image}`,
            this.session.place,
            "it was refused as invalid",
          );
        return answer;
      }
      // Under a tag a registry takes what it gets, and a proxy may answer for it: only the digest tells what is there.
      const told = textHeader(answer, "docker-content-digest") ?? (await this.headManifest(repository, name))?.digest;
      // Of a manifest that is known by another algorithm, a registry tells the digest by its own.
      const isWritten = told !== undefined && isDigest(told) && matchesDigest(told, stored.bytes);
      // Some name an image of the index here, too, so that the bytes have the last word.
      if (!isWritten && !(await this.manifestIfAny(repository, name))?.bytes.equals(stored.bytes))
        throw new (errors().DigestMismatchError)(
          `The manifest of ${image}`,
          this.session.place,
          `${told ?? "nothing"} was stored`,
        );
      if (isWritten) written = told;
      return answer;
    });
    if (answer.status < 300) {
      const isKept = written === stored.digest || (await this.headManifest(repository, stored.digest)) !== undefined;
      if (!isKept && isDigest(name))
        throw new (errors().DigestAlgorithmError)(
          this.registry,
          `the manifest of ${image}`,
          `it knows it as ${written}`,
        );
      const listsSubject = textHeader(answer, "oci-subject") === stored.manifest.subject?.digest;
      return { digest: isKept ? stored.digest : written, listsSubject };
    }
    const refusal = await loadRefusedManifest().refusedManifest(this, { repository, name, stored }, request, answer);
    if (refusal) throw refusal;
    return { digest: stored.digest, listsSubject: false };
  }

  /** Like {@link manifest}, but undefined when there is none. */
  async manifestIfAny(repository: string, name: string): Promise<StoredManifest | undefined> {
    try {
      return await this.manifest(repository, name);
    } catch (error) {
      if (error instanceof errors().ImageNotFoundError || error instanceof errors().TagNotFoundError) return undefined;
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

  private notFound(image: string, name: string, answer: RegistryAnswer): Error {
    const repositoryUnknown = this.session.errorsIn(answer).codes.includes("NAME_UNKNOWN");
    return isDigest(name) || repositoryUnknown
      ? new (errors().ImageNotFoundError)(image, undefined, this.location)
      : new (errors().TagNotFoundError)(image, name, this.location);
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
    const manifest = manifests().parseManifest(answer.body, textHeader(answer, "content-type"), image);
    const isChild = manifest.kind === "index" && manifest.manifests.some(({ digest }) => digest === declared);
    return isChild ? undefined : declared;
  } catch {
    return declared;
  }
}

/** Whether a request was refused by an answer, for good. */
const isRefused = (error: unknown): boolean =>
  error instanceof errors().AccessDeniedError ||
  (error instanceof errors().RegistryResponseError &&
    ((error.status >= 400 && error.status < 500) || HEAD_REFUSED.includes(error.status)));

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

/** As registries list it ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}). */
export function referrerDescriptor(stored: StoredManifest): Descriptor {
  const { manifest } = stored;
  const artifactType = manifest.artifactType ?? (manifest.kind === "image" ? manifest.config?.mediaType : undefined);
  return {
    ...descriptorOf(stored),
    ...(artifactType !== undefined && { artifactType }),
    ...(manifest.annotations && { annotations: manifest.annotations }),
  };
}

/** A reference's manifest at its registry, for messages. */
export const describe = (reference: ImageReference): string =>
  formatReference(
    reference.tag === undefined && reference.digest === undefined
      ? { ...reference, tag: manifestName(reference) }
      : reference,
  );
