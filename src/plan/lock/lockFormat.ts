import { dump, load, JSON_SCHEMA } from "js-yaml";
import { MirrorError } from "../../error";
import { isDigest } from "../../image/digest";
import { tryParseReference } from "../../image/reference";
import { isMap, type Json } from "../../json";
import { imageChecksum, LOCK_VERSION, type LockedImage, type LockFile } from "./lockFile";
import type { ChartPatch } from "../relocationPlan";

/** A lock file that is broken, was edited by hand or is of another version. `code` is `INVALID_LOCK`. */
export class InvalidLockError extends MirrorError {
  override readonly name = "InvalidLockError";
  constructor(
    readonly file: string,
    /** Every place that is wrong. */
    readonly problems: readonly string[],
    renew: string,
  ) {
    super(
      "INVALID_LOCK",
      `Reading the lock file ${file} failed: ${problems.length === 1 ? problems[0] : problems.map((problem) => `\n  - ${problem}`).join("")}`,
      `Take the file of the last commit, or write it anew: ${renew}`,
    );
  }
}

const HEADER = `# What mirroring this chart does, for all machines. Written by chart-mirror: renew it, do not edit it.\n`;

/** A lock file's text: always in the same order, one fact a line, so that a review sees what changed and nothing else. */
export function formatLock(lock: LockFile): string {
  const { lockVersion, tool, mirror, chart, platforms, images, overrides, patches } = lock;
  const content = {
    lockVersion,
    tool,
    mirror,
    chart: { name: chart.name, version: chart.version, digest: chart.digest },
    ...(platforms && { platforms }),
    images: images.map((image) => ({
      source: image.source,
      target: image.target,
      digest: image.digest,
      ...(image.targetDigest !== undefined && { targetDigest: image.targetDigest }),
      size: image.size,
      platforms: image.platforms,
      checksum: imageChecksum(image),
    })),
    overrides,
    patches: patches.map(({ file, line, before, after }) => ({ file, line, before, after })),
  };
  return HEADER + dump(content, { noRefs: true, lineWidth: -1, noCompatMode: true, schema: JSON_SCHEMA });
}

/**
 * Reads a lock file's text.
 *
 * @param file its name, for errors
 * @param renew the command that writes it anew, for errors
 * @throws {InvalidLockError} with everything that is wrong with it
 */
export function parseLock(text: string, file: string, renew: string): LockFile {
  let content: unknown;
  try {
    content = load(text, { schema: JSON_SCHEMA });
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new InvalidLockError(file, [`it is no YAML: ${reason}`], renew);
  }
  // They stand for as much as their writer likes, and are never written here.
  if (holdsTwice(content)) throw new InvalidLockError(file, ["it has aliases (*name)"], renew);
  const reader = new LockReader();
  const lock = reader.lock(content);
  if (reader.problems.length > 0) throw new InvalidLockError(file, reader.problems, renew);
  return lock;
}

/** Whether some map or list stands at two places of what was read. */
function holdsTwice(content: unknown, seen = new Set<unknown>()): boolean {
  if (typeof content !== "object" || content === null) return false;
  if (seen.has(content)) return true;
  seen.add(content);
  return Object.values(content).some((inner) => holdsTwice(inner, seen));
}

/** Reads what a file claims to be; whatever is wrong is noted, so that all of it is told at once. */
class LockReader {
  readonly problems: string[] = [];

  lock(content: unknown): LockFile {
    const { lockVersion } = isMap(content) ? content : {};
    if (lockVersion !== LOCK_VERSION) {
      this.problems.push(
        isMap(content) && typeof lockVersion === "number"
          ? `its lockVersion is ${lockVersion}, and this release of pulumi-chart-mirror reads ${LOCK_VERSION}`
          : "it is no lock file of chart-mirror",
      );
      return {
        lockVersion: LOCK_VERSION,
        tool: "",
        mirror: "",
        chart: NO_CHART,
        images: [],
        overrides: {},
        patches: [],
      };
    }
    const keys = ["lockVersion", "tool", "mirror", "chart", "platforms", "images", "overrides", "patches"];
    const top = this.map(content, "", keys);
    const chart = this.map(top.chart, "chart", ["name", "version", "digest"]);
    const images = this.list(top.images, "images").map((image, i) => this.image(image, `images[${i}]`));
    this.refuseTwins(images);
    return {
      lockVersion: LOCK_VERSION,
      tool: this.text(top.tool, "tool"),
      mirror: this.text(top.mirror, "mirror"),
      chart: {
        name: this.text(chart.name, "chart.name"),
        version: this.text(chart.version, "chart.version"),
        digest: this.digest(chart.digest, "chart.digest"),
      },
      ...(top.platforms !== undefined && { platforms: this.texts(top.platforms, "platforms") }),
      images,
      overrides: this.map(top.overrides, "overrides") as Record<string, Json>,
      patches: this.list(top.patches, "patches").map((patch, i) => this.patch(patch, `patches[${i}]`)),
    };
  }

  private image(content: unknown, at: string): LockedImage {
    const before = this.problems.length;
    const keys = ["source", "target", "digest", "targetDigest", "size", "platforms", "checksum"];
    const map = this.map(content, at, keys);
    const image = {
      source: this.reference(map.source, `${at}.source`),
      target: this.reference(map.target, `${at}.target`),
      digest: this.digest(map.digest, `${at}.digest`),
      ...(map.targetDigest !== undefined && { targetDigest: this.digest(map.targetDigest, `${at}.targetDigest`) }),
      size: this.count(map.size, `${at}.size`, 0),
      platforms: this.texts(map.platforms, `${at}.platforms`),
    };
    const checksum = this.text(map.checksum, `${at}.checksum`);
    if (this.problems.length === before && checksum !== imageChecksum(image))
      this.problems.push(
        `${image.source} was changed after it was locked: its checksum is not that of its other fields`,
      );
    return image;
  }

  private refuseTwins(images: readonly LockedImage[]): void {
    const digests = new Map<string, string>();
    for (const { source, target, digest } of images) {
      const other = digests.get(target);
      if (target !== "" && other !== undefined) this.problems.push(`${target} is locked twice (again for ${source})`);
      digests.set(target, digest);
    }
  }

  private patch(content: unknown, at: string): ChartPatch {
    const map = this.map(content, at, ["file", "line", "before", "after"]);
    return {
      file: this.text(map.file, `${at}.file`),
      line: this.count(map.line, `${at}.line`, 1),
      before: this.text(map.before, `${at}.before`, true),
      after: this.text(map.after, `${at}.after`, true),
    };
  }

  /** @param keys those that it may have; any unless told */
  private map(content: unknown, at: string, keys?: readonly string[]): Record<string, unknown> {
    if (!isMap(content)) {
      this.problems.push(`${at} is no map`);
      return {};
    }
    for (const key of Object.keys(content))
      if (keys && !keys.includes(key)) this.problems.push(`${at === "" ? key : `${at}.${key}`} is unknown`);
    return content;
  }

  private list(content: unknown, at: string): readonly unknown[] {
    if (Array.isArray(content)) return content;
    this.problems.push(`${at} is no list`);
    return [];
  }

  private texts(content: unknown, at: string): readonly string[] {
    return this.list(content, at).map((text, i) => this.text(text, `${at}[${i}]`));
  }

  private text(content: unknown, at: string, mayBeEmpty = false): string {
    if (typeof content === "string" && (mayBeEmpty || content !== "")) return content;
    // Its parent was no map, which has been said.
    if (content !== undefined || !this.problems.includes(`${at.replace(/\.\w+$/, "")} is no map`))
      this.problems.push(`${at} is no text`);
    return "";
  }

  private digest(content: unknown, at: string): string {
    const text = this.text(content, at);
    if (text !== "" && !isDigest(text)) this.problems.push(`${at} ${JSON.stringify(text)} is no digest`);
    return text;
  }

  private reference(content: unknown, at: string): string {
    const text = this.text(content, at);
    if (text !== "" && !tryParseReference(text)?.hasHost)
      this.problems.push(`${at} ${JSON.stringify(text)} is no image reference with a host`);
    return text;
  }

  private count(content: unknown, at: string, least: number): number {
    if (Number.isSafeInteger(content) && (content as number) >= least) return content as number;
    this.problems.push(`${at} is no whole number of at least ${least}`);
    return least;
  }
}

const NO_CHART = { name: "", version: "", digest: "" };
