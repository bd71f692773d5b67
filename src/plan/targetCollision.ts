import { MirrorError, MirrorErrors } from "../error";

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

/** Refuses images of which several would be written to one place, where the last would win. */
export function refuseTargetCollisions(images: readonly { readonly source: string; readonly target: string }[]): void {
  const sources = new Map<string, string[]>();
  for (const { source, target } of images) sources.set(target, [...(sources.get(target) ?? []), source]);
  MirrorErrors.throwIfAny(
    "planning where the images go",
    [...sources].flatMap(([target, all]) => (all.length > 1 ? [new TargetCollisionError(target, all)] : [])),
  );
}
