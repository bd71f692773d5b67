import { access, constants, cp, lstat, mkdir, readdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OutputRefusedError } from "./outputRefused";
import { isBelow, linkOnTheWay, realPlace } from "./place";
import { lstatIfThere } from "./presence";
import { TemporaryFolder } from "./temporaryFolder";
import { filesIn, formatWrittenFiles, parseWrittenFiles, type WrittenFiles } from "./writtenFiles";

/** How a folder is written. */
export interface OutputFolderOptions {
  /** The output in words, for errors: `copy of --chart-out`. */
  readonly what: string;
  /** Where in the folder the list of its files is kept, which makes it known as ours. */
  readonly list: string;
  /**
   * What becomes of files that somebody added or changed since a former run: `refuse` writes nothing; `keep` leaves the
   * added ones and replaces the changed ones; `drop` is for folders that are ours by their very name.
   */
  readonly others: "refuse" | "keep" | "drop";
  /** What to do where `others` are refused. */
  readonly othersRemedy?: string;
  /** What this run reads: the folder may neither be one of them, nor lie in one, nor hold one. */
  readonly inputs?: readonly string[];
  /** Whether it may lie in one of the inputs all the same: that one is read without it. Default: false. */
  readonly withinInputs?: boolean;
  /** Between this folder and the output no link is followed. Default: the folder that the output is in. */
  readonly below?: string;
  /** Whether a folder without a list, of these entries, was written by an earlier release of this package. */
  readonly unlisted?: (folder: string, entries: readonly string[]) => Promise<boolean>;
}

/** What lies where a folder is to be written. */
type Occupant =
  | { readonly kind: "nothing" | "empty" }
  | { readonly kind: "ours"; readonly added: readonly string[]; readonly current: WrittenFiles | undefined };

/**
 * A folder that is written as a whole: beside its place first, and then moved there, so that a run that fails leaves
 * what was there before. Only what a former run wrote is ever replaced.
 */
export class OutputFolder {
  private constructor(
    private readonly path: string,
    private readonly options: OutputFolderOptions,
  ) {}

  /**
   * Looks whether the folder may be written, and writes nothing.
   *
   * @throws {OutputRefusedError} and the file system's own errors
   */
  static async open(path: string, options: OutputFolderOptions): Promise<OutputFolder> {
    const folder = new OutputFolder(resolve(path), options);
    await folder.refuseInputs();
    await folder.refuseLinks();
    await folder.occupant();
    await folder.refuseUnwritable();
    return folder;
  }

  /**
   * Writes the folder.
   *
   * @param fill makes the folder of this path, which is not there yet, with all that is to be in it
   * @throws {OutputRefusedError} where something has come there since
   */
  async write(fill: (folder: string) => Promise<void>): Promise<void> {
    const { path, options } = this;
    await mkdir(dirname(path), { recursive: true });
    await this.refuseLinks();
    const beside = await TemporaryFolder.make(dirname(path));
    try {
      const fresh = join(beside.path, basename(path));
      await fill(fresh);
      const files = (await filesIn(fresh)) as WrittenFiles;
      const listed = new Map([...files].filter(([file]) => file !== options.list));
      await mkdir(dirname(join(fresh, options.list)), { recursive: true });
      await writeFile(join(fresh, options.list), formatWrittenFiles(listed));
      await this.place(fresh, listed, join(beside.path, "former"));
    } finally {
      await beside.remove();
    }
  }

  /** The folders above it are made where they are missing; into the last that is there, something has to go. */
  private async refuseUnwritable(): Promise<void> {
    let above = dirname(this.path);
    while (!(await lstatIfThere(above)) && dirname(above) !== above) above = dirname(above);
    await access(above, constants.W_OK | constants.X_OK);
  }

  private async place(fresh: string, files: WrittenFiles, aside: string): Promise<void> {
    const { path } = this;
    const occupant = await this.occupant();
    if (occupant.kind !== "ours") {
      // Not even now is anything lost: only an empty folder can be deleted so.
      if (occupant.kind === "empty") await rmdir(path);
      return rename(fresh, path);
    }
    if (occupant.current && sameFiles(occupant.current, files)) return;
    await rename(path, aside);
    try {
      await this.carryOver(aside, fresh);
      await rename(fresh, path);
    } catch (error) {
      await rename(aside, path);
      throw error;
    }
  }

  /** Takes along what others added, as it is now that nobody can add more. */
  private async carryOver(former: string, fresh: string): Promise<void> {
    const occupant = await this.occupant(former);
    if (this.options.others === "drop" || occupant.kind !== "ours") return;
    for (const file of occupant.added) {
      if (await lstatIfThere(join(fresh, file)))
        throw this.refusal(`${file} is there, which no former run wrote`, "Move it away");
      await cp(join(former, file), join(fresh, file), { recursive: true, verbatimSymlinks: true });
    }
  }

  /** @throws {OutputRefusedError} where it is not to be replaced, and the file system's own errors */
  private async occupant(path: string = this.path): Promise<Occupant> {
    const { list, others, othersRemedy, unlisted } = this.options;
    const info = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (!info) return { kind: "nothing" };
    if (!info.isDirectory()) throw this.refusal("it is no folder", ANOTHER);
    const entries = await readdir(path);
    if (entries.length === 0) return { kind: "empty" };
    const text = (await lstatIfThere(join(path, list)))?.isFile() ? await readFile(join(path, list), "utf8") : "";
    const written = parseWrittenFiles(text);
    if (!written) {
      if (await unlisted?.(path, entries)) return { kind: "ours", added: [], current: undefined };
      throw this.refusal("the folder is not empty, and no former run wrote it", ANOTHER);
    }
    const files = await filesIn(path);
    const mine = [...files].filter(([file]) => file !== list);
    const added = mine.flatMap(([file]) => (written.has(file) ? [] : [file]));
    const changed = mine.flatMap(([file, digest]) => (written.has(file) && written.get(file) !== digest ? [file] : []));
    if (others === "refuse" && added.length + changed.length > 0)
      throw this.refusal(
        `a former run wrote the folder, and since then ${[told("added", added), told("changed", changed)].filter(Boolean).join(" and ")}`,
        othersRemedy ?? ANOTHER,
      );
    const whole = added.length + changed.length === 0 && mine.length === written.size;
    return { kind: "ours", added, current: whole ? written : undefined };
  }

  private async refuseInputs(): Promise<void> {
    const { inputs = [], withinInputs = false } = this.options;
    const target = await realPlace(this.path);
    for (const input of inputs) {
      const read = await realPlace(input);
      if (target === read) throw this.refusal("it is what this run reads", ANOTHER);
      if (isBelow(read, target)) throw this.refusal(`it holds ${input}, which this run reads`, ANOTHER);
      if (!withinInputs && isBelow(target, read))
        throw this.refusal(`it lies in ${input}, which this run reads`, ANOTHER);
    }
    const working = await realPlace(process.cwd());
    if (target === working || isBelow(working, target))
      throw this.refusal("it holds the folder that this run works in", ANOTHER);
  }

  /** A link could have been put there by others, to have their target written to. */
  private async refuseLinks(): Promise<void> {
    const link = await linkOnTheWay(this.options.below ?? dirname(this.path), this.path);
    if (link !== undefined) throw this.refusal(link === this.path ? "it is a link" : `${link} is a link`, ANOTHER);
  }

  private refusal(reason: string, remedy: string): OutputRefusedError {
    return new OutputRefusedError(`${this.path} (${this.options.what})`, reason, remedy);
  }
}

const ANOTHER = "Name a folder that is not there yet or that is empty, or move away what is there";
const MOST_TOLD = 3;

function told(what: string, files: readonly string[]): string {
  if (files.length === 0) return "";
  const more = files.length > MOST_TOLD ? ` and ${files.length - MOST_TOLD} more` : "";
  return `${files.slice(0, MOST_TOLD).join(", ")}${more} ${files.length === 1 ? "was" : "were"} ${what}`;
}

function sameFiles(one: WrittenFiles, other: WrittenFiles): boolean {
  return one.size === other.size && [...one].every(([file, digest]) => other.get(file) === digest);
}
