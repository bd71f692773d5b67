import { invalidPrune } from "../../prune/pruneErrors";

/** Reads a number of days. @throws {MirrorError} `INVALID_PRUNE` */
export function parseKeepDays(text: string): number {
  if (!/^\d{1,5}$/.test(text))
    throw invalidPrune(`${JSON.stringify(text)} is no number of days`, "Write a whole number, 0 for none");
  return Number(text);
}
