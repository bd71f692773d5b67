import { RegistryError } from "../errors/errors";

/**
 * An OCI image layout that is none, that was cut or edited, or that nobody should take. `code` is `INVALID_LAYOUT`. Its
 * message names the member of the archive, or the file of the folder.
 */
export class InvalidLayoutError extends RegistryError {
  override readonly name = "InvalidLayoutError";
  constructor(
    /** The archive or folder, as its user named it. */
    readonly layout: string,
    reason: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super(
      "INVALID_LAYOUT",
      `Reading the OCI image layout ${layout} failed: ${reason}`,
      options.remedy ?? "Bring it over again; do not use a layout of somebody whom you do not trust",
      { cause: options.cause },
    );
  }
}

/** What a member of an archive, or a file of a folder, is called in the errors. */
export const member = (name: string): string => JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
