import { withoutSuffix } from "../../image/reference";
import type { ChartFile } from "../content/chart";
import type { RequiredReplacement } from "../find/requiredReplacements";
import { mayBeginReference } from "../find/imageTokens";
import type { Candidate } from "./markers";

/**
 * Literals in templates and files of the chart that may decide a reference: its host, or its path where it has none.
 *
 * Values are no literals: what stands in them has been tried as a value, and text of values shows up in other places, too.
 */
export function literalCandidates(files: readonly ChartFile[], wanted: readonly RequiredReplacement[]): Candidate[] {
  const hosts = new Map<string, Set<string>>();
  const paths = new Set<string>();
  for (const { source, name } of wanted) {
    if (!source.hasHost) {
      paths.add(source.path);
      continue;
    }
    const host = name.slice(0, name.indexOf("/"));
    const known = hosts.get(host);
    if (known) known.add(source.path);
    else hosts.set(host, new Set([source.path]));
  }
  return files
    .filter(canHoldLiterals)
    .flatMap((file) => [
      ...[...hosts].flatMap(([host, known]) => hostLiterals(file, host, known)),
      ...[...paths].flatMap((path) => pathLiterals(file, path)),
    ]);
}

/** Literals that may be what stands behind a host that is right already. */
export function literalRestCandidates(
  files: readonly ChartFile[],
  wanted: readonly RequiredReplacement[],
): Candidate[] {
  const paths = new Set(wanted.flatMap(({ source }) => (source.path === "" ? [] : [source.path])));
  return files.filter(canHoldLiterals).flatMap((file) => [...paths].flatMap((path) => restLiterals(file, path)));
}

/** Whether a file of a chart can bring a literal into what is installed: a template, a file that templates read, a CRD. */
export function canHoldLiterals({ path }: ChartFile): boolean {
  if (path.startsWith("templates/")) return !path.endsWith("NOTES.txt");
  return !/^(charts|ci)\/|(^|\/)(values[^/]*\.ya?ml|Chart\.(yaml|lock)|requirements\.(yaml|lock)|values\.schema\.json)$|\.md$/.test(
    path,
  );
}

function hostLiterals(file: ChartFile, host: string, paths: ReadonlySet<string>): Candidate[] {
  return occurrences(file, host).flatMap((start) => {
    const after = file.text.slice(start + host.length, start + host.length + 256);
    const path = /^\/([^\s"'`,;|<>()\\}]*)/.exec(after)?.[1];
    if (path === undefined) return /^[\w/-]/.test(after) ? [] : [literal(file, start, host.length, "host")];
    const name = withoutSuffix(path);
    const known =
      /[{%]/.test(path) ||
      // Most are whole, which takes no look at each of thousands.
      paths.has(name) ||
      [...paths].some((one) => one.startsWith(name) || name.startsWith(one));
    return known ? [literal(file, start, host.length, "host")] : [];
  });
}

function pathLiterals(file: ChartFile, path: string): Candidate[] {
  return occurrences(file, path).flatMap((start) => {
    const next = file.text[start + path.length] ?? "";
    if (/[\w/.-]/.test(next)) return [];
    const quote = file.text[start - 1] ?? "";
    const isString = /["'`]/.test(quote) && quote === next;
    const line = lineAt(file.text, start);
    // A bare word means an image only where the line says so.
    const named =
      path.includes("/") ||
      isString ||
      /image|repo|registry/i.test(line) ||
      /^:[\w{]/.test(file.text.slice(start + path.length));
    return named ? [literal(file, start, 0, "prefix")] : [];
  });
}

/** Where a path stands behind what makes its host: `{{ .Values.registry }}/team/app`. */
function restLiterals({ location, text }: ChartFile, path: string): Candidate[] {
  return [...text.matchAll(/\}\}\//g)].flatMap(({ index }) => {
    const start = index + "}}/".length;
    if (!text.startsWith(path, start) || /[\w/.-]/.test(text[start + path.length] ?? "")) return [];
    return [{ location: { kind: "file", file: location, text }, start, end: start, form: "prefix" }];
  });
}

/** Where a text stands by itself, comments left out. */
function occurrences({ text }: ChartFile, wanted: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    if (!mayBeginReference(text, at)) continue;
    if (/^\s*#/.test(lineAt(text, at))) continue;
    found.push(at);
  }
  return found;
}

/** Characters of a line that are read on either side of a place: a line of megabytes may hold a reference a thousand times. */
const MARGIN = 500;

function lineAt(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - MARGIN), at);
  const after = text.slice(at, at + MARGIN);
  return before.slice(before.lastIndexOf("\n") + 1) + (after.split("\n", 1)[0] as string);
}

function literal(file: ChartFile, start: number, length: number, form: "host" | "prefix"): Candidate {
  return { location: { kind: "file", file: file.location, text: file.text }, start, end: start + length, form };
}
