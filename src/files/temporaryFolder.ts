import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { FileAccessError, fileRefusal, TEMPORARY } from "./fileError";

/** Folders that are to go with this process at the latest; undefined before the first. */
let kept: Set<TemporaryFolder> | undefined;

/**
 * A folder that this process has just made and that no other user can look into. It is the only thing that this package
 * ever deletes with all that is in it (a lint rule sees to that): no name that somebody else chose can become its path.
 */
export class TemporaryFolder {
  private constructor(readonly path: string) {
    kept ??= keptUntilExit();
    kept.add(this);
  }

  /**
   * Makes one. What is not removed before goes when the process ends of its own.
   *
   * @param parent default: where the system keeps temporary files
   * @throws {FileAccessError}
   */
  static async make(parent: string = tmpdir()): Promise<TemporaryFolder> {
    try {
      return new TemporaryFolder(await mkdtemp(prefixIn(parent)));
    } catch (error) {
      throw refused(error, parent);
    }
  }

  /** Like {@link make}, at once. */
  static makeNow(parent: string = tmpdir()): TemporaryFolder {
    try {
      return new TemporaryFolder(mkdtempSync(prefixIn(parent)));
    } catch (error) {
      throw refused(error, parent);
    }
  }

  /** Deletes it. What cannot be deleted now is tried again when the process ends, and is no reason for work to fail. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 2 }).then(
      () => kept?.delete(this),
      () => undefined,
    );
  }

  /** Like {@link remove}, at once. */
  removeNow(): void {
    try {
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // Nothing is left that could be told of it.
    }
  }
}

function keptUntilExit(): Set<TemporaryFolder> {
  const folders = new Set<TemporaryFolder>();
  process.once("exit", () => folders.forEach((folder) => folder.removeNow()));
  return folders;
}

const prefixIn = (parent: string): string => join(resolve(parent), TEMPORARY);

function refused(error: unknown, parent: string): unknown {
  const refusal = fileRefusal(error);
  if (!refusal) return error;
  const remedy =
    parent === tmpdir()
      ? "Set TMPDIR to a folder that is there and that this user may write to"
      : "Choose a folder that this user may write to";
  return new FileAccessError(`making a temporary folder in ${parent}`, refusal, remedy, { cause: error });
}
