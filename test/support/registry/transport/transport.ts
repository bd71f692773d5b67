import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import type { Distortion } from "../faults";
import { bytesReply, type Reply } from "./reply";
import type { RecordedRequest } from "./requestLog";

/** A request's body, counted, with the byte flipped that a fault flips. */
export async function* receive(
  request: IncomingMessage,
  record: RecordedRequest,
  fault: Distortion | undefined,
): AsyncIterable<Buffer> {
  const flipped = fault?.kind === "flip" && fault.in === "request" ? fault.at : -1;
  const kept = fault?.kind === "keepPart" ? fault.bytes : Infinity;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    yield flip(chunk, flipped - record.received).subarray(0, Math.max(0, kept - record.received));
    record.received += chunk.length;
  }
}

/** Reads up to so many bytes of a body, and leaves the rest. */
export async function receiveSome(request: IncomingMessage, record: RecordedRequest, bytes: number): Promise<void> {
  if (bytes <= 0) return;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    record.received += chunk.length;
    if (record.received >= bytes) return;
  }
}

/** Sends a reply, or what a fault leaves of it. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  given: Reply,
  record: RecordedRequest,
  fault?: Distortion,
): Promise<void> {
  if (fault?.kind === "loseAnswer") return void request.socket.destroy();
  if (fault?.kind === "stall" && !fault.after) return;
  const reply = fault?.kind === "encode" ? await encodedReply(given, fault) : given;
  const { content } = reply;
  const length = content?.length ?? 0;
  record.status = reply.status;
  const own = fault?.kind === "headers" ? fault.headers : {};
  response.writeHead(reply.status, {
    "docker-distribution-api-version": "registry/2.0",
    ...Object.fromEntries(Object.entries({ ...reply.headers, ...own }).filter(([, value]) => value !== undefined)),
    // 204 has no body and so no length (RFC 9110, 8.6).
    ...(reply.status !== 204 && lengthHeaders(length, fault)),
  });
  if (!content || request.method === "HEAD") return void response.end();
  const body = count(content.open() as AsyncIterable<Buffer>, record);
  switch (fault?.kind) {
    case "cut":
      await write(response, head(body, fault.after));
      return void request.socket.destroy();
    case "stall":
      return write(response, head(body, fault.after ?? 0));
    case "truncate":
      await write(response, head(body, fault.after));
      return void response.end();
    case "wrongLength":
      await write(response, body);
      response.end();
      return void request.socket.end();
    case "flip":
      return pipeline(fault.in === "request" ? body : flipped(body, fault.at), response);
    case "slow":
      return pipeline(paced(body, fault.bytesPerSecond), response);
    case "encode":
    case "headers":
    case "keepPart":
    case "meanwhile":
    case undefined:
      return pipeline(body, response);
  }
}

/** A reply as a server or a proxy sends it that compresses whatever it was asked. */
async function encodedReply(
  reply: Reply,
  { coding, lies = false }: Extract<Distortion, { kind: "encode" }>,
): Promise<Reply> {
  const headers = { ...reply.headers, "content-encoding": coding };
  if (!reply.content || lies) return { ...reply, headers };
  const parts: Buffer[] = [];
  for await (const part of reply.content.open() as AsyncIterable<Buffer>) parts.push(part);
  let bytes: Buffer = Buffer.concat(parts);
  for (const one of coding.split(",")) bytes = (CODINGS[one.trim()] ?? ((same) => same))(bytes);
  return bytesReply(reply.status, bytes, headers);
}

const CODINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  "x-gzip": (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  "deflate-raw": (bytes) => deflateRawSync(bytes),
  // At its usual quality a megabyte takes seconds, in which the server answers nobody.
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
};

function lengthHeaders(length: number, fault: Distortion | undefined): Record<string, string> {
  if (fault?.kind === "encode" && fault.chunked) return {};
  if (fault?.kind === "wrongLength") return { "content-length": String(length + fault.by), connection: "close" };
  if (fault?.kind !== "truncate") return { "content-length": String(length) };
  return fault.contentLength ? { "content-length": String(Math.min(fault.after, length)) } : {};
}

/** Waits until the bytes are with the system, so that what follows them cannot overtake them. */
async function write(response: ServerResponse, body: AsyncIterable<Buffer>): Promise<void> {
  response.flushHeaders();
  for await (const chunk of body)
    await new Promise<void>((resolve, reject) => response.write(chunk, (error) => (error ? reject(error) : resolve())));
}

async function* count(body: AsyncIterable<Buffer>, record: RecordedRequest): AsyncIterable<Buffer> {
  for await (const chunk of body) {
    record.sent += chunk.length;
    yield chunk;
  }
}

async function* head(body: AsyncIterable<Buffer>, bytes: number): AsyncIterable<Buffer> {
  let left = bytes;
  for await (const chunk of body) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function* flipped(body: AsyncIterable<Buffer>, at: number): AsyncIterable<Buffer> {
  let offset = 0;
  for await (const chunk of body) {
    yield flip(chunk, at - offset);
    offset += chunk.length;
  }
}

/** The chunk with one byte changed, when that byte is in it; stored content is not touched. */
function flip(chunk: Buffer, at: number): Buffer {
  if (at < 0 || at >= chunk.length) return chunk;
  const copy = Buffer.from(chunk);
  copy.writeUInt8(copy.readUInt8(at) ^ 0xff, at);
  return copy;
}

async function* paced(body: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncIterable<Buffer> {
  const piece = Math.max(1, Math.floor(bytesPerSecond / 20));
  for await (const chunk of body)
    for (let start = 0; start < chunk.length; start += piece) {
      yield chunk.subarray(start, start + piece);
      await delay((1000 * Math.min(piece, chunk.length - start)) / bytesPerSecond);
    }
}
