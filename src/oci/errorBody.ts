import type { HttpResponse } from "./http";

/** Where the words of a registry end that are worth reading. */
export const ERROR_BODY_BYTES = 64 * 1024;

/**
 * Reads the beginning of an answer that is no success: proxies send whole web pages with a 503, and the status says all
 * that a retry has to know.
 */
export async function readErrorBody(response: HttpResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size > ERROR_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, ERROR_BODY_BYTES);
}
