import type { Writable } from "node:stream";
import { BlobStream, SourceCutError, SourceTooLongError, StreamStalledError, TargetClosedError } from "./blobStream";
import { CORRUPT_ATTEMPTS, type RegistryClient, type UploadSession } from "./client";
import type { Clock } from "./clock";
import type { Descriptor } from "./descriptor";
import { followLocation } from "./endpoint";
import {
  CopyCancelledError,
  DigestMismatchError,
  ImageNotFoundError,
  RegistryResponseError,
  StalledError,
  TransferFailedError,
} from "./errors";
import type { HttpResponse } from "./http";
import type { HostLimits } from "./limits";
import { RetryableFailure, type Retrier } from "./retry";
import type { RegistryAnswer } from "./session";

/** A repository of a registry. */
export interface RepositoryAt {
  readonly client: RegistryClient;
  readonly repository: string;
}

/** Who wants a blob. */
export interface TransferOrder {
  /** Told of bytes that moved; negative when an upload starts anew. */
  moved(count: number): void;
  /** Checked before bytes move. */
  readonly isCancelled: boolean;
}

export interface TransferOptions {
  readonly limits: HostLimits;
  readonly retrier: Retrier;
  readonly clock: Clock;
  readonly stallTimeoutMs: number;
}

/** Blobs up to this size are read whole, so that one request less uploads them. */
const SMALL_BLOB_BYTES = 512 * 1024;
/** How often one upload goes on after its source broke. */
const MAX_RESUMES = 8;
/** The commit of a large blob may take long: object stores copy it. */
const COMMIT_PATIENCE = 5;
/** Answers that refuse the way of an upload and not its content. */
const SHAPE_REFUSED = new Set([400, 405, 411, 413, 415, 416, 501]);

/**
 * How a registry takes a blob: in one PATCH that a PUT commits, or in one PUT.
 *
 * The first is the default: Azure refuses large PUTs, and most clients do it so. Artifact Registry and others that know
 * no chunked uploads refuse PATCH.
 */
type UploadShape = "patch" | "put";

/** Moves blobs from registry to registry, each verified before the request that commits it. */
export class BlobTransfer {
  /** By registry: the ways that it refused. */
  private readonly refusedShapes = new Map<string, Set<UploadShape>>();

  constructor(private readonly options: TransferOptions) {}

  /**
   * Uploads a blob that the target lacks.
   *
   * @param offered an upload session that the registry already opened (its answer to a mount).
   */
  async copy(
    source: RepositoryAt,
    target: RepositoryAt,
    blob: Descriptor,
    offered: UploadSession | undefined,
    order: TransferOrder,
  ): Promise<void> {
    const { retrier } = this.options;
    const doing = `copying the blob ${blob.digest} to ${target.client.registry}/${target.repository}`;
    let corrupt = 0;
    let session = offered;
    await retrier.run(doing, async (attempt) => {
      let counted = 0;
      const count = (bytes: number): void => {
        counted += bytes;
        order.moved(bytes);
      };
      const start = (): void => {
        if (order.isCancelled) throw new CopyCancelledError(`The blob ${blob.digest}`);
      };
      // An upload that failed may have been committed all the same.
      if (attempt > 1 && (await target.client.hasBlob(target.repository, blob.digest))) return order.moved(blob.size);
      // A failed session is never used again: it may hold a part of the blob.
      const current = session;
      session = undefined;
      try {
        if (blob.size <= SMALL_BLOB_BYTES && !blob.urls)
          await this.copySmall(source, target, blob, current, start, count);
        else await this.copyLarge(source, target, blob, current, start, count);
      } catch (error) {
        if (counted > 0) order.moved(-counted);
        if (error instanceof DigestMismatchError && ++corrupt < CORRUPT_ATTEMPTS)
          throw new RetryableFailure(source.client.registry, error);
        throw error;
      }
    });
  }

  /** Uploads bytes that are in memory. */
  async upload(target: RepositoryAt, blob: Descriptor, bytes: Buffer): Promise<void> {
    const doing = `uploading the blob ${blob.digest} to ${target.client.registry}/${target.repository}`;
    await this.options.retrier.run(doing, async (attempt) => {
      if (attempt > 1 && (await target.client.hasBlob(target.repository, blob.digest))) return;
      await this.putWhole(target, blob, bytes, undefined);
    });
  }

  private async copySmall(
    source: RepositoryAt,
    target: RepositoryAt,
    blob: Descriptor,
    session: UploadSession | undefined,
    start: () => void,
    onBytes: (count: number) => void,
  ): Promise<void> {
    start();
    const bytes = await source.client.blob(source.repository, blob, SMALL_BLOB_BYTES);
    await this.putWhole(target, blob, bytes, session);
    onBytes(bytes.length);
  }

  private async putWhole(
    target: RepositoryAt,
    blob: Descriptor,
    bytes: Buffer,
    offered: UploadSession | undefined,
  ): Promise<void> {
    const { client, repository } = target;
    const { retrier, limits } = this.options;
    const claim = [{ host: client.registry, kind: "requests" }] as const;
    await retrier.ready(client.registry);
    const refused = await limits.with(claim, async () => {
      const session = offered ?? (await client.startUpload(repository));
      try {
        await client.session.sendOnce(this.committing(target, blob, session, bytes));
        return undefined;
      } catch (error) {
        if (error instanceof RegistryResponseError && SHAPE_REFUSED.has(error.status)) return error;
        throw sessionLost(client.registry, error);
      }
    });
    if (!refused) return;
    await limits.with(claim, async () => {
      const session = await client.startUpload(repository);
      const answer = await client.session
        .sendOnce({ ...this.patching(target, blob, session), body: bytes })
        .catch((error: unknown) => {
          // Both ways are refused: the first refusal tells more.
          throw error instanceof RegistryResponseError && SHAPE_REFUSED.has(error.status) ? refused : error;
        });
      await client.session.sendOnce(this.committing(target, blob, client.uploadSession(answer)));
    });
  }

  private async copyLarge(
    source: RepositoryAt,
    target: RepositoryAt,
    blob: Descriptor,
    session: UploadSession | undefined,
    start: () => void,
    onBytes: (count: number) => void,
  ): Promise<void> {
    const { limits, retrier } = this.options;
    const { client } = target;
    await retrier.ready(source.client.registry, client.registry);
    const claims = [source.client.registry, client.registry].map((host) => ({ host, kind: "transfers" as const }));
    const uploaded = await limits.with(claims, async () => {
      start();
      return this.stream(source, target, blob, session, onBytes);
    });
    if (uploaded) await this.commit(target, blob, uploaded);
  }

  /** @returns the session to commit; undefined when the upload was its own commit. */
  private async stream(
    source: RepositoryAt,
    target: RepositoryAt,
    blob: Descriptor,
    offered: UploadSession | undefined,
    onBytes: (count: number) => void,
  ): Promise<UploadSession | undefined> {
    const { client } = target;
    const shape = this.refusedShapes.get(client.registry)?.has("patch") ? "put" : "patch";
    const { connection, session } = await bothOpen(
      this.openSource(source, blob, 0),
      offered ? Promise.resolve(offered) : client.startUpload(target.repository),
    );
    const request = shape === "patch" ? this.patching(target, blob, session) : this.committing(target, blob, session);
    const stream = new BlobStream(blob, {
      holdBack: shape === "put",
      stallTimeoutMs: this.options.stallTimeoutMs,
      onBytes,
    });
    const { exchange, settle } = await client.session
      .openUpload({ ...request, headers: { ...request.headers, "Content-Length": blob.size } })
      .catch((error: unknown) => {
        connection.body.destroy();
        throw error;
      });
    const { sink } = exchange;
    // Errors of the socket are seen through the answer; after its end they concern nobody.
    sink.on("error", () => undefined);
    // Silence is judged by the stream, which knows whose it is; an idle source must not look like a dead target.
    sink.setTimeout(0);
    let answer: RegistryAnswer;
    try {
      await this.pumpAll(source, target, blob, stream, connection, exchange);
      const digest = stream.digest();
      if (digest !== blob.digest) throw this.corrupt(source, blob, `its digest is ${digest}`);
      stream.release(sink);
      sink.setTimeout(this.options.stallTimeoutMs * COMMIT_PATIENCE);
      sink.end();
      answer = await settle();
    } catch (error) {
      const failure = error instanceof TargetClosedError ? await this.refusal(target, settle) : error;
      sink.destroy();
      throw this.otherShape(client.registry, shape, failure);
    }
    return shape === "patch" ? client.uploadSession(answer) : undefined;
  }

  /** Pumps until the blob is complete, over new connections to the source where one breaks. */
  private async pumpAll(
    source: RepositoryAt,
    target: RepositoryAt,
    blob: Descriptor,
    stream: BlobStream,
    first: { body: HttpResponse; start: number },
    exchange: { sink: Writable; response: Promise<unknown> },
  ): Promise<void> {
    const doing = source.client.readingBlob(source.repository, blob.digest);
    let connection: { body: HttpResponse; start: number } | undefined = first;
    for (let breaks = 0; ;) {
      let failure: RetryableFailure;
      try {
        connection ??= await this.openSource(source, blob, stream.received);
        await stream.pump(connection.body, connection.start, exchange.sink, exchange.response);
        return;
      } catch (error) {
        connection = undefined;
        if (error instanceof SourceTooLongError) throw this.corrupt(source, blob, error.message);
        if (error instanceof StreamStalledError && error.side === "target") {
          const seconds = Math.round(this.options.stallTimeoutMs / 1000);
          const stalled = new StalledError(target.client.registry, `taking the blob ${blob.digest}`, seconds);
          throw new RetryableFailure(target.client.registry, stalled);
        }
        failure = this.sourceFailure(source, doing, error);
      }
      if (++breaks > MAX_RESUMES || failure.options.throttled || failure.options.pauseMs !== undefined) throw failure;
      // The target waits with a half-filled upload: short pauses alone.
      await this.options.clock.sleep(Math.min(100 * 2 ** (breaks - 1), 2000));
    }
  }

  private sourceFailure(source: RepositoryAt, doing: string, error: unknown): RetryableFailure {
    const { registry } = source.client;
    if (error instanceof RetryableFailure) return error;
    if (error instanceof StreamStalledError)
      return new RetryableFailure(
        registry,
        new StalledError(registry, doing, Math.round(this.options.stallTimeoutMs / 1000)),
      );
    if (error instanceof SourceCutError)
      return new RetryableFailure(registry, new TransferFailedError(registry, capitalized(doing), error.message));
    throw error;
  }

  private async openSource(
    { client, repository }: RepositoryAt,
    blob: Descriptor,
    offset: number,
  ): Promise<{ body: HttpResponse; start: number }> {
    try {
      return await client.openBlob(repository, blob, offset);
    } catch (error) {
      if (!(error instanceof ImageNotFoundError) || !blob.urls?.length) throw error;
      const { endpoint } = client.session;
      return client.openBlob(repository, blob, offset, followLocation(endpoint, endpoint.origin, blob.urls[0]));
    }
  }

  /** Why the target closed an upload before its end. */
  private async refusal(target: RepositoryAt, settle: () => Promise<RegistryAnswer>): Promise<unknown> {
    const { registry } = target.client;
    try {
      const { status } = await settle();
      const reason = `it answered ${status} before it had the whole blob`;
      return new RetryableFailure(registry, new TransferFailedError(registry, "Uploading a blob", reason));
    } catch (error) {
      return error;
    }
  }

  /** Where a registry refuses the way of an upload, the other way is tried, and kept for its other blobs. */
  private otherShape(registry: string, shape: UploadShape, error: unknown): unknown {
    if (!(error instanceof RegistryResponseError)) return error;
    const refused = this.refusedShapes.get(registry) ?? new Set();
    if (SHAPE_REFUSED.has(error.status) && !refused.has("put")) {
      this.refusedShapes.set(registry, refused.add(shape));
      if (!refused.has("put")) return new RetryableFailure(registry, error, { immediate: true });
    }
    return sessionLost(registry, error);
  }

  private async commit(target: RepositoryAt, blob: Descriptor, session: UploadSession): Promise<void> {
    const { limits, retrier } = this.options;
    const { client } = target;
    const request = this.committing(target, blob, session);
    // Only a wish to wait is answered with the same session; any other failure leaves its state unknown.
    const failure = await retrier.run(request.doing, async () => {
      await retrier.ready(client.registry);
      return limits.with([{ host: client.registry, kind: "requests" }], () =>
        client.session.sendOnce(request).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof RetryableFailure && error.options.throttled) throw error;
            return { error };
          },
        ),
      );
    });
    if (failure) throw sessionLost(client.registry, failure.error);
  }

  private patching(target: RepositoryAt, blob: Descriptor, { location }: UploadSession) {
    return {
      doing: `uploading the blob ${blob.digest} to ${target.client.registry}/${target.repository}`,
      method: "PATCH" as const,
      url: location,
      permission: target.client.permission(target.repository, { push: true }),
      headers: { "Content-Type": "application/octet-stream" },
      expect: [200, 201, 202, 204],
    };
  }

  private committing(target: RepositoryAt, blob: Descriptor, { location }: UploadSession, body?: Buffer) {
    const url = new URL(location);
    // Appended as text: registries sign their locations, and a parsed query may be written differently.
    url.search = `${url.search ? `${url.search}&` : "?"}digest=${encodeURIComponent(blob.digest)}`;
    return {
      ...this.patching(target, blob, { location }),
      doing: `committing the blob ${blob.digest} to ${target.client.registry}/${target.repository}`,
      method: "PUT" as const,
      url,
      // 202 would mean that the upload goes on: the blob is not there.
      expect: [200, 201, 204],
      body: body ?? Buffer.alloc(0),
      patience: COMMIT_PATIENCE,
    };
  }

  private corrupt(source: RepositoryAt, blob: Descriptor, reason: string): DigestMismatchError {
    return new DigestMismatchError(`The blob ${blob.digest}`, `${source.client.registry}/${source.repository}`, reason);
  }
}

/** Opens both ends at once; when one fails, the other is closed. */
async function bothOpen(
  source: Promise<{ body: HttpResponse; start: number }>,
  target: Promise<UploadSession>,
): Promise<{ connection: { body: HttpResponse; start: number }; session: UploadSession }> {
  const [opened, started] = await Promise.allSettled([source, target]);
  if (opened.status === "fulfilled" && started.status === "fulfilled")
    return { connection: opened.value, session: started.value };
  if (opened.status === "fulfilled") opened.value.body.destroy();
  const errors = [started, opened].flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  // What no attempt can mend tells more than what may pass.
  const failure: Error | undefined = errors.find((error) => !(error instanceof RetryableFailure)) ?? errors[0];
  throw failure ?? new Error("unreachable: one of the two failed");
}

/** An upload session that a registry does not know any more, or that it refuses to go on with, is worth a new one. */
function sessionLost(registry: string, error: unknown): unknown {
  const lost =
    error instanceof RegistryResponseError &&
    (error.status === 404 ||
      error.codes.some((code) => /^(?:BLOB_UPLOAD_|DIGEST_INVALID|SIZE_INVALID|RANGE_INVALID)/.test(code)));
  return lost ? new RetryableFailure(registry, error) : error;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
