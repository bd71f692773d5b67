import type { IncomingHttpHeaders } from "node:http";
import type { Access } from "../access/access";

/** A request as endpoints see it: login and transport are dealt with. */
export interface RegistryRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  /** What whoever asks may do. */
  readonly access: readonly Access[];
}

/** The bytes of a body that must not be larger than `limit`; undefined when it is. */
export async function readBody(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}
