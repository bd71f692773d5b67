import type { Readable } from "node:stream";
import type { AnswerPace } from "./answerPace";
import { decodedBody, UnknownEncodingError } from "./contentEncoding";
import { readBody, type HttpResponse } from "./http";

/** Where the words of a registry end that are worth reading. */
export const ERROR_BODY_BYTES = 64 * 1024;

/** The beginning of what a refusal says; what of it cannot be decoded is no failure of its own. */
export async function refusalWords(response: HttpResponse, pace: AnswerPace): Promise<Buffer> {
  let body: Readable = response;
  try {
    body = decodedBody(response);
    return await readBody(body, ERROR_BODY_BYTES, "leave", pace);
  } catch (error) {
    if (body === response && !(error instanceof UnknownEncodingError)) throw error;
    response.on("error", () => undefined).destroy();
    return Buffer.alloc(0);
  }
}
