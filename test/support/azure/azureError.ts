/** Resource Manager refused a call. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  constructor(
    readonly status: number,
    /** `ResourceNotFound` and such. */
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
