import { jsonReply, type Reply } from "../transport/reply";

/** Error codes of the specification, and of Docker's API before it, with the status that distribution gives them. */
const STATUSES = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  RANGE_INVALID: 416,
  SIZE_INVALID: 413,
  TAG_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  UNKNOWN: 500,
} as const;

/** A code of {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}. */
export type ErrorCode = keyof typeof STATUSES;

/** A refusal, which the client sees as the specification's error document. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number;
  private readonly headers: Record<string, string>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { status = STATUSES[code], headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  toReply(): Reply {
    return jsonReply(this.status, { errors: [{ code: this.code, message: this.message, detail: null }] }, this.headers);
  }
}
