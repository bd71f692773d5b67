import { MirrorError } from "../../error";
import { isMap, type JsonObject } from "../../json";

/** Bytes that Kubernetes takes of all annotations of an object, keys and values. */
const MOST_BYTES = 256 * 1024;

/** More would be contributed to an object than its annotations hold. `code` is `ANNOTATIONS_TOO_LARGE`. */
export function annotationsTooLarge(what: string, bytes: number): MirrorError {
  return new MirrorError(
    "ANNOTATIONS_TOO_LARGE",
    `Contributing to ${what} failed: its annotations would be ${bytes} bytes, of which Kubernetes takes ${MOST_BYTES}`,
    "Contribute less to it; of MirrorAdmission: upstreams in place of images, a * in place of many exceptions, or AdmissionMode.Deny or Warn, which keep no images",
  );
}

/**
 * Sees to it that an object can be written with its annotations, among them the ledger of contributions.
 *
 * @param what the object in words
 * @throws {MirrorError} `ANNOTATIONS_TOO_LARGE`
 */
export function checkAnnotations(what: string, { metadata }: JsonObject): void {
  const annotations = isMap(metadata) && isMap(metadata.annotations) ? metadata.annotations : {};
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0),
    0,
  );
  if (bytes > MOST_BYTES) throw annotationsTooLarge(what, bytes);
}
