import { readFileSync, writeFileSync } from "node:fs";
import { lstat, mkdir, readFile, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readChartArchive } from "./chartArchive";
import { readChartFolder } from "./chartFolder";
import { ChartBudget } from "./chartLimits";
import { writeChartFiles } from "./writeChartFiles";

/**
 * A copy of a chart on disk whose files can be changed: plain files alone, those that belong to the chart.
 *
 * Packed sub-charts are unpacked when a file of theirs is changed: Helm takes a folder in `charts/` just as well.
 */
export class ChartCopy {
  /** The text that a changed file had, by its path in the copy. */
  readonly #originals = new Map<string, string>();
  /** The folders in place of archives that were unpacked, by the archive's path in the copy. */
  readonly #unpacked = new Map<string, string>();

  private constructor(
    /** The copy's folder. */
    readonly folder: string,
    private readonly budget: ChartBudget,
  ) {}

  /**
   * Copies a chart's folder to a place where there is nothing yet: nothing is ever deleted for a copy.
   *
   * @throws {UnsafeLinkError} {ChartTooLargeError}
   */
  static async create(source: string, destination: string): Promise<ChartCopy> {
    // Links are followed: the copy must not depend on what lies around the original.
    const files = await readChartFolder(source, new ChartBudget(source));
    await mkdir(dirname(destination), { recursive: true });
    await mkdir(destination);
    writeChartFiles(destination, files);
    return new ChartCopy(destination, new ChartBudget(source));
  }

  /**
   * Gives the files these texts, by their location in the chart, and every other file its own text.
   *
   * @param files locations as `ChartFile.location` has them: archives stand in them as folders
   */
  async apply(files: ReadonlyMap<string, string>): Promise<void> {
    const wanted = new Map<string, string>();
    for (const [location, text] of files) wanted.set(await this.pathOf(location), text);
    // In one go, as writeChartFiles writes them.
    for (const [path, text] of this.#originals) if (!wanted.has(path)) writeFileSync(join(this.folder, path), text);
    for (const [path, text] of wanted) {
      const file = join(this.folder, path);
      if (!this.#originals.has(path)) this.#originals.set(path, readFileSync(file, "utf8"));
      writeFileSync(file, text);
    }
  }

  /** The path in the copy of a file's location: archives that it goes through are unpacked. */
  private async pathOf(location: string): Promise<string> {
    let path = "";
    let rest = location;
    for (;;) {
      const [, member = "", inside] = /^charts\/([^/]+)\/(.+)$/.exec(rest) ?? [];
      if (inside === undefined) return path + rest;
      if (member.endsWith(".tgz")) {
        path = `${await this.unpack(`${path}charts/${member}`)}/`;
        // The folder inside the archive.
        rest = inside.slice(inside.indexOf("/") + 1);
      } else {
        path += `charts/${member}/`;
        rest = inside;
      }
    }
  }

  /** Puts a new folder in the place of an archive. */
  private async unpack(archive: string): Promise<string> {
    const before = this.#unpacked.get(archive);
    if (before !== undefined) return before;
    const file = join(this.folder, archive);
    const files = await readChartArchive(await readFile(file), archive, this.budget);
    const folder = await this.freeName(dirname(archive), files[0]?.location.slice(archive.length + 1) ?? "", archive);
    await mkdir(join(this.folder, folder));
    writeChartFiles(join(this.folder, folder), files);
    await unlink(file);
    this.#unpacked.set(archive, folder);
    return folder;
  }

  /** The archive's own folder where Helm would take it for a chart and nothing is there; else a name like the archive's. */
  private async freeName(parent: string, inside: string, archive: string): Promise<string> {
    const [own = ""] = inside.split("/");
    const other = basename(archive, ".tgz");
    for (let i = 0; ; i++) {
      const name = i === 0 ? own : i === 1 ? other : `${other}-${i}`;
      if (/^[._]|\.tgz$/i.test(name) || name === "") continue;
      if (!(await lstat(join(this.folder, parent, name)).catch(() => undefined))) return `${parent}/${name}`;
    }
  }
}
