import type { Json, JsonObject, JsonPath } from "../../json";
import { alignObjects } from "../render/alignment";
import type { Chart } from "../content/chart";
import type { FoundImage } from "../find/foundImage";
import { parseHelmYamlDocuments } from "../content/helmYaml";
import { identityOf, type Manifest } from "../render/kubernetesManifest";
import { chartFilesOf } from "../content/patch";
import { podsOf } from "../find/pods";
import { pullFields, type Puller } from "./pullFields";
import { entryOf, markerName, type SecretForm, type SecretPlace, type SecretRender } from "./pullSecrets";
import type { TrialRenderer } from "../solve/trialRender";
import { formatValuePath, isMap, valueAt } from "../content/valuePaths";

/** An object that names images outside of pods: a controller makes the pods that pull them. */
export interface PodMaker {
  /** Index of the manifest. */
  readonly manifest: number;
  readonly object: JsonObject;
  /** Whether it is a custom resource. Of a ConfigMap nobody knows whether pods are made of it at all. */
  readonly custom: boolean;
}

/** A custom resource, or another object that makes pods, whose pods do not get the pull secret. */
export interface MakerWithoutSecret extends PodMaker {
  /** The pull secrets that it names instead. */
  readonly others: readonly string[];
  /** Where the secret is missing, and who lacks it, of objects that have a field for each pull. */
  readonly missing?: { readonly puller: Puller; readonly fields: readonly JsonPath[] };
}

/** A pull secret that a custom resource names. */
interface NamedSecret {
  readonly path: JsonPath;
  readonly name: string;
  /** What the resource holds there: a list of `{ name }`, a list of names, one name, one `{ name }`. */
  readonly shape: SecretForm;
}

/** Values for the pull secrets of custom resources. */
export interface CustomSecrets {
  readonly entries: readonly (readonly [JsonPath, Json])[];
  /** Values that show in a custom resource, by its manifest's index, where nothing tells the form that it takes. */
  readonly undecided: ReadonlyMap<number, string>;
}

/** The objects whose readers make pods of these images; not those that hold whole pods. */
export function podMakers(manifests: readonly Manifest[], found: readonly FoundImage[]): PodMaker[] {
  const named = new Set(
    found.flatMap(({ manifest, location, certainty }) =>
      /^(?:customResource|config)$/.test(location.evidence) && certainty !== "possible" ? [manifest] : [],
    ),
  );
  return [...named].flatMap((manifest) => {
    const one = manifests[manifest];
    if (!one || podsOf([one]).length > 0) return [];
    const { apiVersion, kind } = identityOf(one.object);
    const [group = ""] = apiVersion.split("/", 1);
    const custom = (group !== apiVersion && group.includes(".")) || pullFields(one.object) !== undefined;
    return custom || kind === "ConfigMap" ? [{ manifest, object: one.object, custom }] : [];
  });
}

/** The custom resources among them in which no pull secret of this name stands in another render; of builds, those where a pull lacks it. */
export function makersWithoutSecret(
  makers: readonly PodMaker[],
  name: string,
  before: readonly Manifest[],
  after: readonly Manifest[],
): MakerWithoutSecret[] {
  const now = objectsNow(before, after);
  return makers.flatMap((maker) => {
    if (!maker.custom) return [];
    const object = now(maker.manifest) ?? {};
    const pulls = pullFields(object);
    const named = pulls ? pulls.fields.flatMap(({ secret }) => secret ?? []) : secretsIn(object).map((one) => one.name);
    const fields = pulls?.fields.filter(({ secret }) => secret !== name).map(({ field }) => field);
    if (fields ? fields.length === 0 : named.includes(name)) return [];
    const others = [...new Set(named)].filter((one) => one !== name && one !== "");
    return [{ ...maker, others, ...(pulls && fields && { missing: { puller: pulls.puller, fields } }) }];
  });
}

/**
 * Finds the values that put a pull secret into custom resources. A list in one may be of names or of `{ name }`: only where the
 * template, a list that is there, the chart's own CRD or common knowledge tells which, it is set.
 *
 * @param render renders with these values set beside all that was found before
 */
export async function solveCustomSecrets(
  name: string,
  makers: readonly PodMaker[],
  places: readonly SecretPlace[],
  chart: Chart,
  before: readonly Manifest[],
  trials: TrialRenderer,
  render: SecretRender,
): Promise<CustomSecrets> {
  const entries = new Map<SecretPlace, SecretForm>();
  const undecided = new Map<number, string>();
  const tried = async (some: ReadonlyMap<SecretPlace, SecretForm>) => {
    const { result } = await trials.probe([...some.keys()], (live, guards) =>
      render(
        live.map((place) => entryOf(place, some.get(place) as SecretForm, markerName(place))),
        guards,
      ),
    );
    return objectsNow(before, result);
  };
  let forms = new Map(places.map((place) => [place, place.forms[0] as SecretForm]));
  for (let round = 0; round < 2 && forms.size > 0; round++) {
    const now = await tried(forms);
    const next = new Map<SecretPlace, SecretForm>();
    for (const { manifest, object } of makers)
      for (const [place, form] of forms) {
        if (entries.has(place)) continue;
        const marker = markerName(place);
        const there = now(manifest) ?? {};
        const secret = secretsIn(there).find((one) => one.name === marker);
        if (!secret) {
          // Where a template wants a name, a map shows in Go's own words.
          if (form === "objects" && JSON.stringify(there).includes(`map[name:${marker}`)) next.set(place, "strings");
          continue;
        }
        // What the template or a list that is there makes of it is right; what goes through as it is may not be.
        const known = secret.shape !== form || form === "text" || hasItems(place);
        const wanted = known ? form : formInResource(object, secret, chart);
        if (wanted === undefined) undecided.set(manifest, formatValuePath(place.valuePath));
        else if (wanted === form) entries.set(place, form);
        else next.set(place, wanted);
      }
    forms = next;
  }
  return { entries: [...entries].map(([place, form]) => entryOf(place, form, name)), undecided };
}

const hasItems = ({ present }: SecretPlace): boolean => Array.isArray(present) && present.length > 0;

/** What controllers take whose CRDs mostly come with another chart: names. */
const NAMES =
  /^(?:sparkoperator\.[^/]*\/\S+ (?:Scheduled)?SparkApplication|nvidia\.com\/\S+ (?:ClusterPolicy|NVIDIADriver))$/;

/** The form that a resource takes its secrets in. */
function formInResource(object: JsonObject, { path, shape }: NamedSecret, chart: Chart): SecretForm | undefined {
  if (shape !== "objects" && shape !== "strings") return shape;
  const list = path.slice(
    0,
    path.findLastIndex((step) => typeof step === "number"),
  );
  const { apiVersion, kind } = identityOf(object);
  const item = schemasOf(chart, apiVersion, kind).map((schema) =>
    valueAt(schema, [...inSchema(list), "items", "type"]),
  )[0];
  if (item === "string") return "strings";
  if (item === "object") return "objects";
  return NAMES.test(`${apiVersion} ${kind}`) ? "strings" : undefined;
}

function inSchema(path: JsonPath): JsonPath {
  return path.flatMap((step) => (typeof step === "number" ? ["items"] : ["properties", step]));
}

/** The schemas that the chart's own CRDs have for a kind. */
function schemasOf(chart: Chart, apiVersion: string, kind: string): JsonObject[] {
  const [group = "", version] = apiVersion.split("/");
  const files = chartFilesOf(chart).filter(({ path, text }) => path.startsWith("crds/") && text.includes(group));
  return files.flatMap(({ text }) => {
    let documents: Json[];
    try {
      documents = parseHelmYamlDocuments(text);
    } catch {
      return [];
    }
    return documents.flatMap((crd) => {
      if (valueAt(crd, ["spec", "group"]) !== group || valueAt(crd, ["spec", "names", "kind"]) !== kind) return [];
      const versions = valueAt(crd, ["spec", "versions"]);
      if (!Array.isArray(versions)) return [];
      const own = versions.find((one) => isMap(one) && one.name === version) ?? null;
      const schema = valueAt(own, ["schema", "openAPIV3Schema"]);
      return isMap(schema) ? [schema] : [];
    });
  });
}

/** Every pull secret that an object names under a key about them. */
function secretsIn(object: JsonObject): NamedSecret[] {
  const found: NamedSecret[] = [];
  const walk = (here: Json, path: JsonPath): void => {
    if (Array.isArray(here)) here.forEach((item, i) => walk(item, [...path, i]));
    else if (isMap(here)) for (const [key, item] of Object.entries(here)) walk(item, [...path, key]);
    else if (typeof here === "string") {
      const shape = shapeAt(path);
      if (shape) found.push({ path, name: here, shape });
    }
  };
  walk(object, []);
  return found;
}

/** Fields about pull secrets and no other ones: what a registry calls its secret may be a password. */
const FIELD = /pull[_-]?secrets?([_-]?(names?|refs?))?$/i;

function shapeAt(path: JsonPath): SecretForm | undefined {
  const isKey = (step: string | number | undefined): boolean => typeof step === "string" && FIELD.test(step);
  const [last, second, third] = [path.at(-1), path.at(-2), path.at(-3)];
  if (isKey(last)) return "text";
  if (typeof last === "number" && isKey(second)) return "strings";
  if (last === "name" && isKey(second)) return "object";
  return last === "name" && typeof second === "number" && isKey(third) ? "objects" : undefined;
}

function objectsNow(
  before: readonly Manifest[],
  after: readonly Manifest[],
): (manifest: number) => JsonObject | undefined {
  const pairs = alignObjects(
    before.map(({ object }) => object),
    after.map(({ object }) => object),
  );
  return (manifest) => after[pairs[manifest] ?? -1]?.object;
}
