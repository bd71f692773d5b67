import { isUsualDigest } from "../../image/digest";
import { withAdmission, type Admission } from "../registry/admission";
import { BlobSource, type SourceConnection } from "./blobSource";
import { BlobStream, TargetClosedError } from "./blobStream";
import { BlobUpload, COMMIT_PATIENCE, committing, isOutOfRange, patching } from "./blobUpload";
import { chunkPassed } from "./chunkMemory";
import { CORRUPT_ATTEMPTS } from "../registry/repositoryRequests";
import type { UploadSession } from "../registry/blobRequests";
import type { Clock } from "../transport/clock";
import type { Descriptor } from "../manifest/descriptor";
import { CopyCancelledError, DigestAlgorithmError, DigestMismatchError, TransferFailedError } from "../errors/errors";
import type { RepositoryAt } from "../registry/repositoryAt";
import { RetryableFailure } from "../transport/retry";
import { settleAll } from "../transport/settleAll";
import type { RegistryAnswer } from "../registry/registryRequest";

/** Who wants a blob. */
export interface TransferOrder {
  /** Told of bytes that moved; negative when an upload starts anew. */
  moved(count: number): void;
  /** Checked before bytes move. */
  readonly isCancelled: boolean;
}

/** A blob, where it is, where it has to be, and for whom. */
export interface BlobCopy {
  readonly source: RepositoryAt;
  readonly target: RepositoryAt;
  readonly blob: Descriptor;
  readonly order: TransferOrder;
}

export interface TransferOptions extends Admission {
  readonly clock: Clock;
  readonly stallTimeoutMs: number;
}

/** Blobs up to this size are read whole, so that one request less uploads them. */
const SMALL_BLOB_BYTES = 512 * 1024;

/** One attempt at a copy. */
interface Attempt extends BlobCopy {
  /** An upload session that the registry already opened (its answer to a mount). */
  readonly offered: UploadSession | undefined;
  /** An attempt before was told that it does not go on where the upload is. */
  readonly outOfRange: boolean;
  readonly onBytes: (count: number) => void;
  /** @throws {CopyCancelledError} when nobody wants the blob any more. */
  readonly start: () => void;
}

/** Moves blobs from registry to registry, each verified before the request that commits it. */
export class BlobTransfer {
  private readonly upload: BlobUpload;

  constructor(private readonly options: TransferOptions) {
    this.upload = new BlobUpload(options);
  }

  /**
   * Uploads a blob that the target lacks.
   *
   * @param offered an upload session that the registry already opened (its answer to a mount).
   */
  async copy(copy: BlobCopy, offered: UploadSession | undefined): Promise<void> {
    const { source, target, blob, order } = copy;
    const doing = `copying the blob ${blob.digest} to ${target.client.registry}/${target.repository}`;
    let corrupt = 0;
    let session = offered;
    let outOfRange = false;
    await this.options.retrier.run(doing, async (attempt) => {
      let counted = 0;
      // An upload that failed may have been committed all the same.
      if (attempt > 1 && (await target.client.hasBlob(target.repository, blob.digest, blob.size)))
        return order.moved(blob.size);
      const current: Attempt = {
        ...copy,
        offered: session,
        outOfRange,
        onBytes: (bytes) => {
          counted += bytes;
          order.moved(bytes);
        },
        start: () => {
          if (order.isCancelled) throw new CopyCancelledError(`The blob ${blob.digest}`);
        },
      };
      // A failed session is never used again: it may hold a part of the blob.
      session = undefined;
      try {
        if (blob.size <= SMALL_BLOB_BYTES && !blob.urls) await this.copySmall(current);
        else await this.copyLarge(current);
        await this.checkKept(target, blob);
      } catch (error) {
        if (counted > 0) order.moved(-counted);
        outOfRange ||= isOutOfRange(error);
        if (error instanceof DigestMismatchError && ++corrupt < CORRUPT_ATTEMPTS) {
          if (corrupt === 1) source.client.doubtCoding(blob.digest);
          throw new RetryableFailure(source.client.registry, error);
        }
        throw error;
      }
    });
  }

  /** Uploads bytes that are in memory. */
  async put(target: RepositoryAt, blob: Descriptor, bytes: Buffer): Promise<void> {
    const doing = `uploading the blob ${blob.digest} to ${target.client.registry}/${target.repository}`;
    await this.options.retrier.run(doing, async (attempt) => {
      if (attempt > 1 && (await target.client.hasBlob(target.repository, blob.digest, blob.size))) return;
      await this.upload.whole(target, blob, bytes, undefined, () => undefined);
    });
  }

  /** Some registries file what they take by sha256, whatever it was to be called. */
  private async checkKept({ client, repository }: RepositoryAt, { digest }: Descriptor): Promise<void> {
    if (isUsualDigest(digest) || (await client.hasBlob(repository, digest))) return;
    throw new DigestAlgorithmError(
      client.registry,
      `the blob ${digest} of ${repository}`,
      "it took it, and has none of it",
    );
  }

  private async copySmall({ source, target, blob, offered, start, onBytes }: Attempt): Promise<void> {
    start();
    // Over a long way each turn costs more than the bytes: a registry that wants an upload begun before is asked meanwhile.
    const [bytes, session] = await settleAll([
      source.client.blob(source.repository, blob, SMALL_BLOB_BYTES),
      offered ? Promise.resolve(offered) : this.upload.sessionAhead(target),
    ]);
    await this.upload.whole(target, blob, bytes, session, start);
    // Once as chunks, once as a whole.
    chunkPassed(2 * bytes.length);
    onBytes(bytes.length);
  }

  private async copyLarge(attempt: Attempt): Promise<void> {
    const { source, target, blob } = attempt;
    const hosts = [source.client.registry, target.client.registry];
    const claims = hosts.map((host) => ({ host, kind: "transfers" as const }));
    const uploaded = await withAdmission(this.options, claims, () => {
      attempt.start();
      return this.stream(attempt);
    });
    if (uploaded) await this.upload.commit(target, blob.digest, uploaded);
  }

  /** @returns the session to commit; undefined when the upload was its own commit. */
  private async stream({
    source: from,
    target,
    blob,
    offered,
    outOfRange,
    onBytes,
  }: Attempt): Promise<UploadSession | undefined> {
    const { client } = target;
    const { stallTimeoutMs } = this.options;
    const source = new BlobSource(from, blob, this.options);
    const shape = this.upload.streamedShape(client.registry);
    const { connection, session } = await bothOpen(
      source.open(0),
      offered ? Promise.resolve(offered) : client.startUpload(target.repository),
    );
    const request = (shape === "patch" ? patching : committing)(target, blob.digest, session);
    const stream = new BlobStream(blob, { holdBack: shape === "put", stallTimeoutMs, onBytes });
    const { exchange, settle } = await client.session
      .openUpload({ ...request, headers: { ...request.headers, "Content-Length": blob.size } })
      .catch((error: unknown) => {
        connection.body.destroy();
        throw error;
      });
    const { sink, response } = exchange;
    // Errors of the socket are seen through the answer; after its end they concern nobody.
    sink.on("error", () => undefined);
    // Silence is judged by the stream, which knows whose it is; an idle source must not look like a dead target.
    sink.setTimeout(0);
    // What the source says is no word of the target about the way of the upload.
    const refused = (error: unknown): unknown => this.upload.otherShape(client.registry, shape, error, outOfRange);
    let answer: RegistryAnswer;
    try {
      await source.pumpAll(stream, connection, {
        registry: client.registry,
        place: client.session.place,
        sink,
        response,
      });
      const digest = stream.digest();
      if (digest !== blob.digest) throw source.corrupt(`its digest is ${digest}`);
      stream.release(sink);
      sink.setTimeout(stallTimeoutMs * COMMIT_PATIENCE);
      sink.end();
      answer = await settle().catch((error: unknown) => {
        throw refused(error);
      });
    } catch (error) {
      const failure = error instanceof TargetClosedError ? refused(await refusal(client.session, settle)) : error;
      sink.destroy();
      throw failure;
    }
    if (shape === "patch") return client.uploadSession(answer, session);
    client.checkCommitted(answer, blob.digest, request.doing);
    return undefined;
  }
}

/** Why the target closed an upload before its end. */
async function refusal(
  { registry, place }: { readonly registry: string; readonly place: string },
  settle: () => Promise<RegistryAnswer>,
): Promise<unknown> {
  try {
    const { status } = await settle();
    const reason = `it answered ${status} before it had the whole blob`;
    return new RetryableFailure(registry, new TransferFailedError(place, "Uploading a blob", reason));
  } catch (error) {
    return error;
  }
}

/** Opens both ends at once; when one fails, the other is closed. */
async function bothOpen(
  source: Promise<SourceConnection>,
  target: Promise<UploadSession>,
): Promise<{ connection: SourceConnection; session: UploadSession }> {
  const [opened, started] = await Promise.allSettled([source, target]);
  if (opened.status === "fulfilled" && started.status === "fulfilled")
    return { connection: opened.value, session: started.value };
  if (opened.status === "fulfilled") opened.value.body.destroy();
  const errors = [started, opened].flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  // What no attempt can mend tells more than what may pass.
  const failure: Error | undefined = errors.find((error) => !(error instanceof RetryableFailure)) ?? errors[0];
  throw failure ?? new Error("unreachable: one of the two failed");
}
