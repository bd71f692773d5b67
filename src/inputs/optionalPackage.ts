import { MirrorError } from "../error";
import { addressed } from "../machine/errorAddress";
import { quietLateRejections } from "./lateRejections";

/** A registry's kind needs a package that is not installed. `code` is `MISSING_PACKAGE`. */
export class MissingPackageError extends MirrorError {
  override readonly name = "MissingPackageError";
  constructor(what: string, packageName: string, options?: ErrorOptions) {
    super(
      "MISSING_PACKAGE",
      `${what} needs the package ${packageName}, which is not installed`,
      `Run: npm install ${packageName}`,
      options,
    );
    quietLateRejections(this);
  }
}

/**
 * Loads an optional peer dependency. The SDKs of clouds are large, so nothing but the component that needs one loads it.
 *
 * @param what who needs it, for the error
 * @param load requires modules of the package
 * @throws {MissingPackageError} when the package is not installed
 */
export function optionalPackage<T>(what: string, packageName: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A package that is there and lacks a dependency of its own is another problem, with its own message.
    if (code === "MODULE_NOT_FOUND" && message.split("\n", 1)[0]?.includes(`'${packageName}`))
      throw addressed(new MissingPackageError(what, packageName, { cause: error }));
    throw error;
  }
}
