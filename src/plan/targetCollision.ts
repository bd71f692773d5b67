import { MirrorError } from "../error";

/** Two images that would be written to one place. `code` is `TARGET_COLLISION`. */
export class TargetCollisionError extends MirrorError {
  override readonly name = "TargetCollisionError";
  constructor(
    readonly target: string,
    readonly sources: readonly string[],
  ) {
    super(
      "TARGET_COLLISION",
      `giving ${sources.join(" and ")} places in the mirror failed: both would be ${target}`,
      ({ keepHost, ignoreImages }) =>
        `Keep the hosts apart with ${keepHost}, leave one of them out with ${ignoreImages}, or mirror it to another path`,
    );
  }
}
