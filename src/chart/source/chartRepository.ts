import type { SemVer } from "semver";
import { MAX_JSON_NODES, parseJson, type Json, type JsonObject } from "../../json";
import { ownValue } from "../../ownKeys";
import { namesLike } from "./namesLike";
import { ChartNotFoundError, ChartVersionNotFoundError } from "./sourceErrors";
import { parseHelmYaml } from "../content/helmYaml";
import { isMap } from "../content/valuePaths";
import { inVersionRange, parseVersion } from "../content/versionRange";
import { YamlBudget } from "../content/yamlBudget";

/** Bytes of a repository's index; the largest known have 50 MB. */
export const MAX_INDEX = 64 * 1024 * 1024;

/** Maps, lists and scalars of a repository's index; as {@link parseJson} has it for one that is JSON. */
const MAX_INDEX_NODES = MAX_JSON_NODES;

/** One version of a chart in a repository's index. */
export interface IndexEntry {
  readonly version: string;
  /** Absolute, or relative to the repository's URL. */
  readonly urls: readonly string[];
}

/** A repository's `index.yaml` ({@link https://helm.sh/docs/topics/chart_repository/#the-index-file}): versions by chart. */
export type RepositoryIndex = ReadonlyMap<string, readonly IndexEntry[]>;

/** Reads an `index.yaml`; some repositories serve it as JSON. @throws {Error} when it is none, or beyond the limits */
export function parseRepositoryIndex(text: string): RepositoryIndex {
  if (text.length > MAX_INDEX) throw new Error(`it is larger than ${MAX_INDEX} bytes`);
  const content = /^\s*\{/.test(text)
    ? (parseJson(text) as Json)
    : parseHelmYaml(text, new YamlBudget(MAX_INDEX_NODES));
  const entries = isMap(content) ? content.entries : undefined;
  if (!isMap(entries)) throw new Error("it is no index of charts");
  const index = new Map<string, readonly IndexEntry[]>();
  // By keys: pairs of a million names take more memory than the names.
  for (const name of Object.keys(entries)) {
    const versions = ownValue(entries, name);
    index.set(name, Array.isArray(versions) ? versions.filter(isMap).map(entryFrom) : NO_VERSIONS);
  }
  return index;
}

const NO_VERSIONS: readonly IndexEntry[] = [];

function entryFrom({ version, urls }: JsonObject): IndexEntry {
  return {
    version: typeof version === "string" ? version : typeof version === "number" ? String(version) : "",
    urls: Array.isArray(urls) ? urls.filter((url) => typeof url === "string") : [],
  };
}

/**
 * Chooses as Helm does: the very version where it is there as written, else the newest that lies in the range; without
 * one the newest release, with `devel` pre-releases too.
 *
 * @param where for errors: the repository
 * @throws {ChartNotFoundError} {ChartVersionNotFoundError}
 */
export function findInIndex(
  index: RepositoryIndex,
  name: string,
  version: string | undefined,
  where: string,
  devel = false,
): IndexEntry {
  const entries = index.get(name);
  if (!entries) throw new ChartNotFoundError(name, `${where} has no such chart`, namesLike(name, [...index.keys()]));
  const found = chooseVersion(
    entries.map((entry) => entry.version),
    version,
    devel,
  );
  if (found === undefined)
    throw new ChartVersionNotFoundError(
      name,
      version ?? "",
      where,
      newestOf(
        entries.map((e) => e.version),
        5,
      ),
    );
  return entries.find((entry) => entry.version === found) as IndexEntry;
}

/** The version that a range, or no range, means among those that there are. */
export function chooseVersion(
  versions: readonly string[],
  range: string | undefined,
  devel = false,
): string | undefined {
  if (range !== undefined && versions.includes(range)) return range;
  const wanted = range || (devel ? ">0.0.0-0" : "*");
  return newestOf(versions, 1, (version) => inVersionRange(version, wanted))[0];
}

/** The newest of the versions that fit, of equal ones the first. No more are kept: there may be hundreds of thousands. */
export function newestOf(
  versions: readonly string[],
  count: number,
  fits: (text: string) => boolean = () => true,
): string[] {
  const newest: { readonly text: string; readonly version: SemVer }[] = [];
  for (const text of versions) {
    const version = parseVersion(text);
    if (!version) continue;
    const behind = newest.findIndex((other) => other.version.compare(version) < 0);
    const place = behind < 0 ? newest.length : behind;
    if (place >= count || !fits(text)) continue;
    newest.splice(place, 0, { text, version });
    newest.length = Math.min(newest.length, count);
  }
  return newest.map(({ text }) => text);
}
