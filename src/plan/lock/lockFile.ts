import { createHash } from "node:crypto";
import type { Json } from "../../json";
import { formatPath } from "../describePlan";
import { overrideLeaves } from "../overrideLeaves";
import type { ChartPatch, RelocationPlan } from "../relocationPlan";
import type { ResolvedImage } from "../resolvedPlan";
import { byKey, compareTexts } from "../../textOrder";

/** Version of the form of lock files that this package writes and reads. */
export const LOCK_VERSION = 1;

/** An image of a {@link LockFile}: exactly what may be deployed. */
export interface LockedImage {
  /** As in `PlannedImage`. */
  readonly source: string;
  readonly target: string;
  /** Of the source. */
  readonly digest: string;
  /** What the mirror has in its place, where some platforms alone are copied; absent where that is `digest`. */
  readonly targetDigest?: string;
  /** Bytes of all blobs and manifests, each counted once. */
  readonly size: number;
  /** Those that are copied, as `os/architecture[/variant]`; empty for artifacts. */
  readonly platforms: readonly string[];
}

/**
 * `chart-mirror.lock.yaml`: all that mirroring a chart does, agreed on once and for all machines.
 *
 * Its schema is published with the package: `schema/lock-v1.json`.
 */
export interface LockFile {
  readonly lockVersion: typeof LOCK_VERSION;
  /** What wrote it: `pulumi-chart-mirror 0.1.0`. */
  readonly tool: string;
  /** `host[:port][/path]` of the mirror. */
  readonly mirror: string;
  /** `digest` is of the chart's content: however its files were packed, it is the same. */
  readonly chart: { readonly name: string; readonly version: string; readonly digest: string };
  /** The platforms that were asked for, by name; absent for all. */
  readonly platforms?: readonly string[];
  /** Sorted by source, then target. */
  readonly images: readonly LockedImage[];
  /** The values that change, leaf by leaf, by their path as people write it. */
  readonly overrides: Readonly<Record<string, Json>>;
  readonly patches: readonly ChartPatch[];
}

/** What a plan means for a lock file: the same, but digests may not be known. */
export interface LockContent extends Omit<LockFile, "lockVersion" | "tool" | "images"> {
  readonly images: readonly Pick<
    ResolvedImage,
    "source" | "target" | "digest" | "targetDigest" | "size" | "platforms"
  >[];
}

/**
 * The part of a plan that is locked.
 *
 * @param platforms those that were asked for, by name; undefined for all
 */
export function lockContent(
  plan: Omit<RelocationPlan, "images"> & { readonly images: readonly ResolvedImage[] },
  mirror: string,
  chartDigest: string,
  platforms?: readonly string[],
): LockContent {
  const { chart, images, overrides, patches } = plan;
  return {
    mirror,
    chart: { name: chart.name, version: chart.version, digest: chartDigest },
    ...(platforms && { platforms }),
    images: [...images]
      .sort((a, b) => compareTexts(a.source, b.source) || compareTexts(a.target, b.target))
      .map(({ source, target, digest, targetDigest, size, platforms }) => ({
        source,
        target,
        ...(digest !== undefined && { digest }),
        ...(targetDigest !== undefined && { targetDigest }),
        ...(size !== undefined && { size }),
        ...(platforms !== undefined && { platforms }),
      })),
    overrides: Object.fromEntries(
      overrides
        .flatMap(overrideLeaves)
        .map(({ path, value }): [string, Json] => [formatPath(path), value])
        .sort(byKey),
    ),
    patches: [...patches].sort((a, b) => compareTexts(a.file, b.file) || a.line - b.line),
  };
}

/**
 * A few hexadecimal digits that say whether a locked image is still what was written.
 *
 * They stand beside each image, not once for the file, so that a change of one image is a change of its lines alone and
 * two branches that change two images merge. They tell accidents (a hand edit, a bad merge) from what the tool wrote;
 * whoever can write to the repository can compute them, too.
 */
export function imageChecksum({ source, target, digest, targetDigest, size, platforms }: LockedImage): string {
  const fields = [source, target, digest, size, platforms, ...(targetDigest === undefined ? [] : [targetDigest])];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex").slice(0, 16);
}
