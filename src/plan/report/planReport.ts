import { isDigest } from "../../image/digest";
import { parseReference } from "../../image/reference";
import type { Json } from "../../json";
import { ownValue } from "../../ownKeys";
import { formatPath } from "../describePlan";
import { overrideLeaves } from "../overrideLeaves";
import type { ChartPatch, Finding, PodPullSecret } from "../relocationPlan";
import type { ResolvedImage, ResolvedPlan } from "../resolvedPlan";
import { compareTexts } from "../../textOrder";

/** Version of the form of reports. */
export const REPORT_VERSION = 1;

/**
 * How an image differs from what there was.
 *
 * `new`: it was not there; `moved`: it is another image under the same name; `changed`: another version of it; `gone`: it
 * was there and is not needed any more; `same`; `unknown`: its registry did not answer.
 */
export type ImageChange = "new" | "moved" | "changed" | "gone" | "same" | "unknown";

/** An image in a {@link PlanReport}. */
export interface ReportedImage {
  readonly change: ImageChange;
  readonly source: string;
  readonly target: string;
  /** What the mirror will have: of the source, or of the platforms that alone are copied. */
  readonly digest?: string;
  /** Bytes of all blobs and manifests, each counted once. */
  readonly size?: number;
  readonly platforms?: readonly string[];
  /** What stood there before, of images that moved or changed. */
  readonly previous?: { readonly source?: string; readonly digest?: string };
  /** Every place that pulls it, and why it counts as an image. */
  readonly found: readonly {
    readonly evidence: string;
    readonly object: string;
    readonly path: string;
    readonly hook?: string;
  }[];
}

/** A value in a {@link PlanReport}: one place that really becomes another one. */
export interface ReportedOverride {
  readonly path: string;
  readonly previous?: Json;
  readonly value: Json;
  readonly reason: string;
  /** Against a lock file or another plan: whether it was set then. */
  readonly change?: "new" | "changed" | "same";
}

/** All that mirroring a chart will do, for people and programs. Its schema is published: `schema/plan-v1.json`. */
export interface PlanReport {
  readonly reportVersion: typeof REPORT_VERSION;
  readonly chart: {
    readonly name: string;
    readonly version: string;
    readonly digest?: string;
    readonly previousVersion?: string;
  };
  readonly mirror: string;
  /** What the images are compared with. */
  readonly against: Baseline["kind"];
  readonly summary: {
    readonly images: number;
    readonly new: number;
    readonly moved: number;
    readonly changed: number;
    readonly gone: number;
    readonly same: number;
    readonly unknown: number;
    /** Of all images; layers that images share count for each. */
    readonly bytes: number;
    /** Of the images that are new, moved or changed: at most so much is copied. */
    readonly bytesToCopy: number;
    /** Images whose size is not known. */
    readonly sizesUnknown: number;
    readonly values: number;
    readonly patches: number;
    readonly warnings: number;
    readonly escapes: number;
  };
  readonly images: readonly ReportedImage[];
  readonly overrides: readonly ReportedOverride[];
  /** Paths of values that a lock file or another plan set, and this one does not. */
  readonly overridesGone: readonly string[];
  readonly patches: readonly ChartPatch[];
  readonly pods: readonly PodPullSecret[];
  readonly warnings: readonly Pick<Finding, "severity" | "code" | "message">[];
}

/** What a plan is compared with: what the target registry holds, a lock file, another plan, or what a stack's last update has mirrored. */
export interface Baseline {
  readonly kind: "registry" | "lock" | "plan" | "update";
  readonly images: readonly { readonly source: string; readonly target: string; readonly digest?: string }[];
  /** Targets about which nothing is known, since their registry did not answer. */
  readonly unknown?: ReadonlySet<string>;
  readonly chartVersion?: string;
  /** By path; only of lock files and plans. */
  readonly overrides?: Readonly<Record<string, Json>>;
}

/** What a report is made for. */
export interface ReportContext {
  /** `host[:port][/path]` of the mirror. */
  readonly mirror: string;
  readonly chartDigest?: string;
  readonly baseline: Baseline;
}

/** Says of a plan what it changes. */
export function planReport(plan: ResolvedPlan, { mirror, chartDigest, baseline }: ReportContext): PlanReport {
  const images = reportImages(plan.images, baseline);
  const overrides = reportOverrides(plan, baseline);
  const paths = new Set(overrides.map(({ path }) => path));
  const warnings = plan.findings
    .filter(({ severity }) => severity !== "info")
    .map(({ severity, code, message }) => ({ severity, code, message }));
  const { name, version } = plan.chart;
  const { chartVersion } = baseline;
  const count = (change: ImageChange): number => images.filter((image) => image.change === change).length;
  const here = images.filter(({ change }) => change !== "gone");
  const bytesOf = (some: readonly ReportedImage[]): number => some.reduce((sum, { size = 0 }) => sum + size, 0);
  return {
    reportVersion: REPORT_VERSION,
    chart: {
      name,
      version,
      ...(chartDigest !== undefined && { digest: chartDigest }),
      ...(chartVersion !== undefined && chartVersion !== version && { previousVersion: chartVersion }),
    },
    mirror,
    against: baseline.kind,
    summary: {
      images: here.length,
      new: count("new"),
      moved: count("moved"),
      changed: count("changed"),
      gone: count("gone"),
      same: count("same"),
      unknown: count("unknown"),
      bytes: bytesOf(here),
      bytesToCopy: bytesOf(here.filter(({ change }) => ["new", "moved", "changed"].includes(change))),
      sizesUnknown: here.filter(({ size }) => size === undefined).length,
      values: overrides.length,
      patches: plan.patches.length,
      warnings: warnings.filter(({ severity }) => severity === "warning").length,
      escapes: warnings.filter(({ severity }) => severity === "escape").length,
    },
    images,
    overrides,
    overridesGone: Object.keys(baseline.overrides ?? {}).filter((path) => !paths.has(path)),
    patches: plan.patches,
    pods: plan.pods,
    warnings,
  };
}

function reportImages(images: readonly ResolvedImage[], baseline: Baseline): ReportedImage[] {
  const before = new Map(baseline.images.map((image) => [`${image.source} ${image.target}`, image]));
  const isNew = images.filter(({ source, target }) => !before.delete(`${source} ${target}`));
  // What is left of the baseline is gone; where it has another version among the new ones, the image has changed.
  const gone = [...before.values()];
  const successors = new Map<ResolvedImage, Baseline["images"][number]>();
  for (const image of isNew) {
    const i = gone.findIndex(({ source }) => repositoryOf(source) === repositoryOf(image.source));
    if (i >= 0) successors.set(image, gone.splice(i, 1)[0] as Baseline["images"][number]);
  }
  const reported = images.map((image): ReportedImage => {
    const known = baseline.images.find(({ source, target }) => source === image.source && target === image.target);
    const predecessor = successors.get(image);
    const digest = image.targetDigest ?? image.digest;
    return {
      ...judge({ ...image, digest }, known, predecessor, baseline),
      source: image.source,
      target: image.target,
      ...(digest !== undefined && { digest }),
      ...(image.size !== undefined && { size: image.size }),
      ...(image.platforms !== undefined && { platforms: image.platforms }),
      found: image.locations.map(({ kind, namespace, name, path, evidence, hook }) => ({
        evidence,
        object: `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
        path: formatPath(path),
        ...(hook !== undefined && { hook }),
      })),
    };
  });
  const left = gone.map(({ source, target, digest }): ReportedImage => ({
    change: "gone",
    source,
    target,
    ...(digest !== undefined && { digest }),
    found: [],
  }));
  return [...reported, ...left].sort((a, b) => compareTexts(a.source, b.source) || compareTexts(a.target, b.target));
}

function judge(
  image: { readonly target: string; readonly digest: string | undefined },
  known: Baseline["images"][number] | undefined,
  predecessor: Baseline["images"][number] | undefined,
  { unknown }: Baseline,
): Pick<ReportedImage, "change" | "previous"> {
  if (unknown?.has(image.target)) return { change: "unknown" };
  if (predecessor) {
    const { source, digest } = predecessor;
    return { change: "changed", previous: { source, ...(digest !== undefined && { digest }) } };
  }
  if (!known) return { change: "new" };
  if (image.digest === undefined || known.digest === undefined) return { change: "unknown" };
  return image.digest === known.digest ? { change: "same" } : { change: "moved", previous: { digest: known.digest } };
}

function reportOverrides({ overrides }: ResolvedPlan, baseline: Baseline): ReportedOverride[] {
  return overrides
    .flatMap((override) => overrideLeaves(override).map((leaf) => ({ ...leaf, reason: override.reason })))
    .map(({ path, previous, value, reason }) => {
      const place = formatPath(path);
      return {
        path: place,
        ...(previous !== undefined && { previous }),
        value,
        reason,
        ...(baseline.overrides && { change: changeOf(baseline.overrides, place, value) }),
      };
    });
}

function changeOf(before: Readonly<Record<string, Json>>, path: string, value: Json): "new" | "changed" | "same" {
  if (!Object.hasOwn(before, path)) return "new";
  return JSON.stringify(ownValue(before, path)) === JSON.stringify(value) ? "same" : "changed";
}

function repositoryOf(source: string): string {
  const { registry, repository } = parseReference(source);
  return `${registry}/${repository}`;
}

/** The first digits of a digest, enough for people: `sha256:0123456789ab`. */
export function shortDigest(digest: string): string {
  return isDigest(digest) ? digest.slice(0, digest.indexOf(":") + 13) : digest;
}
