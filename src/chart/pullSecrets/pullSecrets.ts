import type { Json, JsonObject, JsonPath } from "../../json";
import type { PodPullSecret } from "../../plan/relocationPlan";
import { isLinked, type LinkedAccounts } from "./linkedAccounts";
import type { Manifest } from "../render/kubernetesManifest";
import { findMarkers, type Trial } from "../solve/markers";
import { accountSecretNames, matchPods, podsOf, pullSecretNames, serviceAccountOf, type Pod } from "../find/pods";
import { untilSpent } from "../render/renderBudget";
import type { TrialRenderer, TrialRendering } from "../solve/trialRender";
import { formatValuePath, isMap, valueAt, valueMaps } from "../content/valuePaths";

/** How a chart takes a pull secret at some value. */
export const SECRET_FORMS = {
  /** A list of `{ name }`, as Kubernetes has it. */
  objects: (name: string, present: Json): Json => [...listOf(present), { name }],
  /** A list of names. */
  strings: (name: string, present: Json): Json => [...listOf(present), name],
  /** One name. */
  text: (name: string): Json => name,
  /** One `{ name }`. */
  object: (name: string): Json => ({ name }),
} as const;
export type SecretForm = keyof typeof SECRET_FORMS;

/** A value that may reach the pull secrets of pods. */
export interface SecretPlace extends Trial {
  readonly valuePath: JsonPath;
  readonly present: Json;
  /** In the order to try. */
  readonly forms: readonly SecretForm[];
}

/** The forms in which a chart garbles a secret: what one search has learned, the next need not render. */
export class GarbledForms {
  readonly #known = new Set<string>();

  add({ valuePath }: SecretPlace, form: SecretForm): void {
    this.#known.add(`${form} ${formatValuePath(valuePath)}`);
  }

  /** The other forms of a place, in the order to try. */
  others({ valuePath, forms }: SecretPlace): readonly SecretForm[] {
    return forms.filter((form) => !this.#known.has(`${form} ${formatValuePath(valuePath)}`));
  }
}

/** Renders with these values set and these guards switched off. */
export type SecretRender = (
  entries: readonly (readonly [JsonPath, Json])[],
  guards: readonly JsonPath[],
) => Promise<readonly Manifest[]>;

/** Values that give pods the secret. */
export interface SecretSolution {
  readonly entries: readonly (readonly [JsonPath, Json])[];
  /** The pods that each of them is there for, by the value's path. */
  readonly served: ReadonlyMap<string, readonly Pod[]>;
  /** The pods that no value reaches. */
  readonly missing: readonly Pod[];
}

const SECRET_KEY =
  /(pull_?secrets?|pull_?secret_?(names?|refs?)|pull_?secrets_?names?|registry_?secrets?(_?names?)?)$/i;
// Helm's documentation of every form fits into three tries; a fourth form is rarer than a chart that takes none.
const ROUNDS = 3;

/**
 * Finds the smallest set of values that gives every pod the secret, in the form that the chart takes each in: by
 * rendering with a different secret in every place and reading which pods carry it.
 *
 * @param render renders with these values set beside those that move the images
 */
export async function solvePullSecrets(
  name: string,
  space: { readonly values: JsonObject; readonly mentioned: readonly JsonPath[] },
  before: readonly Manifest[],
  trials: TrialRenderer,
  render: SecretRender,
  /** Values to leave alone, by their path. */
  banned: ReadonlySet<unknown> = new Set(),
  garbled = new GarbledForms(),
): Promise<SecretSolution> {
  const pods = podsOf(before);
  const wanting = pods.filter((pod) => !hasSecret(pod, before, name));
  if (wanting.length === 0) return { entries: [], served: new Map(), missing: [] };
  const places = secretPlaces(space.values, space.mentioned)
    .filter((place) => !banned.has(formatValuePath(place.valuePath)))
    .map((place) => ({ ...place, forms: garbled.others(place) }));
  const tries = new Map(places.map((place) => [place, 0]));
  const best = new Map<SecretPlace, Reach>();
  const formOf = (place: SecretPlace): SecretForm | undefined => place.forms[tries.get(place) ?? 0];

  // A global that serves every pod is what people set; only where it does not, each place is looked at.
  const stages = [places.filter(isGlobal), places].filter(
    (stage, i, all) => stage.length > 0 && (i === 0 || stage.length > (all[0]?.length ?? 0)),
  );
  for (const stage of stages) {
    for (let round = 0; round < ROUNDS; round++) {
      const tried = stage.filter((place) => formOf(place) !== undefined);
      const probed = await untilSpent<TrialRendering<SecretPlace, readonly Manifest[]> | undefined>(
        () =>
          trials.probe(tried, (some, guards) =>
            render(
              some.map((place) => entryOf(place, formOf(place) as SecretForm, markerName(place))),
              guards,
            ),
          ),
        () => undefined,
      );
      if (!probed) break;
      const { result, live } = probed;
      for (const [place, reach] of reachOf(live, wanting, before, result)) {
        if (reach.malformed) garbled.add(place, formOf(place) as SecretForm);
        const known = best.get(place);
        if (!known || isBetter(reach, known)) best.set(place, { ...reach, form: formOf(place) as SecretForm });
      }
      const wrong = tried.filter((place) => !live.includes(place) || best.get(place)?.malformed);
      for (const place of wrong) tries.set(place, (tries.get(place) as number) + 1);
      if (covers(best, wanting) || !wrong.some((place) => formOf(place) !== undefined)) break;
    }
    if (covers(best, wanting)) break;
  }

  const chosen = smallestCover(best, wanting);
  const served = new Set(chosen.flatMap(([, { reached }]) => [...reached]));
  return {
    entries: chosen.map(([place, { form }]) => entryOf(place, form, name)),
    served: new Map(chosen.map(([place, { reached }]) => [formatValuePath(place.valuePath), [...reached]])),
    missing: wanting.filter((pod) => !served.has(pod)),
  };
}

/**
 * Values, by their path, that do not give the secret to the pods that they are there for: they did beside others that were
 * tried with them, such as a switch.
 */
export function uselessSecrets(
  { served }: Pick<SecretSolution, "served">,
  before: readonly Manifest[],
  after: readonly Manifest[],
  name: string,
): string[] {
  return [...served].flatMap(([place, pods]) =>
    matchPods(pods, before, after).every((pod) => pod && hasSecret(pod, after, name)) ? [] : [place],
  );
}

/** The value to set so that a place names the pull secret, in one of {@link SECRET_FORMS}. */
export function entryOf(place: SecretPlace, form: SecretForm, secret: string): readonly [JsonPath, Json] {
  return [place.valuePath, SECRET_FORMS[form](secret, place.present)];
}

/** How each pod of a render gets the secret. */
export function podPullSecrets(
  before: readonly Manifest[],
  after: readonly Manifest[],
  name: string,
  linkedAccounts?: LinkedAccounts,
): PodPullSecret[] {
  const pods = podsOf(before);
  const now = matchPods(pods, before, after);
  return pods.map((pod, i) => {
    const { kind, namespace, name: objectName } = pod.object;
    const there = now[i];
    const via = !there
      ? "none"
      : pullSecretNames(there.spec).includes(name)
        ? "pod"
        : accountSecretNames(there, after).includes(name) || isLinked(there, after, linkedAccounts)
          ? "serviceAccount"
          : "none";
    return {
      kind,
      ...(namespace !== undefined && { namespace }),
      name: objectName,
      serviceAccount: serviceAccountOf(there ?? pod),
      via,
    };
  });
}

/** What a form of the secret at one place does. */
interface Reach {
  readonly form: SecretForm;
  readonly reached: ReadonlySet<Pod>;
  /** The secret stands somewhere, but neither as `{ name }` nor as a name: the chart wants another form. */
  readonly malformed: boolean;
}

function isBetter(one: Omit<Reach, "form">, other: Reach): boolean {
  if (one.malformed !== other.malformed && one.reached.size > 0) return other.malformed;
  return one.reached.size > other.reached.size;
}

function reachOf(
  places: readonly SecretPlace[],
  pods: readonly Pod[],
  before: readonly Manifest[],
  after: readonly Manifest[],
): Map<SecretPlace, Omit<Reach, "form">> {
  const reached = new Map(places.map((place) => [place.id, new Set<Pod>()]));
  const malformed = new Set<number>();
  // Where a chart writes the secret, a map in a text shows in Go's own words that a name is wanted.
  for (const { object } of after)
    for (const [, id] of JSON.stringify(object).matchAll(/map\[name:mk(\d+)\.mk\.test/g)) malformed.add(Number(id));
  matchPods(pods, before, after).forEach((there, i) => {
    if (!there) return;
    const names = new Set([...pullSecretNames(there.spec), ...accountSecretNames(there, after)]);
    const texts = JSON.stringify(there.spec.imagePullSecrets ?? null) + [...names].join(" ");
    for (const { id } of findMarkers(texts)) {
      if (names.has(markerName({ id }))) reached.get(id)?.add(pods[i] as Pod);
      else malformed.add(id);
    }
  });
  return new Map(
    places.map((place) => [place, { reached: reached.get(place.id) ?? new Set(), malformed: malformed.has(place.id) }]),
  );
}

/** Every value that may reach a pull secret. */
export function secretPlaces(values: JsonObject, mentioned: readonly JsonPath[]): SecretPlace[] {
  const found = new Map<string, Omit<SecretPlace, "id">>();
  const add = (valuePath: JsonPath, present: Json | undefined, forms: readonly SecretForm[]): void => {
    const place = formatValuePath(valuePath);
    if (!found.has(place)) found.set(place, { valuePath, present: present ?? null, forms });
  };
  for (const { path, map } of valueMaps(values)) {
    if (path.some((key) => typeof key === "number")) continue;
    // A pod spec of the values, of which templates name no part.
    if (Array.isArray(map.containers) && map.imagePullSecrets === undefined)
      add([...path, "imagePullSecrets"], undefined, ["objects"]);
    for (const [key, value] of Object.entries(map)) {
      if (!SECRET_KEY.test(key)) continue;
      if (isMap(value)) {
        if (value.name === "" || value.name === null || value.name === undefined)
          add([...path, key, "name"], value.name, ["text"]);
        if (Object.keys(value).length === 0) add([...path, key], value, ["object", "objects"]);
      } else if (typeof value !== "string" || value === "") add([...path, key], value, formsOf(key, value));
    }
  }
  for (const path of mentioned) {
    const key = String(path.at(-1));
    if (SECRET_KEY.test(key) && valueAt(values, path) === undefined && hasMapAbove(values, path))
      add(path, undefined, formsOf(key, null));
  }
  return [...found.values()].map((place, i) => ({ ...place, id: i + 1 }));
}

/** The forms to try, the likeliest first: like what stands there, else by the key's number. */
function formsOf(key: string, present: Json): readonly SecretForm[] {
  if (Array.isArray(present) && present.length > 0) return isMap(present[0]) ? ["objects"] : ["strings"];
  if (Array.isArray(present)) return ["objects", "strings", "text"];
  if (present === "") return ["text", "objects", "strings"];
  return /s$/i.test(key) ? ["objects", "strings", "text"] : ["text", "objects", "object"];
}

function hasMapAbove(values: JsonObject, path: JsonPath): boolean {
  for (let depth = 1; depth < path.length; depth++) {
    const above = valueAt(values, path.slice(0, depth));
    if (above === undefined || above === null) return true;
    if (!isMap(above)) return false;
  }
  return true;
}

/**
 * Few places that together reach all pods that can be reached: globals first, then the ones higher up. A place that is garbled
 * anywhere, in another pod or in a text, is none.
 */
function smallestCover(reach: ReadonlyMap<SecretPlace, Reach>, wanting: readonly Pod[]): [SecretPlace, Reach][] {
  const left = new Set(wanting);
  const chosen: [SecretPlace, Reach][] = [];
  const order = [...reach]
    .filter(([, { malformed }]) => !malformed)
    .sort(([a], [b]) => Number(isGlobal(b)) - Number(isGlobal(a)) || a.valuePath.length - b.valuePath.length);
  while (left.size > 0) {
    let best: [SecretPlace, Reach] | undefined;
    let most = 0;
    for (const entry of order) {
      const count = [...entry[1].reached].filter((pod) => left.has(pod)).length;
      if (count > most) [best, most] = [entry, count];
    }
    if (!best) break;
    chosen.push(best);
    for (const pod of best[1].reached) left.delete(pod);
  }
  return chosen;
}

function covers(reach: ReadonlyMap<SecretPlace, Reach>, wanting: readonly Pod[]): boolean {
  const reached = new Set([...reach.values()].flatMap((one) => (one.malformed ? [] : [...one.reached])));
  return wanting.every((pod) => reached.has(pod));
}

function hasSecret(pod: Pod, manifests: readonly Manifest[], name: string): boolean {
  return pullSecretNames(pod.spec).includes(name) || accountSecretNames(pod, manifests).includes(name);
}

function isGlobal(place: SecretPlace): boolean {
  return place.valuePath[0] === "global";
}

/** A marker that is a valid name of a secret, too. */
export function markerName({ id }: Pick<SecretPlace, "id">): string {
  return `mk${id}.mk.test`;
}

function listOf(present: Json): Json[] {
  return Array.isArray(present) ? present : [];
}
