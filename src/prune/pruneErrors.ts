import { MirrorError } from "../error";

/** Options of `prune` that do not go together, or that leave nothing to hold the mirror against. `code` is `INVALID_PRUNE`. */
export function invalidPrune(problem: string, remedy?: string): MirrorError {
  return new MirrorError("INVALID_PRUNE", problem, remedy);
}

/** What is needed of the mirror could not be found out. `code` is `USES_UNKNOWN`. */
export class UsesUnknownError extends MirrorError {
  override readonly name = "UsesUnknownError";
  constructor(doing: string, reason: string, remedy: string, options?: ErrorOptions) {
    super("USES_UNKNOWN", `${doing} failed: ${reason}`, remedy, options);
  }
}

/** What the mirror holds could not be found out. `code` is `INVENTORY_UNKNOWN`. */
export function inventoryUnknown(doing: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "INVENTORY_UNKNOWN",
    `${doing} failed: ${reason}`,
    "Mend what it says, and run the command again",
    options,
  );
}
