import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { MirrorError } from "../../error";
import { OWN_FOLDER } from "../../files/ownFolder";
import { unsafeName } from "../../files/pathSegment";
import { isInGitFolder } from "./gitFolder";
import type { RawFile } from "./chartArchive";
import type { ChartBudget } from "./chartLimits";
import { parseHelmIgnore, type IgnoreRules } from "./helmIgnore";

/** A link in a chart's folder that is not followed. `code` is `UNSAFE_LINK`. */
export class UnsafeLinkError extends MirrorError {
  override readonly name = "UnsafeLinkError";
  constructor(
    readonly chart: string,
    /** Inside the chart. */
    readonly link: string,
    problem: string,
  ) {
    super(
      "UNSAFE_LINK",
      `reading chart ${chart} failed: its link ${JSON.stringify(link)} ${problem}`,
      "Where the link is meant, put a copy in its place, or pack the chart with helm package and name the archive",
    );
  }
}

/** A chart's folder holds something that is neither file nor folder, such as a device or a pipe. `code` is `NOT_A_CHART`. */
export function noPlainFile(chart: string, path: string): MirrorError {
  return new MirrorError(
    "NOT_A_CHART",
    `reading chart ${chart} failed: its ${JSON.stringify(path)} is no plain file`,
    "Take it out of the chart's folder, or name it in the chart's .helmignore",
  );
}

/**
 * The files of a chart's folder that belong to the chart: what its `.helmignore` names does not.
 *
 * Links are followed, as Helm does, where they lead to a place inside the chart's folder, or inside the git work tree that
 * it lies in (charts of one repository share files so), but never into `.git`. Any other link is an error: the folder may be a
 * stranger's, and what a link brings in is rendered, and pushed to a registry. One that leads nowhere is nothing to read.
 *
 * What git keeps for itself is no part of a chart ({@link isInGitFolder}), nor what this package writes beside programs.
 *
 * @throws {MirrorError} `UNSAFE_NAME`, `NOT_A_CHART`, {UnsafeLinkError} {ChartTooLargeError}
 */
export async function readChartFolder(folder: string, budget: ChartBudget): Promise<RawFile[]> {
  return new FolderReader(await realpath(folder), budget).read();
}

interface Resolved {
  /** Without links. */
  readonly real: string;
  readonly info: Stats;
}

/**
 * Reads a folder without Node.js' thread pool, by way of which a chart's many small files take many times as long: only
 * links are rare.
 */
class FolderReader {
  readonly #files: RawFile[] = [];
  #boundary: string | undefined;

  constructor(
    private readonly root: string,
    private readonly budget: ChartBudget,
  ) {}

  async read(): Promise<RawFile[]> {
    await this.walk(this.root, "", new Set([this.root]), await this.ignoreRules());
    return this.#files;
  }

  private async ignoreRules(): Promise<IgnoreRules> {
    const file = await this.resolve(this.root, ".helmignore", ".helmignore");
    if (file) this.budget.allow("ignoreFile", file.info.size);
    const text = file?.info.isFile() ? this.content(file, ".helmignore").toString("utf8") : "";
    return parseHelmIgnore(text, (compared) => this.budget.take("ignoring", compared));
  }

  /** @param above the real folders that this one lies in, and itself: one that comes again never ends */
  private async walk(real: string, inside: string, above: ReadonlySet<string>, ignored: IgnoreRules): Promise<void> {
    for (const name of this.namesIn(real)) {
      // Copies of this very chart, where a program that deploys it lies in it.
      if (name === OWN_FOLDER) continue;
      this.budget.take("entries");
      const path = inside ? `${inside}/${name}` : name;
      const isIgnored = (info: Stats): boolean => ignored(path, info.isDirectory());
      const place = await this.resolve(real, name, path, isIgnored);
      if (!place || isIgnored(place.info)) continue;
      if (place.info.isDirectory()) {
        if (above.has(place.real))
          throw new UnsafeLinkError(this.budget.chart, path, "leads to a folder that it lies in");
        await this.walk(place.real, path, new Set([...above, place.real]), ignored);
      } else if (place.info.isFile()) {
        // Its links were looked at all the same: Helm would follow them.
        if (isInGitFolder(path)) continue;
        const data = this.content(place, path);
        this.budget.take("unpacked", data.length);
        this.#files.push({ path, location: path, data });
      } else throw noPlainFile(this.budget.chart, path);
    }
  }

  /**
   * Names in an order that is the same everywhere. One that is no text could not be opened by it, and Helm would open it.
   *
   * @throws {MirrorError} `UNSAFE_NAME`
   */
  private namesIn(folder: string): string[] {
    const names = readdirSync(folder, { encoding: "buffer" });
    return names
      .map((bytes) => {
        const name = bytes.toString("utf8");
        if (Buffer.from(name).equals(bytes)) return name;
        throw unsafeName(name, `a file of the chart ${this.budget.chart}`, "it is no UTF-8");
      })
      .sort();
  }

  private content({ real, info }: Resolved, path: string): Buffer {
    this.budget.allow("file", info.size, path);
    return readFileSync(real);
  }

  /** Where a name leads to; undefined when nowhere, or when it is a link that is ignored. */
  private async resolve(
    folder: string,
    name: string,
    path: string,
    ignored: (info: Stats) => boolean = () => false,
  ): Promise<Resolved | undefined> {
    const plain = join(folder, name);
    const info = linkAt(plain);
    if (!info?.isSymbolicLink()) return info && { real: plain, info };
    let real: string;
    try {
      real = await realpath(plain);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOOP") return undefined;
      if (ignored(info)) return undefined;
      throw new UnsafeLinkError(this.budget.chart, path, "leads to itself");
    }
    const target = await stat(real).catch(() => undefined);
    // Before it is refused: the chart does not have it.
    if (!target || ignored(target)) return undefined;
    if (!this.isInside(real)) throw new UnsafeLinkError(this.budget.chart, path, "leads out of the chart");
    return { real, info: target };
  }

  private isInside(real: string): boolean {
    const boundary = (this.#boundary ??= workTreeOf(this.root));
    const segments = relative(boundary, real).split(sep);
    // On Windows a path on another drive stays absolute.
    if (segments[0] === ".." || join(boundary, ...segments) !== real) return false;
    return !segments.some((segment) => segment.toLowerCase() === ".git");
  }
}

/** What is at a path, links not followed; undefined where nothing is that can be told. */
function linkAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The git work tree that a folder lies in; the folder itself when it lies in none. */
function workTreeOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (linkAt(join(at, ".git"))) return at;
    if (dirname(at) === at) return folder;
  }
}
