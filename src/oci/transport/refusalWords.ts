import type { Readable } from "node:stream";
import type { AnswerPace } from "./answerPace";
import { UnknownEncodingError } from "./bodyDecoder";
import { decodedBody } from "./contentEncoding";
import { ERROR_BODY_BYTES, readBody, type HttpResponse } from "./http";

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
