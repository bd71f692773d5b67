import type { Readable } from "node:stream";

/** The body of a reply, opened only when it is sent: HEAD needs nothing but the length. */
export interface ReplyContent {
  readonly length: number;
  open(): Readable | Iterable<Buffer>;
}

/** An answer, before faults and transport. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: ReplyContent;
}

/** A reply without body. */
export function emptyReply(status: number, headers: Record<string, string> = {}): Reply {
  return { status, headers };
}

/** A reply of bytes at hand. */
export function bytesReply(status: number, bytes: Buffer, headers: Record<string, string> = {}): Reply {
  return { status, headers, content: { length: bytes.length, open: () => [bytes] } };
}

/** A reply of JSON. */
export function jsonReply(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return bytesReply(status, Buffer.from(JSON.stringify(body)), { "content-type": "application/json", ...headers });
}
