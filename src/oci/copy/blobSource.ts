import type { Readable, Writable } from "node:stream";
import {
  SourceCutError,
  SourceTooLongError,
  StreamStalledError,
  StreamTooSlowError,
  type BlobStream,
} from "./blobStream";
import type { Clock } from "../transport/clock";
import type { Descriptor } from "../manifest/descriptor";
import { followLocation } from "../transport/endpoint";
import { foreignHosts } from "./foreignLayers";
import { isForeign } from "../manifest/manifest";
import {
  DigestMismatchError,
  ForeignLayerMissingError,
  ImageNotFoundError,
  RegistryError,
  RegistryResponseError,
  StalledError,
  TransferFailedError,
  TransferTooSlowError,
} from "../errors/errors";
import type { RepositoryAt } from "../registry/repositoryAt";
import { RetryableFailure } from "../transport/retry";

/** How often in a row one upload goes on after its source broke and gave next to nothing. */
const MAX_RESUMES = 8;
/** How often a blob is tried that comes too slowly: each time takes ten minutes. */
const SLOW_ATTEMPTS = 2;
/** Of one foreign layer. */
const MAX_ADDRESSES = 5;
/** A connection that gave so much was worth it: a long way may break any number of times. */
const WORTHWHILE_BYTES = 64 * 1024;

/** A connection to a source, and where in the blob it starts. */
export interface SourceConnection {
  readonly body: Readable;
  readonly start: number;
  /** Bytes of the whole, where the connection says so. */
  readonly total?: number;
}

/** The reading end of one blob's way: over as many connections as it takes. */
export class BlobSource {
  constructor(
    private readonly at: RepositoryAt,
    private readonly blob: Descriptor,
    private readonly options: { readonly clock: Clock; readonly stallTimeoutMs: number },
  ) {}

  /** Opens the blob at its registry, else, for a foreign layer, where its owner keeps it. */
  async open(offset: number): Promise<SourceConnection> {
    const connection = await this.connect(offset);
    const { body, total } = connection;
    // One that resumes may say how long the whole is.
    if (total === undefined || total >= this.blob.size) return connection;
    body.on("error", () => undefined).destroy();
    throw this.corrupt(`it ends before its ${this.blob.size} bytes`);
  }

  private async connect(offset: number): Promise<SourceConnection> {
    const { client, repository } = this.at;
    try {
      return await client.openBlob(repository, this.blob, offset);
    } catch (error) {
      if (offset > 0 && error instanceof RegistryResponseError && error.status === 416)
        throw this.corrupt(`it ends before its ${this.blob.size} bytes`);
      if (!(error instanceof ImageNotFoundError) || !isForeign(this.blob)) throw error;
      return this.connectToOwner(offset, error);
    }
  }

  /** Opens a foreign layer at the first of its addresses that has it. */
  private async connectToOwner(offset: number, missing: Error): Promise<SourceConnection> {
    const { client, repository } = this.at;
    const { endpoint } = client.session;
    let last = missing;
    let passing: RetryableFailure | undefined;
    const where = `${client.registry}/${repository}`;
    const hosts = foreignHosts([this.blob]);
    const missingAt = (cause: Error) => new ForeignLayerMissingError(where, this.blob.digest, hosts, cause);
    // What is no whole address would be one at the registry itself.
    for (const url of (this.blob.urls ?? []).filter((one) => URL.canParse(one)).slice(0, MAX_ADDRESSES)) {
      try {
        return await client.openBlob(repository, this.blob, offset, followLocation(endpoint, endpoint.origin, url));
      } catch (error) {
        if (!(error instanceof RegistryError) && !(error instanceof RetryableFailure)) throw error;
        if (error instanceof RetryableFailure) passing ??= error;
        else last = error;
      }
    }
    // What may pass is tried again, with all of them.
    if (passing) throw new RetryableFailure(passing.host, missingAt(passing.error), passing.options);
    throw missingAt(last);
  }

  /** Pumps until the blob is complete, over new connections where one breaks. */
  async pumpAll(
    stream: BlobStream,
    first: SourceConnection,
    target: {
      readonly registry: string;
      readonly place: string;
      readonly sink: Writable;
      readonly response: Promise<unknown>;
    },
  ): Promise<void> {
    let connection: SourceConnection | undefined = first;
    for (let breaks = 0; ;) {
      const before = stream.received;
      let failure: RetryableFailure;
      try {
        connection ??= await this.open(stream.received);
        await stream.pump(connection.body, connection.start, target.sink, target.response);
        return;
      } catch (error) {
        connection = undefined;
        if (error instanceof SourceTooLongError) throw this.corrupt(error.message);
        // What goes on where it ended would go on as slowly.
        if (error instanceof StreamTooSlowError) throw this.tooSlow(error);
        if (error instanceof StreamStalledError && error.side === "target")
          throw new RetryableFailure(
            target.registry,
            new StalledError(target.place, `taking the blob ${this.blob.digest}`, this.stallSeconds),
          );
        failure = this.failure(error);
      }
      if (stream.received - before >= WORTHWHILE_BYTES) breaks = 0;
      if (++breaks > MAX_RESUMES || failure.asksToWait) throw failure;
      // The target waits with a half-filled upload: short pauses alone.
      await this.options.clock.sleep(Math.min(100 * 2 ** (breaks - 1), 2000));
    }
  }

  /** The error for content that is not what its digest says. */
  corrupt(reason: string): DigestMismatchError {
    const { client, repository } = this.at;
    return new DigestMismatchError(`The blob ${this.blob.digest}`, `${client.session.place}/${repository}`, reason);
  }

  private tooSlow({ message }: StreamTooSlowError): RetryableFailure {
    const { client, repository } = this.at;
    const doing = client.readingBlob(repository, this.blob.digest);
    return new RetryableFailure(client.registry, new TransferTooSlowError(client.session.place, doing, message), {
      attempts: SLOW_ATTEMPTS,
    });
  }

  private get stallSeconds(): number {
    return Math.round(this.options.stallTimeoutMs / 1000);
  }

  private failure(error: unknown): RetryableFailure {
    const { client, repository } = this.at;
    const { registry, session } = client;
    const doing = client.readingBlob(repository, this.blob.digest);
    if (error instanceof RetryableFailure) return error;
    if (error instanceof StreamStalledError)
      return new RetryableFailure(registry, new StalledError(session.place, doing, this.stallSeconds));
    if (error instanceof SourceCutError)
      return new RetryableFailure(registry, new TransferFailedError(session.place, capitalized(doing), error.message));
    throw error;
  }
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
