import { createHash, type Hash } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import type { Digest } from "../../image/digest";
import { chunkPassed } from "./chunkMemory";
import type { Descriptor } from "../manifest/descriptor";

/** The reading side of a stream broke; another connection may go on where it ended. */
export class SourceCutError extends Error {
  override readonly name = "SourceCutError";
}

/** No byte moved for the idle timeout; `side` is the end that was waited for. */
export class StreamStalledError extends Error {
  override readonly name = "StreamStalledError";
  constructor(readonly side: "source" | "target") {
    super(`the ${side} stalled`);
  }
}

/** Bytes moved, but slower than the least rate. */
export class StreamTooSlowError extends Error {
  override readonly name = "StreamTooSlowError";
}

/** The target answered, or closed the connection, before it had the whole blob. */
export class TargetClosedError extends Error {
  override readonly name = "TargetClosedError";
}

/** The source sent more bytes than the blob's size. */
export class SourceTooLongError extends Error {
  override readonly name = "SourceTooLongError";
}

/**
 * What a blob has to move in a long while, ten times the silence that is allowed: 4 KiB/s for ten minutes. A blob may be
 * of any size, so that there is no time for all of it; without such a rate, one byte a minute would pass for ever.
 */
export const SLOWEST = { silences: 10, bytesPerSecond: 4 * 1024 } as const;
/** How long to wait for the end of a body that is complete: a wrong Content-Length may promise more. */
const END_TIMEOUT_MS = 1000;
/** Waits for the target's socket above this many bytes. */
const MAX_WAITING_BYTES = 256 * 1024;

/**
 * A blob on its way: counts and hashes what passes, over as many connections to its source as it takes.
 *
 * The hash is made in the stream, so that the result is known before the request that commits the blob.
 */
export class BlobStream {
  received = 0;
  private readonly hash: Hash;
  /** The last byte when `holdBack` is set, so that the target cannot have it all before the hash is known. */
  private held: Buffer | undefined;

  constructor(
    private readonly blob: Descriptor,
    private readonly options: {
      readonly holdBack: boolean;
      readonly stallTimeoutMs: number;
      readonly onBytes: (count: number) => void;
    },
  ) {
    this.hash = createHash(blob.digest.slice(0, blob.digest.indexOf(":")));
  }

  get isComplete(): boolean {
    return this.received === this.blob.size;
  }

  /** Digest of what was received; the stream is over with it. */
  digest(): Digest {
    const algorithm = this.blob.digest.slice(0, this.blob.digest.indexOf(":"));
    return `${algorithm}:${this.hash.digest("hex")}`;
  }

  /** Gives the target the byte that was held back: the blob is as it should be. */
  release(sink: Writable): void {
    if (this.held) sink.write(this.held);
    this.held = undefined;
  }

  /**
   * Moves what one connection to the source gives.
   *
   * @param start where in the blob the connection starts; what was received before is dropped.
   * @throws {SourceCutError} {@link SourceTooLongError} {@link StreamStalledError} {@link StreamTooSlowError} {@link TargetClosedError}
   */
  pump(body: Readable, start: number, sink: Writable, targetAnswered: Promise<unknown>): Promise<void> {
    let skip = this.received - start;
    return new Promise((resolve, reject) => {
      let moved = false;
      let waiting = false;
      let over = false;
      let endTimer: NodeJS.Timeout | undefined;
      const finish = (error?: Error): void => {
        if (over) return;
        over = true;
        clearInterval(watch);
        clearTimeout(endTimer);
        sink.removeListener("drain", onDrain);
        sink.removeListener("error", onSinkEnd);
        sink.removeListener("close", onSinkEnd);
        body.removeAllListeners("data");
        // A destroyed body may still emit.
        body.on("error", () => undefined);
        if (error || !body.readableEnded) body.destroy();
        if (error) reject(error);
        else resolve();
      };
      const onDrain = (): void => {
        if (!waiting) return;
        waiting = false;
        moved = true;
        body.resume();
      };
      const onSinkEnd = (): void => finish(new TargetClosedError("the target closed the upload"));
      let looks = 0;
      let passed = 0;
      const { stallTimeoutMs } = this.options;
      const least = (SLOWEST.silences * stallTimeoutMs * SLOWEST.bytesPerSecond) / 1000;
      const watch = setInterval(() => {
        if (!moved) return finish(new StreamStalledError(waiting ? "target" : "source"));
        moved = false;
        if (++looks % SLOWEST.silences !== 0) return;
        if (passed < least)
          finish(new StreamTooSlowError(`${passed} bytes moved in ${(SLOWEST.silences * stallTimeoutMs) / 1000} s`));
        passed = 0;
      }, stallTimeoutMs);
      watch.unref();
      // An answer before the end of the body is a refusal.
      targetAnswered.then(onSinkEnd, onSinkEnd);
      sink.on("drain", onDrain).on("error", onSinkEnd).on("close", onSinkEnd);
      body.on("data", (chunk: Buffer) => {
        moved = true;
        passed += chunk.length;
        if (skip >= chunk.length) {
          skip -= chunk.length;
          return;
        }
        const part = skip > 0 ? chunk.subarray(skip) : chunk;
        skip = 0;
        if (this.received + part.length > this.blob.size)
          return finish(new SourceTooLongError("the source sends more bytes than the blob has"));
        this.take(part, sink);
        if (this.isComplete) endTimer = setTimeout(finish, END_TIMEOUT_MS);
        if (sink.writableLength > MAX_WAITING_BYTES) {
          waiting = true;
          body.pause();
        }
      });
      body.on("end", () =>
        finish(this.isComplete ? undefined : new SourceCutError("the source ended before the blob was complete")),
      );
      const onCut = (): void =>
        finish(this.isComplete ? undefined : new SourceCutError("the connection to the source broke"));
      body.on("error", onCut).on("close", onCut);
      // It may have broken while the upload waited for its turn, when nobody listened.
      if (body.destroyed) onCut();
    });
  }

  private take(part: Buffer, sink: Writable): void {
    this.hash.update(part);
    this.received += part.length;
    this.options.onBytes(part.length);
    chunkPassed(part.length);
    if (this.options.holdBack && this.isComplete) {
      this.held = part.subarray(part.length - 1);
      if (part.length > 1) sink.write(part.subarray(0, part.length - 1));
    } else {
      sink.write(part);
    }
  }
}
