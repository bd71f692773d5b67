import type { Readable } from "node:stream";
import type { HttpResponse } from "./http";

/** Loaded with the first answer that is encoded. */
const bodyDecoder = () => require("./bodyDecoder") as typeof import("./bodyDecoder");

/**
 * The body of an answer without its `Content-Encoding`: a server may compress although it was asked not to
 * ({@link https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3}; {@link https://github.com/quay/quay/issues/1310}). What is
 * read of it is bounded by its readers, who see the decoded bytes alone.
 *
 * @param size bytes that the content has, where they are known: a body of just this length is not encoded, whatever is
 * said of it. Stores give layers, which are compressed themselves, such labels.
 * @throws {UnknownEncodingError}
 */
export function decodedBody(response: HttpResponse, size?: number): Readable {
  const codings = contentCodings(response, size);
  return codings.length === 0 ? response : bodyDecoder().decoded(response, codings);
}

/** How a body is encoded, in the order in which that was done; none where it is as it should be. */
export function contentCodings(response: HttpResponse, size?: number): string[] {
  const length = response.headers["content-length"];
  // To a HEAD and without a body there is nothing to decode.
  if (hasNoBody(response) || length === "0") return [];
  if (size !== undefined && length !== undefined && Number(length) === size) return [];
  return (response.headers["content-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && !NO_CODING.test(coding));
}

/**
 * What stands in place of a coding and is none: charsets, transfer encodings, media types; aws-chunked is what clients of S3
 * leave behind. Whether the content is whole is for its digest to say, or for who reads it.
 */
const NO_CODING =
  /^(?:identity|none|null|raw|plain|binary|[78]bit|(?:aws-)?chunked|(?:charset=)?"?(?:utf-?\d+|(?:us-)?ascii|latin-?1|iso-8859-\d+|windows-125\d)"?|[\w.+-]+\/.*)$/;

/** The request of an answer, which its type leaves out. */
type Answer = HttpResponse & { readonly req?: { readonly method: string } };

const hasNoBody = ({ req, statusCode }: Answer): boolean =>
  req?.method === "HEAD" || statusCode === 204 || statusCode === 304;
