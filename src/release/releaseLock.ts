import { readFile } from "node:fs/promises";
import { MirrorError } from "../error";
import { writeOutputFile } from "../files/outputFile";
import { formatPlatform } from "../image/platform";
import { formatReference, parseReference } from "../image/reference";
import { refuseNoLock } from "../machine/lockPlace";
import { toolVersion } from "../machine/toolVersion";
import { platformsBySource, type PlatformChoice } from "../plan/platformChoice";
import { pinToLock } from "../plan/lock/lockedPlan";
import { LOCK_VERSION, lockContent, type LockedImage, type LockFile } from "../plan/lock/lockFile";
import { formatLock } from "../plan/lock/lockFormat";
import { readLock } from "../plan/lock/readLock";
import type { RelocationPlan } from "../plan/relocationPlan";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import { resolveImages, type ImageRegistries } from "../plan/resolveImages";
import { refuseMovedTags, TagPolicy } from "../plan/tagPolicy";

/** How a lock file is written from within the program, whose values, names and registry it then has. */
export const RENEW_LOCK = "CHART_MIRROR_LOCK=write pulumi preview";

/** A lock file cannot follow tags: that is what it prevents. `code` is `LOCK_CANNOT_FOLLOW`. */
export class LockCannotFollowError extends MirrorError {
  override readonly name = "LockCannotFollowError";
  constructor(file: string) {
    super(
      "LOCK_CANNOT_FOLLOW",
      `The lock file ${file} says which images are deployed, and tags: ${TagPolicy.Follow} says that their tags do`,
      `Leave tags out, set it to ${TagPolicy.Pin} or to ${TagPolicy.Fail}, or leave lockFile out. The lock file follows the tags when it is renewed: ${RENEW_LOCK}`,
    );
  }
}

/** The release that a lock file is compared with or written for. */
export interface LockedRelease {
  readonly chartDigest: string;
  /** `host[:port][/path]` of the mirror. */
  readonly mirror: string;
  /** Asked when the file is written, and when moved tags shall be an error. */
  readonly registries: ImageRegistries;
  /** The platforms that alone are copied, and of which images; undefined for all of all. */
  readonly choice?: Pick<PlatformChoice, "platforms" | "layout">;
  /** Writes the digests of images into the plan's values, where that is wanted. */
  readonly pin?: (plan: ResolvedPlan) => Promise<ResolvedPlan>;
}

/** The lock file of a release: read and obeyed, or, when the environment says `CHART_MIRROR_LOCK=write`, written. */
export class ReleaseLock {
  private constructor(
    private readonly file: string,
    private readonly tags: TagPolicy,
    /** Undefined when the file is to be written. */
    private readonly lock: LockFile | undefined,
  ) {}

  /**
   * @throws {LockNotFoundError} {InvalidLockError} {LockCannotFollowError}
   */
  static async open(
    file: string,
    tags: TagPolicy = TagPolicy.Pin,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<ReleaseLock> {
    if (tags === TagPolicy.Follow) throw new LockCannotFollowError(file);
    if (environment.CHART_MIRROR_LOCK === "write") {
      await refuseNoLock(file);
      return new ReleaseLock(file, tags, undefined);
    }
    return new ReleaseLock(file, tags, await readLock(file, (path) => readFile(path, "utf8"), RENEW_LOCK));
  }

  /** The chart that the file is of; undefined when it is to be written. */
  get chart(): LockFile["chart"] | undefined {
    return this.lock?.chart;
  }

  /** Whether the file knows a text that is only shaped like an image; undefined when it is to be written. */
  confirms(reference: string): boolean | undefined {
    const source = formatReference(parseReference(reference));
    return this.lock?.images.some((image) => image.source === source);
  }

  /**
   * The plan with digests, sizes and platforms: the file's, or, when it is to be written, the registries'.
   *
   * @throws {StaleLockError} with all that the file does not have
   * @throws {MovedTagError} or several of them, where the policy is to fail
   */
  async resolve(
    plan: RelocationPlan,
    { chartDigest, mirror, registries, choice, pin = (as) => Promise.resolve(as) }: LockedRelease,
  ): Promise<ResolvedPlan> {
    const { file, lock, tags } = this;
    const doing = `Looking up the images of chart ${plan.chart.name}`;
    const platforms = choice?.platforms.map(formatPlatform);
    if (!lock) {
      const platformsOf = platformsBySource(plan.images, choice);
      const images = await resolveImages(plan.images, registries, doing, { platformsOf });
      const resolved = await pin({ ...plan, images });
      const content = lockContent(resolved, mirror, chartDigest, platforms);
      const locked = content.images as readonly LockedImage[];
      const text = formatLock({ ...content, images: locked, lockVersion: LOCK_VERSION, tool: toolVersion() });
      await writeOutputFile(file, text, { what: "the lock file" });
      return resolved;
    }
    const pinned = pinToLock(await pin(withLockedDigests(plan, lock)), {
      lock,
      file,
      chartDigest,
      mirror,
      ...(platforms && { platforms }),
      renew: RENEW_LOCK,
    });
    if (tags === TagPolicy.Fail)
      refuseMovedTags(
        doing,
        pinned.images,
        await resolveImages(plan.images, registries, doing, {
          known: lock.images,
          // What cannot be asked has not been seen to move.
          onUnreachable: () => undefined,
        }),
      );
    return pinned;
  }
}

/** Images that the file does not have stay without a digest; that they are missing is told with all else. */
function withLockedDigests(plan: RelocationPlan, lock: LockFile): ResolvedPlan {
  const locked = new Map(lock.images.map((image) => [image.source, image]));
  return {
    ...plan,
    images: plan.images.map((image) => {
      const { digest, targetDigest } = locked.get(image.source) ?? {};
      return { ...image, ...(digest !== undefined && { digest }), ...(targetDigest !== undefined && { targetDigest }) };
    }),
  };
}
