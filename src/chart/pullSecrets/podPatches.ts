import type { JsonPath } from "../../json";
import type { Chart, ChartFile } from "../content/chart";
import { canHoldLiterals } from "../solve/literalCandidates";
import type { Manifest } from "../render/kubernetesManifest";
import { findMarkers, type Trial } from "../solve/markers";
import { chartFilesOf } from "../content/patch";
import { matchPods, pullSecretNames, type Pod } from "../find/pods";
import { untilSpent } from "../render/renderBudget";
import type { TrialRenderer } from "../solve/trialRender";

/** A line of a template at which a pod spec can get a pull secret. */
export interface PodPatch extends Trial {
  /** Location of the file in the chart. */
  readonly file: string;
  /** Index of the line, from 0. */
  readonly line: number;
  /** Which of the line's equal keys it is, from 0: in flow style a line may hold several pods. */
  readonly nth: number;
  /** Whether a list of pull secrets begins here, which keeps what it has; else a list is put before the key. */
  readonly inList: boolean;
  /** The line, images in it changed or not, with the secret put in. */
  readonly withSecret: (name: string, line: string) => string;
}

/** Renders the chart with lines of its templates changed. */
export type PodPatchRender = (
  patches: readonly PodPatch[],
  guards: readonly JsonPath[],
  nameOf: (patch: PodPatch) => string,
) => Promise<readonly Manifest[]>;

/**
 * Finds the lines of templates at which the pods get the secret that no value gives them: by putting a different secret at
 * every `containers:` and reading which pods carry it. Secrets that pods have stay.
 *
 * @returns the lines to change, and the pods that still go without
 */
export async function solvePodPatches(
  places: readonly PodPatch[],
  missing: readonly Pod[],
  before: readonly Manifest[],
  trials: TrialRenderer,
  render: PodPatchRender,
): Promise<{ readonly patches: readonly PodPatch[]; readonly missing: readonly Pod[] }> {
  const byId = new Map(places.map((place) => [place.id, place]));
  const chosen = new Set<PodPatch>();
  let left = missing;
  // A second list in one pod would hide the first, so lists that are there come first.
  for (const inList of [true, false]) {
    const tried = places.filter((place) => place.inList === inList);
    if (tried.length === 0 || left.length === 0) continue;
    // Where no pod has a list, no line of one is rendered for it.
    if (inList && left.every(({ spec }) => spec.imagePullSecrets === undefined)) continue;
    const result = await untilSpent<readonly Manifest[] | undefined>(
      async () => {
        const probed = await trials.probe(tried, (some, guards) =>
          render([...chosen, ...some], guards, (patch) => `mk${patch.id}.mk.test`),
        );
        return probed.result;
      },
      () => undefined,
    );
    if (!result) break;
    const now = matchPods(left, before, result);
    left = left.filter((pod, i) => {
      const names = now[i] ? pullSecretNames(now[i].spec) : [];
      const patch = names.flatMap((name) => findMarkers(name).map((hit) => byId.get(hit.id))).find((place) => place);
      if (!patch || !pullSecretNames(pod.spec).every((name) => names.includes(name))) return true;
      chosen.add(patch);
      return false;
    });
  }
  return { patches: [...chosen], missing: left };
}

/** Names a place that can be changed. */
export function podPatchName({ file, line, inList, nth }: PodPatch): string {
  return `${file}:${line}:${inList ? "list" : "pod"}:${nth}`;
}

/** Every line of a chart's templates at which a pod spec can get a pull secret. */
export function podPlaces(chart: Chart): PodPatch[] {
  const files = new Map(chartFilesOf(chart).map((file) => [file.location, file]));
  let id = 0;
  return [...files.values()]
    .filter(canHoldLiterals)
    .flatMap((file) => placesIn(file).map((place) => ({ ...place, id: ++id })));
}

/** A key of a pod spec beside or in which a secret can stand, in block style, in flow style or in JSON. */
const KEY = /(?<![\w.$-])(["']?)(containers|templates|imagePullSecrets)\1[ \t]*:/g;

type Place = Omit<PodPatch, "id" | "file" | "line" | "nth">;

function placesIn(file: ChartFile): Omit<PodPatch, "id">[] {
  const lines = file.text.split("\n");
  return lines.flatMap((line, i) => {
    if (line.trimStart().startsWith("#")) return [];
    return keysIn(line).flatMap(({ key, quote, nth, start, end }): Omit<PodPatch, "id">[] => {
      const before = line.slice(0, start);
      // In Argo's workflows the secrets stand beside the templates.
      if (key === "templates" && !file.text.includes("argoproj.io/")) return [];
      const style = styleOf(before, lines.slice(0, i));
      const place = { key, quote, nth, before, after: line.slice(end), next: lines.slice(i + 1, i + 1 + NEXT_LINES) };
      const found = style && (key === "imagePullSecrets" ? inSecrets(place, style) : besideKey(place, style));
      return found ? [{ file: file.location, line: i, nth, ...found }] : [];
    });
  });
}

interface Key {
  readonly key: string;
  readonly quote: string;
  /** Which of the line's keys of this name it is. */
  readonly nth: number;
  readonly start: number;
  readonly end: number;
}

function keysIn(line: string): Key[] {
  const counts = new Map<string, number>();
  return [...line.matchAll(KEY)].map(({ 0: text, 1: quote = "", 2: key = "", index }) => {
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    return { key, quote, nth, start: index, end: index + text.length };
  });
}

/** Whether a key stands in a flow map, in JSON for example, or in a block map; undefined where it is no key of a map. */
function styleOf(before: string, above: readonly string[]): "flow" | "block" | undefined {
  const opens = (text: string): boolean => /(?:^|[^{])\{$|,$/.test(text);
  const own = before.trim();
  if (own !== "" && !/^(?:- *)+$/.test(own)) return opens(own) ? "flow" : undefined;
  const last = above.findLast((line) => line.trim() !== "")?.trim() ?? "";
  return own === "" && opens(last) ? "flow" : "block";
}

/** Where a list is put together before it is written, that takes more than a few lines. */
const NEXT_LINES = 40;

interface KeyPlace {
  readonly key: string;
  readonly quote: string;
  readonly nth: number;
  readonly before: string;
  readonly after: string;
  /** The lines that come next. */
  readonly next: readonly string[];
}

function besideKey({ key: beside, quote, nth, before }: KeyPlace, style: "flow" | "block"): Place {
  const put = (text: (name: string) => string): Place => ({
    inList: false,
    withSecret: (name, line) => {
      const start = keysIn(line).find((key) => key.key === beside && key.nth === nth)?.start ?? 0;
      return line.slice(0, start) + text(name) + line.slice(start);
    },
  });
  const key = `${quote}imagePullSecrets${quote}:`;
  if (style === "flow") return put((name) => `${key} [${flowItem(quote, name)}], `);
  const indent = before.replace(/\S/g, " ");
  return put((name) => `${key}\n${indent}- name: ${name}\n${indent}`);
}

/** A list keeps what it has and gets one more item, in block style as deep as its others. */
function inSecrets({ quote, nth, before, after, next }: KeyPlace, style: "flow" | "block"): Place | undefined {
  if (/^\s*\[/.test(after)) {
    const comma = /^\s*\[\s*\]/.test(after) ? "" : ", ";
    return {
      inList: true,
      withSecret: (name, line) => {
        const end = keysIn(line).find((key) => key.key === "imagePullSecrets" && key.nth === nth)?.end ?? 0;
        const open = line.indexOf("[", end) + 1;
        return line.slice(0, open) + flowItem(quote, name) + comma + line.slice(open);
      },
    };
  }
  if (style === "flow" || !/^[ \t]*(?:#.*)?\r?$/.test(after)) return undefined;
  const depth = itemIndent(next) ?? before.replace(/\S/g, " ");
  return { inList: true, withSecret: (name, line) => `${line}\n${depth}- name: ${name}` };
}

/** JSON wants quotes, and YAML in flow style takes them. */
function flowItem(quote: string, name: string): string {
  return `{ ${quote}name${quote}: ${JSON.stringify(name)} }`;
}

/** How deep the items of a list stand: as the first literal item says, or the `nindent` that writes them. */
function itemIndent(lines: readonly string[]): string | undefined {
  // Blocks that began below the key: what comes after the end of the one that the key stands in has nothing to do with the list.
  let blocks = 0;
  for (const line of lines) {
    const literal = /^( *)- /.exec(line);
    if (literal) return literal[1];
    const computed = /\bn?indent (\d+)/.exec(line);
    if (computed) return " ".repeat(Number(computed[1]));
    if (!/^(?:\{\{.*\}\})?$/.test(line.trim())) return undefined;
    blocks += [...line.matchAll(/\{\{-?\s*(?:if|with|range)\b/g)].length;
    blocks -= [...line.matchAll(/\{\{-?\s*end\b/g)].length;
    if (blocks < 0) return undefined;
  }
  return undefined;
}
