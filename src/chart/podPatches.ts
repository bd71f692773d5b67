import type { JsonPath } from "../json";
import type { Chart, ChartFile } from "./chart";
import { canHoldLiterals } from "./literalCandidates";
import type { Manifest } from "./manifest";
import { findMarkers, type Trial } from "./markers";
import { chartFilesOf } from "./patch";
import { matchPods, pullSecretNames, type Pod } from "./pods";
import type { TrialRenderer } from "./trialRender";

/** A line of a template at which a pod spec can get a pull secret. */
export interface PodPatch extends Trial {
  /** Location of the file in the chart. */
  readonly file: string;
  /** Index of the line, from 0. */
  readonly line: number;
  /** Whether the line begins a list of pull secrets, which keeps what it has; else a list is put before it. */
  readonly inList: boolean;
  /** The line with the secret put before it or behind it. */
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
    const { result } = await trials.probe(tried, (some, guards) =>
      render([...chosen, ...some], guards, (patch) => `mk${patch.id}.mk.test`),
    );
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

/** Names a line that can be changed. */
export function podPatchName(patch: PodPatch): string {
  return `${patch.file}:${patch.line}`;
}

/** Every line of a chart's templates at which a pod spec can get a pull secret. */
export function podPlaces(chart: Chart): PodPatch[] {
  const files = new Map(chartFilesOf(chart).map((file) => [file.location, file]));
  let id = 0;
  return [...files.values()]
    .filter(canHoldLiterals)
    .flatMap((file) => placesIn(file).map((place) => ({ ...place, id: ++id })));
}

function placesIn(file: ChartFile): Omit<PodPatch, "id">[] {
  const lines = file.text.split("\n");
  return lines.flatMap((line, i): Omit<PodPatch, "id">[] => {
    const [, indent = "", key] = /^([ ]*)(containers|imagePullSecrets):[ \t]*(?:#.*)?\r?$/.exec(line) ?? [];
    if (key === "containers") {
      return [
        {
          file: file.location,
          line: i,
          inList: false,
          withSecret: (name, text) => `${indent}imagePullSecrets:\n${indent}- name: ${name}\n${text}`,
        },
      ];
    }
    if (key === undefined) return [];
    // A list keeps what it has and gets one more item, as deep as its others.
    const depth = itemIndent(lines.slice(i + 1, i + 4)) ?? indent;
    const withSecret = (name: string, text: string): string => `${text}\n${depth}- name: ${name}`;
    return [{ file: file.location, line: i, inList: true, withSecret }];
  });
}

/** How deep the items of a list stand: as the first literal item says, or the `nindent` that writes them. */
function itemIndent(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const literal = /^( *)- /.exec(line);
    if (literal) return literal[1];
    const computed = /\bn?indent (\d+)/.exec(line);
    if (computed) return " ".repeat(Number(computed[1]));
    if (!/^\s*(\{\{.*\}\})?\s*$/.test(line)) return undefined;
  }
  return undefined;
}
