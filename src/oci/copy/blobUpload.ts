import { withAdmission, type Admission } from "../registry/admission";
import type { Digest } from "../../image/digest";
import type { UploadSession } from "../registry/blobRequests";
import type { Descriptor } from "../manifest/descriptor";
import { RegistryResponseError } from "../errors/errors";
import type { RegistryRequest } from "../registry/registryRequest";
import type { RepositoryAt } from "../registry/repositoryAt";
import { RetryableFailure } from "../transport/retry";

/** The commit of a large blob may take long: object stores copy it. */
export const COMMIT_PATIENCE = 5;
/** Answers that refuse the way of an upload and not its content. */
const SHAPE_REFUSED = new Set([400, 405, 411, 413, 415, 416, 501]);

/**
 * How a registry takes a blob: in one PATCH that a PUT commits, in one PUT, or, without a session, in the POST that would
 * start one.
 *
 * The first is the default for what is streamed: Azure refuses large PUTs, and most clients do it so. Artifact Registry
 * and others that know no chunked uploads refuse PATCH. The last is the quickest for small blobs, and rare
 * ({@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post}).
 */
export type UploadShape = "patch" | "put" | "post";

/** The requests that bring a blob into a target, and which of them each registry takes. */
export class BlobUpload {
  /** By registry: the ways that it refused. */
  private readonly refused = new Map<string, Set<UploadShape>>();

  constructor(private readonly options: Admission) {}

  /** How a blob that is streamed goes to a registry. */
  streamedShape(registry: string): "patch" | "put" {
    return this.isRefused(registry, "patch") ? "put" : "patch";
  }

  /** Begins an upload at a registry that is known to take no blob without one; undefined at others. */
  async sessionAhead({ client, repository }: RepositoryAt): Promise<UploadSession | undefined> {
    if (!this.isRefused(client.registry, "post")) return undefined;
    return withAdmission(this.options, [{ host: client.registry, kind: "requests" }], () =>
      client.startUpload(repository),
    );
  }

  /**
   * Uploads a blob that is in memory.
   *
   * @param offered a session that the registry has opened already
   * @param start called before anything is sent; throws when the blob is not wanted any more
   */
  async whole(
    target: RepositoryAt,
    blob: Descriptor,
    bytes: Buffer,
    offered: UploadSession | undefined,
    start: () => void,
  ): Promise<void> {
    const { client, repository } = target;
    const claim = [{ host: client.registry, kind: "requests" }] as const;
    const refused = await withAdmission(this.options, claim, async () => {
      start();
      const session = offered ?? (await this.postWhole(target, blob, bytes));
      if (session === "stored") return undefined;
      try {
        await sendCommit(target, blob.digest, committing(target, blob.digest, session, bytes));
        return undefined;
      } catch (error) {
        if (error instanceof RegistryResponseError && SHAPE_REFUSED.has(error.status)) return error;
        throw sessionLost(client.registry, error);
      }
    });
    if (!refused) return;
    await withAdmission(this.options, claim, async () => {
      const session = await client.startUpload(repository);
      const answer = await client.session
        .sendOnce({ ...patching(target, blob.digest, session), body: bytes })
        .catch((error: unknown) => {
          // Both ways are refused: the first refusal tells more.
          const both = error instanceof RegistryResponseError && SHAPE_REFUSED.has(error.status);
          throw both && !isOutOfRange(error) ? refused : sessionLost(client.registry, error);
        });
      const commit = committing(target, blob.digest, client.uploadSession(answer, session));
      await sendCommit(target, blob.digest, commit).catch((error: unknown) => {
        throw sessionLost(client.registry, error);
      });
    });
  }

  /** Commits a blob whose bytes a session has. */
  async commit(target: RepositoryAt, digest: Digest, session: UploadSession): Promise<void> {
    const { client } = target;
    const request = committing(target, digest, session);
    // Only a wish to wait is answered with the same session; any other failure leaves its state unknown.
    const failure = await this.options.retrier.run(request.doing, () =>
      withAdmission(this.options, [{ host: client.registry, kind: "requests" }], () =>
        sendCommit(target, digest, request).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof RetryableFailure && error.asksToWait) throw error;
            return { error };
          },
        ),
      ),
    );
    if (failure) throw sessionLost(client.registry, failure.error);
  }

  /**
   * Where a registry refuses the way of an upload, the other way is tried, and kept for its other blobs.
   *
   * @param again whether the same way was out of range before: once is an accident, which a new upload mends
   */
  otherShape(registry: string, shape: "patch" | "put", error: unknown, again: boolean): unknown {
    if (!(error instanceof RegistryResponseError) || (isOutOfRange(error) && !again))
      return sessionLost(registry, error);
    if (SHAPE_REFUSED.has(error.status) && !this.isRefused(registry, "put")) {
      this.refuse(registry, shape);
      if (shape === "patch") return new RetryableFailure(registry, error, { immediate: true });
    }
    return sessionLost(registry, error);
  }

  /** @returns `stored`, or a session to go on with where the registry takes no blob in a POST. */
  private async postWhole(target: RepositoryAt, blob: Descriptor, bytes: Buffer): Promise<"stored" | UploadSession> {
    const { client, repository } = target;
    if (!this.isRefused(client.registry, "post")) {
      const answer = await client.postBlob(repository, blob.digest, bytes);
      if (answer === "stored") return answer;
      this.refuse(client.registry, "post");
      if (answer) return answer;
    }
    return client.startUpload(repository);
  }

  private isRefused(registry: string, shape: UploadShape): boolean {
    return this.refused.get(registry)?.has(shape) ?? false;
  }

  private refuse(registry: string, shape: UploadShape): void {
    this.refused.set(registry, (this.refused.get(registry) ?? new Set()).add(shape));
  }
}

/** The request that streams a blob into a session. */
export function patching({ client, repository }: RepositoryAt, digest: Digest, { location }: UploadSession) {
  return {
    doing: `uploading the blob ${digest} to ${client.registry}/${repository}`,
    method: "PATCH" as const,
    url: location,
    permission: client.permission(repository, { push: true }),
    headers: { "Content-Type": "application/octet-stream" },
    expect: [200, 201, 202, 204],
  };
}

/** The request that makes a session's content a blob. */
export function committing(target: RepositoryAt, digest: Digest, { location }: UploadSession, body?: Buffer) {
  const url = new URL(location);
  // Appended as text: registries sign their locations, and a parsed query may be written differently.
  url.search = `${url.search ? `${url.search}&` : "?"}digest=${encodeURIComponent(digest)}`;
  return {
    ...patching(target, digest, { location }),
    doing: `committing the blob ${digest} to ${target.client.registry}/${target.repository}`,
    method: "PUT" as const,
    url,
    // 202 would mean that the upload goes on: the blob is not there.
    expect: [200, 201, 204],
    body: body ?? Buffer.alloc(0),
    patience: COMMIT_PATIENCE,
  };
}

/** Makes a session's content a blob, and looks at what the registry says that it is. */
async function sendCommit({ client }: RepositoryAt, digest: Digest, request: RegistryRequest): Promise<void> {
  client.checkCommitted(await client.session.sendOnce(request), digest, request.doing);
}

/** Whether a registry has another part of a blob than a request goes on from, as it sees it ({@link https://github.com/Azure/acr/issues/866}). */
export function isOutOfRange(error: unknown): boolean {
  const answer = error instanceof RetryableFailure ? error.error : error;
  return answer instanceof RegistryResponseError && answer.status === 416;
}

/** A commit that leaves it open; not known, in use by another request that was thought to be over, gone, elsewhere than the client. */
const SESSION_LOST = new Set([202, 404, 409, 410, 416]);

/** An upload session that a registry does not know any more, or that it refuses to go on with, is worth a new one. */
export function sessionLost(registry: string, error: unknown): unknown {
  const lost =
    error instanceof RegistryResponseError &&
    (SESSION_LOST.has(error.status) ||
      error.codes.some((code) => /^(?:BLOB_UPLOAD_|DIGEST_INVALID|SIZE_INVALID|RANGE_INVALID)/.test(code)));
  return lost ? new RetryableFailure(registry, error) : error;
}
