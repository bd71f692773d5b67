import type { Json, JsonObject, JsonPath } from "../../json";
import type { ChartPatch } from "../../plan/relocationPlan";
import { composeText, locationName, textAt, type Edit, type EditPoint } from "../solve/markers";
import { linePatches } from "../content/patch";
import { podPatchName, type PodPatch } from "../pullSecrets/podPatches";
import { formatValuePath, withValues } from "../content/valuePaths";
import { byKey } from "../../textOrder";

/** All that a render, or in the end the plan, does to a chart. */
export interface Changes {
  /** What is put into edit points: what moves images, or markers. */
  readonly edits: ReadonlyMap<EditPoint, Edit>;
  /** Whole values: pull secrets. */
  readonly entries?: readonly (readonly [JsonPath, Json])[];
  /** Guards of the chart that are switched off. */
  readonly guards?: readonly JsonPath[];
  /** Lines of templates that get a pull secret of this name. */
  readonly podPatches?: ReadonlyMap<PodPatch, string>;
}

/** One of the changes: an edit point, or the name of a value or of a line that gets a pull secret. */
export type Change = EditPoint | string;

/** Every single change, those that give pull secrets first. Guards are none: without them the chart does not render. */
export function singleChanges(changes: Changes): Change[] {
  return [
    ...(changes.entries ?? []).map(([path]) => formatValuePath(path)),
    ...[...(changes.podPatches?.keys() ?? [])].map(podPatchName),
    ...changes.edits.keys(),
  ];
}

/** Those of the changes that a set names; guards are kept. */
export function changesAmong(changes: Changes, some: ReadonlySet<Change>): Changes {
  return {
    edits: new Map([...changes.edits].filter(([point]) => some.has(point))),
    entries: (changes.entries ?? []).filter(([path]) => some.has(formatValuePath(path))),
    podPatches: new Map([...(changes.podPatches ?? [])].filter(([patch]) => some.has(podPatchName(patch)))),
    guards: changes.guards,
  };
}

/** The values to set, one for each path. */
export function valueEntries(changes: Changes): (readonly [JsonPath, Json])[] {
  const texts = byLocation(changes.edits, "value").map(
    ([location, parts]) => [location.kind === "value" ? location.path : [], composeText(location, parts)] as const,
  );
  return [...texts, ...(changes.entries ?? []), ...(changes.guards ?? []).map((guard) => [guard, true] as const)];
}

/** The texts of values that the changes replace, before and after. */
export function editedTexts(changes: Changes): { readonly before: string; readonly after: string }[] {
  return byLocation(changes.edits, "value").map(([location, parts]) => ({
    before: textAt(location),
    after: composeText(location, parts),
  }));
}

/** The changed values merged over `base`; lists are copied from the coalesced values first, since Helm replaces them. */
export function changedValues(base: JsonObject, coalesced: JsonObject, changes: Changes): JsonObject {
  return withValues(base, coalesced, valueEntries(changes));
}

/** The lines of the chart's files to replace. */
export function filePatches(changes: Changes, textOf: (file: string) => string): ChartPatch[] {
  const files = new Map<string, string[]>();
  for (const [location, parts] of byLocation(changes.edits, "file"))
    files.set(locationName(location), composeText(location, parts).split("\n"));
  for (const [patch, name] of changes.podPatches ?? []) {
    const lines = files.get(patch.file) ?? textOf(patch.file).split("\n");
    lines[patch.line] = patch.withSecret(name, lines[patch.line] ?? "");
    files.set(patch.file, lines);
  }
  return [...files].sort(byKey).flatMap(([file, lines]) => linePatches(file, textOf(file), lines));
}

function byLocation(
  edits: ReadonlyMap<EditPoint, Edit>,
  kind: "value" | "file",
): [EditPoint["location"], [EditPoint, Edit][]][] {
  const locations = new Map<string, [EditPoint["location"], [EditPoint, Edit][]]>();
  for (const part of edits) {
    const { location } = part[0];
    if (location.kind !== kind) continue;
    const entry = locations.get(locationName(location)) ?? [location, []];
    entry[1].push(part);
    locations.set(locationName(location), entry);
  }
  return [...locations.values()];
}
