import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { MirrorError } from "../../error";
import { entryNameProblem, EntryPlaces } from "../../files/archiveEntryName";
import type { ChartBudget } from "./chartLimits";
import { isInGitFolder } from "./gitFolder";

/** One file of a chart as it lies in a folder or archive. */
export interface RawFile {
  /** Inside the chart, with forward slashes. */
  readonly path: string;
  /** As {@link ChartFile.location}. */
  readonly location: string;
  readonly data: Buffer;
}

/** An archive with an entry that no honest tool writes. `code` is `UNSAFE_ARCHIVE`. */
export class UnsafeArchiveError extends MirrorError {
  override readonly name = "UnsafeArchiveError";
  constructor(
    readonly chart: string,
    /** The entry's name in the archive. */
    readonly entry: string,
    problem: string,
    /** Where the archive lies inside the chart; empty for the chart's own. */
    archive: string,
  ) {
    const shown = entry.length > 200 ? `${entry.slice(0, 200)}…` : entry;
    super(
      "UNSAFE_ARCHIVE",
      `reading chart ${chart} failed: the entry ${JSON.stringify(shown)} of its archive${archive && ` ${archive}`} ${problem}`,
      "Pack the chart again with helm package; do not use an archive of somebody whom you do not trust",
    );
  }
}

/**
 * The plain files of a chart's archive (`.tgz`), without the one folder that holds them all. All that unpacks charts goes
 * through here: what it gives may be written below a new folder as it is.
 *
 * Links and devices are left out; Helm, too, takes no content of them. Sizes are counted while it is unpacked.
 *
 * @param location name of the archive inside the root chart; the files' locations begin with it
 * @param budget of the chart that the archive belongs to
 * @throws {UnsafeArchiveError} {ChartTooLargeError}
 * @throws {Error} when it is no gzipped tar archive
 */
export async function readChartArchive(archive: Buffer, location: string, budget: ChartBudget): Promise<RawFile[]> {
  budget.allow("unpacked", archive.length);
  const entries = new ArchiveEntries(location, budget);
  const gunzip = createGunzip();
  gunzip.end(archive);
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    budget.take("unpacked", chunk.length);
    entries.write(chunk);
  }
  return entries.end();
}

/** What the parser may not see at the beginning: it would unpack a second time, and nobody counts that. */
const COMPRESSED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

class ArchiveEntries {
  readonly #files: RawFile[] = [];
  readonly #places = new EntryPlaces();
  readonly #parser: Parser;
  #begun = Buffer.alloc(0);
  #failure: Error | undefined;

  constructor(
    private readonly location: string,
    private readonly budget: ChartBudget,
  ) {
    this.#parser = new Parser({
      strict: true,
      maxDecompressionRatio: Infinity,
      onReadEntry: (entry) => this.guarded(() => this.read(entry)),
    });
    this.#parser.on("ignoredEntry", (entry: ReadEntry) =>
      this.guarded(() => this.refuse(entry.path, "is of a type that charts do not have, or has too long a header")),
    );
    this.#parser.on("error", (error: Error) => (this.#failure ??= error));
  }

  write(chunk: Buffer): void {
    let next = chunk;
    // The parser looks at the first chunk alone.
    if (this.#begun.length < 4) {
      next = this.#begun = Buffer.concat([this.#begun, chunk]);
      if (next.length < 4) return;
      if (COMPRESSED.some((magic) => next.subarray(0, magic.length).equals(magic)))
        throw new Error("it is compressed more than once");
    }
    this.#parser.write(next);
    this.throwFailure();
  }

  end(): RawFile[] {
    this.#parser.end();
    this.throwFailure();
    return this.#files;
  }

  private throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** An error that the parser's caller is to see: those thrown in its listeners may be lost. */
  private guarded(work: () => void): void {
    try {
      if (this.#failure === undefined) work();
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  private read(entry: ReadEntry): void {
    const isFolder = entry.type === "Directory" || entry.type === "GNUDumpDir";
    // A folder is known by its slash, too, as with Helm.
    const name = entry.path.replace(/\/$/, "");
    this.budget.take("entries");
    const problem = entryNameProblem(name);
    if (problem !== undefined) this.refuse(entry.path, problem);
    const slash = name.indexOf("/");
    const isFile = entry.type === "File" || entry.type === "OldFile" || entry.type === "ContiguousFile";
    // What lies beside the chart's folder is no part of the chart, nor is what git keeps for itself.
    if (slash < 0 || (!isFile && !isFolder) || isInGitFolder(name)) {
      entry.resume();
      return;
    }
    const path = name.slice(slash + 1);
    const taken = this.#places.take(path, isFolder);
    if (taken !== undefined) this.refuse(entry.path, taken);
    if (isFolder) {
      entry.resume();
      return;
    }
    this.budget.allow("file", entry.size, path);
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    entry.on("end", () =>
      this.#files.push({ path, location: `${this.location}/${name}`, data: Buffer.concat(chunks) }),
    );
  }

  private refuse(entry: string, problem: string): never {
    throw new UnsafeArchiveError(this.budget.chart, entry, problem, this.location);
  }
}
