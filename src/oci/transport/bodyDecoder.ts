import { PassThrough, pipeline, Transform, type Duplex, type Readable, type TransformCallback } from "node:stream";
import * as zlib from "node:zlib";
import type { HttpResponse } from "./http";

/** An answer is encoded in a way that cannot be undone here. */
export class UnknownEncodingError extends Error {
  override readonly name = "UnknownEncodingError";
}

/** Nobody applies more than one; each costs memory. */
const MAX_CODINGS = 3;

/**
 * The body of an answer without these codings, which were put on it in this order.
 *
 * @throws {UnknownEncodingError}
 */
export function decoded(response: HttpResponse, codings: readonly string[]): Readable {
  if (codings.length > MAX_CODINGS) throw unknown(codings.join(", "));
  const decoders = [...codings].reverse().map((coding) => decoder(coding));
  // An error on the way, and the end of the reader, end all of them.
  return pipeline([response, ...decoders], () => undefined) as unknown as Readable;
}

/** Node.js knows zstd since 22.15. */
const codecs = zlib as typeof zlib & {
  readonly createZstdDecompress?: (options: { params: Readonly<Record<number, number>> }) => Duplex;
};

/** ZSTD_d_windowLogMax: 8 MiB, which no server may exceed ({@link https://www.rfc-editor.org/rfc/rfc9659}); the default is 128. */
const ZSTD_WINDOW = { 100: 23 };

/** What begins otherwise is said to be encoded and is not: stores keep such labels of what was uploaded to them. */
const GZIP_START = 0x1f;
const ZSTD_START = 0x28;

function decoder(coding: string): Duplex {
  const { createZstdDecompress } = codecs;
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return new BodyDecoder((first) => (first === GZIP_START ? codecs.createGunzip() : new PassThrough()));
    case "deflate":
      // With the header of zlib, as the standard says, or none, as some servers send it.
      return new BodyDecoder((first) => ((first & 0x0f) === 8 ? codecs.createInflate() : codecs.createInflateRaw()));
    case "br":
      return new BodyDecoder(() => codecs.createBrotliDecompress());
    case "zstd":
      if (createZstdDecompress)
        return new BodyDecoder((first) =>
          first === ZSTD_START ? createZstdDecompress({ params: ZSTD_WINDOW }) : new PassThrough(),
        );
  }
  throw unknown(coding);
}

function unknown(coding: string): UnknownEncodingError {
  return new UnknownEncodingError(
    `its answer is encoded as ${JSON.stringify(coding.slice(0, 40))}, which is not understood here`,
  );
}

/** Begins with the first byte: a body of none, as of many a 201 that is said to be encoded, is no content in any coding. */
class BodyDecoder extends Transform {
  private inner: Duplex | undefined;

  constructor(private readonly begin: (first: number) => Duplex) {
    super();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (chunk.length === 0) return done();
    this.inner ??= this.begun(chunk);
    this.inner.write(chunk, done);
  }

  override _flush(done: TransformCallback): void {
    if (!this.inner) return done();
    this.inner.once("end", () => done()).end();
    this.inner.resume();
  }

  override _read(size: number): void {
    this.inner?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.inner?.destroy();
    done(error);
  }

  private begun([first = 0]: Buffer): Duplex {
    const inner = this.begin(first);
    inner.on("data", (part: Buffer) => this.push(part) || inner.pause());
    inner.on("error", (error) => this.destroy(error));
    return inner;
  }
}
