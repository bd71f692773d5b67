import { shortened } from "../../printable";
import { formatReference, parseReference } from "../../image/reference";
import type { Json, JsonObject } from "../../json";
import { targetReference } from "../../plan/layout";
import type {
  ChartHook,
  ChartPatch,
  Finding,
  ImageLocation,
  PlannedImage,
  RelocationPlan,
  ValueOverride,
} from "../../plan/relocationPlan";
import { PROGRAM_WORDS } from "../../settingWords";
import { refuseTargetCollisions } from "../../plan/targetCollision";
import { changedValues, valueEntries } from "./changes";
import type { Chart } from "../content/chart";
import type { RequiredReplacement } from "../find/requiredReplacements";
import { isSchemaDefault, schemaDefaultMessage } from "../find/schemaDefault";
import type { RegistryMention } from "../find/registryMentions";
import { deleteCommand, timeToLive, type ImmutableChange } from "../compare/immutableFields";
import { makersWithoutSecret, podMakers } from "../pullSecrets/customSecrets";
import { makerFinding } from "./makerFinding";
import { chartAccounts } from "../pullSecrets/linkedAccounts";
import { identityOf, type Manifest } from "../render/kubernetesManifest";
import { MAX_RENDERS } from "../render/renderBudget";
import { locationName } from "../solve/markers";
import { foreignSchemas } from "../content/schemaReferences";
import { chartFilesOf } from "../content/patch";
import { podPullSecrets } from "../pullSecrets/pullSecrets";
import type { Outcome, Refusal } from "./outcome";
import { registryFindings } from "./registryFindings";
import { withoutReleaseNamespace } from "./releaseNamespace";
import type { RelocateOptions } from "./relocateOptions";
import { formatValuePath, isMap, settablePath, valueAt } from "../content/valuePaths";
import { byKey, compareTexts } from "../../textOrder";

/** What the analysis of a chart has found: {@link relocationPlan} makes the plan of it. */
export interface Findings {
  readonly options: RelocateOptions;
  /** The coalesced values. */
  readonly values: JsonObject;
  readonly before: readonly Manifest[];
  readonly replacements: readonly RequiredReplacement[];
  readonly findings: readonly Finding[];
  /** Registries that programs put before names. */
  readonly registries: readonly RegistryMention[];
  readonly outcome: Outcome;
  readonly patches: readonly ChartPatch[];
  readonly renders: number;
  /** Whether the search ended because none was left. */
  readonly isSpent: boolean;
}

/** Puts what was found and solved into the form that the later stages take. @throws {TargetCollisionError} */
export function relocationPlan(input: Findings): RelocationPlan {
  const { options, values, before, replacements, outcome, patches } = input;
  const { name, version, appVersion } = options.chart.metadata;
  const { unmet } = outcome.verification;
  const { pullSecret, linkedAccounts } = options;
  const pods = pullSecret === undefined ? [] : podPullSecrets(before, outcome.after, pullSecret, linkedAccounts);
  const later = pullSecret === undefined ? [] : chartAccounts(before, linkedAccounts);
  const images = plannedImages(replacements, new Set(unmet.map(({ replacement }) => replacement)), options);
  refuseTargetCollisions(images);
  const hooks = distinct(hooksOf(before));
  const plan: RelocationPlan = {
    chart: { name, version, ...(appVersion !== undefined && { appVersion }) },
    images,
    overrides: overridesOf(outcome, values, options.pullSecret),
    values: changedValues({}, values, outcome.changes),
    patches,
    pods: distinct(pods),
    findings: distinct([
      ...unmet.map(({ replacement, text }) =>
        escapeOf(replacement, text, refusalOf(outcome.refused.get(replacement), before), input),
      ),
      ...pods.filter((pod) => pod.via === "none").map((pod) => podFinding(pod, input)),
      ...foreignSchemas(options.chart).map(schemaFinding),
      ...(pullSecret === undefined ? [] : makerFindings(input, pullSecret)),
      ...outcome.verification.immutable.flatMap((change) => upgradeFinding(change, options)),
      ...input.findings,
      ...registryFindings(input.registries, before, outcome.after, options),
    ]),
    ...(hooks.length > 0 && { hooks }),
    ...(later.length > 0 && { chartAccounts: later }),
    renders: input.renders,
  };
  return withoutReleaseNamespace(plan, options.namespace);
}

function hooksOf(manifests: readonly Manifest[]): ChartHook[] {
  return manifests.flatMap(({ object, hook }) => {
    if (hook === undefined) return [];
    const { kind, namespace, name } = identityOf(object);
    return [{ kind, ...(namespace !== undefined && { namespace }), name, hook }];
  });
}

function plannedImages(
  replacements: readonly RequiredReplacement[],
  unmet: ReadonlySet<RequiredReplacement>,
  options: RelocateOptions,
): PlannedImage[] {
  const images = new Map<string, { source: string; target: string; locations: ImageLocation[] }>();
  const imageAt = (source: string, target: string): { locations: ImageLocation[] } => {
    const key = `${source} ${target}`;
    const image = images.get(key) ?? { source, target, locations: [] };
    images.set(key, image);
    return image;
  };
  for (const replacement of replacements)
    if (!unmet.has(replacement) && !replacement.incomplete)
      imageAt(formatReference(replacement.source), replacement.target).locations.push(replacement.found.location);
  for (const extra of options.extraImages ?? []) {
    const source = parseReference(extra);
    // However the user writes what the chart names already, or what he has named in another way.
    const same = [...images.values()].find((image) => image.source === formatReference(source));
    if (!same) imageAt(formatReference(source), targetReference(source, options.mirror, options.layout));
  }
  return [...images.values()]
    .map((image) => ({ ...image, locations: distinct(image.locations) }))
    .sort((a, b) => compareTexts(a.source, b.source) || compareTexts(a.target, b.target));
}

/** The overrides as the user would set them: lists are set whole. */
function overridesOf(outcome: Outcome, values: JsonObject, pullSecret: string | undefined): ValueOverride[] {
  const { changes, solution } = outcome;
  const nested = changedValues({}, values, changes);
  const guards = new Set((changes.guards ?? []).map(formatValuePath));
  const moved = new Map<string, Set<string>>();
  for (const [point, replacements] of solution.controlled) {
    if (point.location.kind !== "value" || !changes.edits.has(point)) continue;
    const place = formatValuePath(settablePath(point.location.path));
    const images = moved.get(place) ?? new Set();
    moved.set(place, images);
    for (const replacement of replacements) images.add(replacement.found.reference);
  }
  const overrides = new Map<string, ValueOverride>();
  for (const [path] of valueEntries(changes)) {
    const settable = settablePath(path);
    const place = formatValuePath(settable);
    const previous = valueAt(values, settable);
    const count = moved.get(place)?.size ?? 0;
    const reason = guards.has(place)
      ? "guard of the chart against other registries"
      : count > 0
        ? `moves ${count} image${count === 1 ? "" : "s"}`
        : `gives pods the pull secret ${pullSecret}`;
    overrides.set(place, {
      path: settable,
      value: valueAt(nested, settable) as Json,
      ...(previous !== undefined && { previous }),
      reason,
    });
  }
  return [...overrides].sort(byKey).map(([, override]) => override);
}

/** Why the place that controls a reference is left alone: the change beyond images that comes with it, or that the chart fails. */
function refusalOf(refusal: Refusal | undefined, before: readonly Manifest[]): string | undefined {
  if (!refusal) return undefined;
  const { point } = refusal;
  if ("text" in refusal)
    return `${locationName(point.location)} would move it, but the chart fails with ${JSON.stringify(refusal.text)} there`;
  const { harm } = refusal;
  const object = "why" in harm ? harm.manifest.object : (before[harm.object]?.object ?? harm.after);
  const { kind, name } = identityOf(isMap(object) ? object : {});
  const place = `${harm.path.length > 0 ? `${formatValuePath(harm.path)} of ` : ""}${kind} ${name}`;
  const location = locationName(point.location);
  if ("why" in harm) return `${location} would move it, but a cluster would refuse ${place}: ${harm.why}`;
  return `${location} would move it, but also change ${place}`;
}

function escapeOf(
  replacement: RequiredReplacement,
  text: string | undefined,
  refusal: string | undefined,
  { options: { words = PROGRAM_WORDS, renderPatched }, isSpent, renders }: Findings,
): Finding {
  const { reference, location } = replacement.found;
  if (isSchemaDefault(replacement.found))
    return {
      severity: "warning",
      code: "IMAGE_DEFAULT_OF_CRD",
      message: schemaDefaultMessage(replacement.found),
      image: reference,
      location,
    };
  const where = `${location.kind} ${location.name} at ${formatValuePath(location.path)}`;
  const why =
    refusal === undefined
      ? `${isSpent ? `${untilSpent(renders)} reaches` : "nothing that can be set reaches"} ${where}`
      : `it stands in ${where}, and ${refusal}`;
  const now = text === undefined || text === reference ? "" : ` (it became ${text})`;
  return {
    severity: "escape",
    code: "IMAGE_ESCAPES",
    message:
      `${reference} would still be pulled from outside the mirror${now}: ${why}. ` +
      `Set a value of your own for it, ${renderPatched ? "" : `${words.patching}, `}or allow it with ${words.ignoreImages}`,
    image: reference,
    location,
  };
}

/** The beginning of a reason where the search ended early. */
function untilSpent(renders: number): string {
  const most =
    renders < MAX_RENDERS
      ? `the others of the ${MAX_RENDERS} that are tried at most were kept for the proof of what is found`
      : "the most that is tried";
  return `the chart was rendered ${renders} times, ${most}, and nothing that was found until then`;
}

function podFinding(
  pod: { kind: string; name: string; namespace?: string },
  { isSpent, renders }: Pick<Findings, "isSpent" | "renders">,
): Finding {
  return {
    severity: "warning",
    code: "POD_WITHOUT_PULL_SECRET",
    message: `the pods of ${pod.kind} ${pod.name} get no pull secret: ${isSpent ? untilSpent(renders) : "no value of the chart"} reaches them`,
  };
}

function schemaFinding(address: string): Finding {
  return {
    severity: "warning",
    code: "SCHEMA_NOT_CHECKED",
    message:
      `values were not checked against the schemas of the chart: one names ${shortened(address, 200)}, ` +
      "which is read when the chart is deployed",
  };
}

/** Custom resources of which nobody knows here how their pods get the secret. */
function makerFindings({ before, replacements, outcome }: Findings, pullSecret: string): Finding[] {
  const found = replacements.map((replacement) => replacement.found);
  return makersWithoutSecret(podMakers(before, found), pullSecret, before, outcome.after).map((maker) =>
    makerFinding(maker, pullSecret, outcome.undecided.get(maker.manifest)),
  );
}

/** What has to be deleted before a release that runs without the mirror can be upgraded in place. */
function upgradeFinding(change: ImmutableChange, { chart, namespace: own }: RelocateOptions): Finding[] {
  const { manifest, fields } = change;
  if (isNamedByRevision(manifest, chart)) return [];
  const { kind, namespace, name } = identityOf(manifest.object);
  const ttl = timeToLive(manifest.object);
  const gone = ttl === undefined ? "" : `, or wait until it has deleted itself, ${ttl} seconds after it has finished`;
  return [
    {
      severity: "warning",
      code: "UPGRADE_REFUSED",
      message:
        `${kind} ${namespace === undefined || namespace === own ? "" : `${namespace}/`}${name} cannot be changed while it is there ` +
        `(${fields.join(", ")}), so that Helm cannot upgrade a release in place that runs without the mirror. ` +
        `A new installation is not concerned. Delete it before: ${deleteCommand(change, own)}${gone}`,
    },
  ];
}

/** Whether a template names its object anew in each revision, which `helm template` does not show. */
function isNamedByRevision({ template }: Manifest, chart: Chart): boolean {
  const location = template?.replace(/^[^/]+\//, "");
  const text = chartFilesOf(chart).find((file) => file.location === location)?.text;
  return (
    text !== undefined &&
    text.split("\n").some((line) => /^[ \t]*name:/.test(line) && line.includes(".Release.Revision"))
  );
}

/** What an upgrade has otherwise than an install is there twice. */
function distinct<T>(items: readonly T[]): T[] {
  // Most images stand at one place.
  if (items.length < 2) return [...items];
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
