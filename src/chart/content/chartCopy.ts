import { cp, mkdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { extract } from "tar";

/**
 * A copy of a chart on disk whose files can be changed.
 *
 * Packed sub-charts are unpacked when a file of theirs is changed: Helm takes a folder in `charts/` just as well.
 */
export class ChartCopy {
  /** The text that a changed file had, by its path in the copy. */
  readonly #originals = new Map<string, string>();

  private constructor(
    /** The copy's folder. */
    readonly folder: string,
  ) {}

  /** Copies a chart's folder to a place where there is nothing yet: nothing is ever deleted for a copy. */
  static async create(source: string, destination: string): Promise<ChartCopy> {
    await mkdir(dirname(destination), { recursive: true });
    await mkdir(destination);
    // Links are followed: the copy must not depend on what lies around the original.
    await cp(source, destination, { recursive: true, dereference: true });
    return new ChartCopy(destination);
  }

  /**
   * Gives the files these texts, by their location in the chart, and every other file its own text.
   *
   * @param files locations as `ChartFile.location` has them: archives stand in them as folders
   */
  async apply(files: ReadonlyMap<string, string>): Promise<void> {
    const wanted = new Map<string, string>();
    for (const [location, text] of files) wanted.set(await this.unpacked(location), text);
    for (const [path, text] of this.#originals) if (!wanted.has(path)) await writeFile(join(this.folder, path), text);
    for (const [path, text] of wanted) {
      const file = join(this.folder, path);
      if (!this.#originals.has(path)) this.#originals.set(path, await readFile(file, "utf8"));
      await writeFile(file, text);
    }
  }

  /** Unpacks the archives that a location goes through. */
  private async unpacked(location: string): Promise<string> {
    let path = location;
    for (;;) {
      const archive = /^(.*?[^/]+\.tgz)\/(.*)$/.exec(path);
      if (!archive) return path;
      const [, packed = "", inside = ""] = archive;
      const folder = posix.dirname(packed);
      const file = join(this.folder, packed);
      if (await stat(file).catch(() => undefined)) {
        await extract({ file, cwd: join(this.folder, folder), strict: true });
        await unlink(file);
      }
      path = posix.join(folder, inside);
    }
  }
}
