import type { Json, JsonObject, JsonPath } from "../../json";
import type { Finding, RelocationPlan, ValueOverride } from "../../plan/relocationPlan";
import type { ResolvedImage, ResolvedPlan } from "../../plan/resolvedPlan";
import { changedValues, valueEntries, type Changes } from "../describe/changes";
import type { FoundImage } from "../find/foundImage";
import type { Edit, EditPoint } from "../solve/markers";
import { formatValuePath, mergeValues, settablePath, valueAt } from "../content/valuePaths";
import { byKey } from "../../textOrder";

/** One place of the rendered chart whose image is to be pinned. */
export interface Pin {
  readonly image: ResolvedImage;
  readonly found: FoundImage;
  readonly target: string;
  readonly tag?: string;
  readonly digest: string;
}

/** An edit point that the chart takes a digest at, and the edit that writes it. */
export interface Taken {
  readonly point: EditPoint;
  readonly edit: Edit;
  readonly pins: readonly Pin[];
}

/** What the search for places of digests has found. */
export interface PinFindings {
  /** The plan without digests. */
  readonly plan: ResolvedPlan;
  /** The coalesced values with those that move the images. */
  readonly values: JsonObject;
  readonly pins: readonly Pin[];
  readonly taken: readonly Taken[];
  /** What has to be set for the chart to render with them. */
  readonly guards: readonly JsonPath[];
  /** How often the chart was rendered. */
  readonly renders: number;
}

/** Puts the digests that were written into the plan; images without a place for one get a warning. */
export function describePins(input: PinFindings): ResolvedPlan {
  const { plan, pins, taken } = input;
  const pinned = new Set(taken.flatMap((some) => some.pins));
  const findings: Finding[] = [];
  const images = plan.images.map((image) => {
    const own = pins.filter((pin) => pin.image === image);
    const left = own.filter((pin) => !pinned.has(pin));
    if (own.length === 0) return image;
    const [open] = left;
    if (open) findings.push(notPinned(open, own.length - left.length, own.length));
    // Nodes pull by the tag, too, until every place has the digest.
    return open ? image : { ...image, target: `${image.target}@${own[0]?.digest}` };
  });
  const { overrides, values } = overridesOf(input);
  return {
    ...plan,
    images,
    overrides,
    values,
    findings: [...plan.findings, ...findings],
    renders: plan.renders + input.renders,
  };
}

function overridesOf({ plan, values, taken, guards }: PinFindings): Pick<RelocationPlan, "overrides" | "values"> {
  const changes: Changes = { edits: editsOf(taken), guards };
  const nested = changedValues({}, values, changes);
  const overrides = new Map(plan.overrides.map((override) => [formatValuePath(override.path), override]));
  const counts = new Map<string, Set<string>>();
  for (const { point, pins } of taken) {
    const place = formatValuePath(settablePath(point.valuePath ?? []));
    counts.set(place, new Set([...(counts.get(place) ?? []), ...pins.map(({ target }) => target)]));
  }
  for (const [path] of valueEntries(changes)) {
    const settable = settablePath(path);
    const place = formatValuePath(settable);
    const existing = overrides.get(place);
    const previous = existing ? existing.previous : valueAt(values, settable);
    const count = counts.get(place)?.size ?? 0;
    const pinning = count > 0 ? `pins ${count} image${count === 1 ? "" : "s"}` : "guard of the chart";
    const override: ValueOverride = {
      path: settable,
      value: valueAt(nested, settable) as Json,
      ...(previous !== undefined && { previous }),
      reason: existing ? `${existing.reason}, ${pinning}` : pinning,
    };
    overrides.set(place, override);
  }
  return {
    overrides: [...overrides].sort(byKey).map(([, override]) => override),
    values: mergeValues(plan.values, nested),
  };
}

function notPinned({ image, found, target }: Pin, pinned: number, places: number): Finding {
  const { location } = found;
  const where = `${location.kind} ${location.name} at ${formatValuePath(location.path)}`;
  const some = pinned > 0 ? ` (${pinned} of its ${places} places have it)` : "";
  return {
    severity: "warning",
    code: "DIGEST_NOT_PINNED",
    message: `${image.source} is pulled by its tag: the chart has no place for a digest in ${where}${some}`,
    image: target,
    location,
  };
}

/** The edits of all places, by edit point. */
export function editsOf(taken: readonly Taken[]): Map<EditPoint, Edit> {
  return new Map(taken.map(({ point, edit }) => [point, edit]));
}
