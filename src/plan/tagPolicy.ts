import { MirrorError, MirrorErrors } from "../error";

/** What happens when a tag of a source registry names another image than it did. */
export const TagPolicy = {
  /** Take the new image: it shows as an update, with its old and its new digest. The default. */
  Follow: "follow",
  /** Keep the image that was mirrored or locked. */
  Pin: "pin",
  /** Fail in the preview. */
  Fail: "fail",
} as const;
export type TagPolicy = (typeof TagPolicy)[keyof typeof TagPolicy];

/** A tag names another image than it did, and the policy is to fail then. `code` is `TAG_MOVED`. */
export class MovedTagError extends MirrorError {
  override readonly name = "MovedTagError";
  constructor(
    readonly source: string,
    /** What was mirrored or locked. */
    readonly known: string,
    /** What the tag names now. */
    readonly now: string,
  ) {
    super(
      "TAG_MOVED",
      `${movedTag(source, known, now)}, and the policy for moved tags is ${TagPolicy.Fail}`,
      ({ followTags, pinTags }) =>
        `Look at what is new in it, then take it (${followTags}) or keep what you have (${pinTags})`,
    );
  }
}

/** Says that a tag has moved, in the words of every place that says so. */
export function movedTag(source: string, known: string, now: string): string {
  return `The tag of ${source} has moved: it was ${known} and is ${now} now`;
}

/**
 * Refuses images whose tags have moved since they were locked.
 *
 * @throws {MirrorErrors} about all of them, or the only {@link MovedTagError}
 */
export function refuseMovedTags(
  doing: string,
  known: readonly { readonly source: string; readonly digest?: string }[],
  now: readonly { readonly source: string; readonly digest?: string }[],
): void {
  const digests = new Map(known.map(({ source, digest }) => [source, digest]));
  MirrorErrors.throwIfAny(
    doing,
    now.flatMap(({ source, digest }) => {
      const before = digests.get(source);
      return before === undefined || digest === undefined || before === digest
        ? []
        : [new MovedTagError(source, before, digest)];
    }),
  );
}
