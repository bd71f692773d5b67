import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { isMap, parseJson, type Json, type JsonObject } from "../../json";
import { ownValue, setOwnValue } from "../../ownKeys";
import { entriesOf, entryWithId, itemKey, type Entry } from "./entry";
import { readLedger, withLedger, type AddedEntries } from "./ledger";
import { byKey } from "../../textOrder";

/** What one contributor has in an object. */
export interface Contribution {
  /** Tells the contributors of an object apart; the same over all updates of one. */
  readonly contributor: string;
  /**
   * The parts of the object that shall be there: maps are entered, lists get the items that they lack, other values are
   * set. Empty to withdraw.
   */
  readonly wanted: JsonObject;
  /** What this contributor had added when it last wrote, for an object that has lost its ledger. */
  readonly added?: AddedEntries;
}

/** The outcome of {@link contribute}. */
export interface Contributed {
  /** The object as it should be; undefined when nothing is left of one that contributors had made. */
  readonly object: JsonObject | undefined;
  /** The entries that are in the object because of contributors, and which this one wants. */
  readonly added: AddedEntries;
  /** Entries that hold another value, set by somebody else; they stay. */
  readonly conflicts: readonly Entry[];
}

/**
 * An object with exactly what a contributor wants in it, in place of what the same one wanted before. All that others
 * own stays: an entry that was there before is never taken out, and one that several contributors want goes with the
 * last of them. So neither the order in which they come nor the order in which they go matters.
 *
 * Who wants what stands in an annotation of the object, its ledger, since contributors do not know of each other.
 */
export function contribute(
  live: JsonObject | undefined,
  identity: JsonObject,
  contribution: Contribution,
): Contributed {
  const { contributor, wanted } = contribution;
  const object = copyOf(live ?? identity);
  const ledger = readLedger(object);
  const entries = entriesOf(wanted);
  const ids = new Set(entries.map(({ id }) => id));
  const noted = ownValue(ledger.by, contributor);
  const remembered = noted ? {} : (contribution.added ?? {});
  const before = noted ?? Object.keys(remembered);
  const others = Object.fromEntries(Object.entries(ledger.by).filter(([other]) => other !== contributor));
  const wantedByOthers = new Set(Object.values(others).flat());
  const added = new Map(Object.entries({ ...ledger.added, ...remembered }));
  const madeByContributors = live === undefined || added.has(ROOT);

  // What is deepest goes first, so that the maps and lists around it are empty when it is their turn.
  for (const entry of before.map(entryWithId).sort((a, b) => b.depth - a.depth)) {
    if (ids.has(entry.id) || wantedByOthers.has(entry.id) || !added.has(entry.id)) continue;
    if (entry.kind !== "value" || isAsAdded(object, entry, added)) remove(object, entry);
    added.delete(entry.id);
  }
  const conflicts: Entry[] = [];
  for (const entry of entries) {
    if (entry.kind === "root") {
      if (live === undefined) added.set(entry.id, "");
      continue;
    }
    if (!isAbsent(object, entry)) {
      if (isAsWanted(object, entry)) continue;
      // Our own value of an earlier update may change, as a renewed certificate does.
      const ours = entry.kind === "value" && isAsAdded(object, entry, added) && !wantedByOthers.has(entry.id);
      if (!ours) {
        conflicts.push(entry);
        continue;
      }
    }
    if (put(object, entry)) added.set(entry.id, entry.kind === "value" ? fingerprint(entry.value) : "");
  }
  const by = { ...others, ...(ids.size > 0 && { [contributor]: [...ids].sort() }) };
  const claimed = new Set(Object.values(by).flat());
  const next = withLedger(object, { by, added: sorted(added, claimed) });
  return {
    object: madeByContributors && claimed.size === 0 && isBare(next) ? undefined : next,
    added: sorted(added, ids),
    conflicts,
  };
}

/**
 * The object without what any contributor has added to it.
 *
 * @param own one of them, which may know by its state what the ledger no longer says
 */
export function withoutContributions(
  live: JsonObject | undefined,
  identity: JsonObject,
  own: Omit<Contribution, "wanted">,
): JsonObject | undefined {
  const contributors = live === undefined ? [] : Object.keys(readLedger(live).by);
  return [own, ...contributors.map((contributor) => ({ contributor }))].reduce<JsonObject | undefined>(
    (left, one) => left && contribute(left, identity, { ...one, wanted: {} }).object,
    live,
  );
}

const ROOT = "/";

const copyOf = <T extends Json>(value: T): T => parseJson(JSON.stringify(value)) as T;

const sorted = (added: ReadonlyMap<string, string>, ids: ReadonlySet<string>): AddedEntries =>
  Object.fromEntries([...added].filter(([id]) => ids.has(id)).sort(byKey));

/** Whether a value is still the one that a contributor set, and not another that somebody has set since. */
function isAsAdded(object: JsonObject, { id, path }: Entry, added: ReadonlyMap<string, string>): boolean {
  const value = valueAt(object, path);
  return value !== undefined && added.get(id) === fingerprint(value);
}

/** Tells values apart without holding them. */
function fingerprint(value: Json): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** Whether an object holds nothing but its name. */
function isBare({ apiVersion: _apiVersion, kind: _kind, metadata: _metadata, status: _status, ...rest }: JsonObject) {
  return Object.keys(rest).length === 0;
}

function valueAt(object: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = object;
  for (const key of path) value = isMap(value) ? ownValue(value, key) : undefined;
  return value;
}

/** Empty texts count as absent, as they do for Kubernetes, which leaves them out. */
function isAbsent(object: JsonObject, entry: Entry): boolean {
  const value = valueAt(object, entry.path);
  if (entry.kind === "item") return !Array.isArray(value) || !value.some((item) => itemKey(item) === entry.key);
  return value === undefined || value === null || (entry.kind === "value" && value === "");
}

/** Whether what is there is of the right kind and, for a value, the right one. */
function isAsWanted(object: JsonObject, entry: Entry): boolean {
  const value = valueAt(object, entry.path);
  if (entry.kind === "map") return isMap(value);
  return entry.kind === "value" ? isDeepStrictEqual(value, entry.value) : Array.isArray(value);
}

/** @returns whether there was a place for it; there is none inside something that is a conflict itself */
function put(object: JsonObject, entry: Entry): boolean {
  const parent = valueAt(object, entry.path.slice(0, -1));
  const last = entry.path.at(-1) as string;
  if (!isMap(parent)) return false;
  if (entry.kind === "item") {
    const list = ownValue(parent, last);
    if (!Array.isArray(list)) return false;
    setOwnValue(parent, last, [...list, copyOf(entry.value)]);
  } else if (entry.kind === "map") setOwnValue(parent, last, {});
  else if (entry.kind === "list") setOwnValue(parent, last, []);
  else setOwnValue(parent, last, copyOf(entry.value));
  return true;
}

/** A map or a list goes only when nobody else has put anything into it. */
function remove(object: JsonObject, entry: Entry): void {
  const parent = valueAt(object, entry.path.slice(0, -1));
  const last = entry.path.at(-1) as string;
  if (!isMap(parent)) return;
  const value = ownValue(parent, last);
  if (entry.kind === "item") {
    if (Array.isArray(value))
      setOwnValue(
        parent,
        last,
        value.filter((item) => itemKey(item) !== entry.key),
      );
  } else if (entry.kind === "value") delete parent[last];
  else if (isMap(value) ? Object.keys(value).length === 0 : Array.isArray(value) && value.length === 0)
    delete parent[last];
}
