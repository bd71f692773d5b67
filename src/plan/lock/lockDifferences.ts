import { MirrorError } from "../../error";
import { ownValue } from "../../ownKeys";
import type { LockContent, LockFile } from "./lockFile";

/** Where a chart is not what its lock file says. */
export interface LockDifference {
  /**
   * `added`: the lock file lacks it; `changed`: it is another one; `removed`: only the lock file has it, which is no danger.
   */
  readonly change: "added" | "changed" | "removed";
  /** What differs: `image docker.io/library/nginx:1.27`, `value global.imageRegistry`, `chart`, ... */
  readonly what: string;
  /** A sentence for people. */
  readonly message: string;
}

/** A chart that does what its lock file does not have. `code` is `LOCK_STALE`. */
export class StaleLockError extends MirrorError {
  override readonly name = "StaleLockError";
  constructor(
    file: string,
    chart: string,
    readonly differences: readonly LockDifference[],
    renew: string,
  ) {
    super(
      "LOCK_STALE",
      `${chart} is not what the lock file ${file} says:${differences.map(({ message }, i) => `\n  ${i + 1}. ${message}`).join("")}\n` +
        "Nothing was touched",
      `Renew the lock file, review what changed in it, and commit it: ${renew}`,
    );
  }
}

/**
 * How what is planned now differs from what was locked. Digests are compared where the plan knows them.
 *
 * @returns the chart first, then platforms, images, values and patches
 */
export function lockDifferences(locked: LockFile, now: LockContent): LockDifference[] {
  if (locked.mirror !== now.mirror)
    // Every target and most values follow from it: naming them all would hide the one thing that is different.
    return [changed("mirror", `the images go to ${now.mirror}, the lock file's go to ${locked.mirror}`)];
  return [
    ...chartDifferences(locked, now),
    ...platformDifferences(locked, now),
    ...imageDifferences(locked, now),
    ...valueDifferences(locked, now),
    ...patchDifferences(locked, now),
  ];
}

function chartDifferences({ chart: locked }: LockFile, { chart: now }: LockContent): LockDifference[] {
  if (locked.name !== now.name)
    return [
      changed("chart", `the chart is ${now.name} ${now.version}, the lock file is of ${locked.name} ${locked.version}`),
    ];
  if (locked.version !== now.version)
    return [changed("chart", `the chart's version is ${now.version}, the lock file is of ${locked.version}`)];
  if (locked.digest !== now.digest)
    return [
      changed(
        "chart",
        `the content of chart ${now.name} ${now.version} is another one: ${now.digest} in place of ${locked.digest}`,
      ),
    ];
  return [];
}

function platformDifferences({ platforms: locked }: LockFile, { platforms: now }: LockContent): LockDifference[] {
  const words = (platforms: readonly string[] | undefined): string => platforms?.join(", ") ?? "all platforms";
  return words(locked) === words(now)
    ? []
    : [changed("platforms", `of each image ${words(now)} shall be copied, the lock file has ${words(locked)}`)];
}

function imageDifferences(locked: LockFile, now: LockContent): LockDifference[] {
  const keyOf = ({ source, target }: { source: string; target: string }): string => `${source} ${target}`;
  const left = new Map(locked.images.map((image) => [keyOf(image), image]));
  const differences: LockDifference[] = [];
  for (const image of now.images) {
    const what = `image ${image.source}`;
    const known = left.get(keyOf(image));
    left.delete(keyOf(image));
    if (!known) {
      const other = locked.images.find(({ source }) => source === image.source);
      differences.push(
        other
          ? changed(what, `image ${image.source} goes to ${image.target}, the lock file has ${other.target}`)
          : { change: "added", what, message: `image ${image.source} is not in the lock file` },
      );
    } else if (image.digest !== undefined && image.digest !== known.digest)
      differences.push(
        changed(what, `image ${image.source} has moved: it is ${image.digest}, the lock file has ${known.digest}`),
      );
  }
  const sources = new Set(now.images.map(({ source }) => source));
  for (const { source } of left.values())
    if (!sources.has(source))
      differences.push({
        change: "removed",
        what: `image ${source}`,
        message: `image ${source} is not in the chart any more`,
      });
  return differences;
}

function valueDifferences({ overrides: locked }: LockFile, { overrides: now }: LockContent): LockDifference[] {
  const differences: LockDifference[] = [];
  for (const [path, value] of Object.entries(now)) {
    const what = `value ${path}`;
    const text = JSON.stringify(value);
    if (!Object.hasOwn(locked, path))
      differences.push({ change: "added", what, message: `value ${path} = ${text} is not in the lock file` });
    else if (!sameJson(ownValue(locked, path), value))
      differences.push(
        changed(what, `value ${path} becomes ${text}, the lock file has ${JSON.stringify(ownValue(locked, path))}`),
      );
  }
  for (const path of Object.keys(locked))
    if (!Object.hasOwn(now, path))
      differences.push({ change: "removed", what: `value ${path}`, message: `value ${path} is not set any more` });
  return differences;
}

function patchDifferences({ patches: locked }: LockFile, { patches: now }: LockContent): LockDifference[] {
  const place = ({ file, line }: { file: string; line: number }): string => `line ${line} of ${file}`;
  const differences: LockDifference[] = [];
  for (const patch of now) {
    const what = `patch of ${place(patch)}`;
    const known = locked.find((other) => place(other) === place(patch));
    if (!known)
      differences.push({ change: "added", what, message: `the patch of ${place(patch)} is not in the lock file` });
    else if (known.before !== patch.before || known.after !== patch.after)
      differences.push(changed(what, `the patch of ${place(patch)} is another one than in the lock file`));
  }
  for (const patch of locked)
    if (!now.some((other) => place(other) === place(patch)))
      differences.push({
        change: "removed",
        what: `patch of ${place(patch)}`,
        message: `${place(patch)} is not patched any more`,
      });
  return differences;
}

function changed(what: string, message: string): LockDifference {
  return { change: "changed", what, message };
}

/** Whether two values are the same; the order of a map's keys is no difference. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const entries = Object.entries(a);
  return (
    entries.length === Object.keys(b).length &&
    entries.every(
      ([key, value]) => Object.hasOwn(b, key) && sameJson(value, ownValue(b as Record<string, unknown>, key)),
    )
  );
}
