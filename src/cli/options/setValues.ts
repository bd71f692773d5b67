import type { Json, JsonObject, JsonPath } from "../../json";
import type { SetInteger } from "../../chart/render/render";
import { isMap } from "../../chart/content/valuePaths";
import { assignmentsOf, type SetValue } from "./setGrammar";
import { InvalidSetError, type SetOption } from "./setOption";
import { ownValue, setOwnValue } from "../../ownKeys";

/** Lists are filled up to the index that is named; Helm has the same bound. */
const MAX_INDEX = 65536;

/** A value as `--set` types it. An integer keeps its digits: Helm has 64 bits for them. */
type Typed = Json | bigint;

/** Values with single ones set. */
export interface SetResult {
  readonly values: JsonObject;
  /** The integers that `--set` has put there. */
  readonly integers: readonly SetInteger[];
}

/**
 * Applies an argument of `--set` or one of its sisters to values as Helm does, quirks included
 * ({@link https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set}).
 *
 * @param readFile reads what `--set-file` names
 * @returns new values; the given ones stay as they are
 * @throws {InvalidSetError}
 * @example `--set image.tag=1.2,ports[0]=80` makes `{ image: { tag: "1.2" }, ports: [80] }`: integers, booleans and `null`, in
 * capitals too, are typed, everything else is text.
 */
export async function applySet(
  { values, integers }: SetResult,
  option: SetOption,
  argument: string,
  readFile: (file: string) => Promise<string>,
): Promise<SetResult> {
  const result = structuredClone(values);
  const set = [...integers];
  for (const assignment of assignmentsOf(option, argument)) {
    const fail = (reason: string): InvalidSetError => new InvalidSetError(option, argument, assignment.number, reason);
    const named = (file: string): Promise<string> => {
      // Helm reads no file for an empty value at the end; anywhere else it wants one.
      if (file !== "") return readFile(file);
      if (assignment.atEnd) return Promise.resolve("");
      throw fail("a value names no file");
    };
    const typed = await typedValue(option, assignment.value, named);
    setKey(result, assignment.path, { value: plainValue(typed), atEnd: assignment.atEnd, fail });
    set.push(...integersIn(assignment.path, typed));
  }
  return { values: result, integers: set };
}

async function typedValue(
  option: SetOption,
  value: SetValue | undefined,
  readFile: (file: string) => Promise<string>,
): Promise<Typed | Typed[] | undefined> {
  if (value === undefined) return undefined;
  if ("json" in value) return value.json;
  const type = (text: string): Typed | Promise<string> =>
    option === "--set" ? typeOf(text) : option === "--set-file" ? readFile(text) : text;
  if ("texts" in value) {
    const items: Typed[] = [];
    for (const text of value.texts) items.push(await type(text));
    return items;
  }
  return type(value.text);
}

/** Helm's typing; a number with a leading zero or a fraction stays text. */
function typeOf(text: string): Typed {
  if (/^true$/iu.test(text)) return true;
  if (/^false$/iu.test(text)) return false;
  if (/^null$/iu.test(text)) return null;
  if (text === "0" || /^[+-]\d+$|^[1-9]\d*$/.test(text)) {
    const integer = BigInt(text.replace(/^\+/, ""));
    if (BigInt.asIntN(64, integer) === integer) return integer;
  }
  return text;
}

function plainValue(value: Typed | Typed[] | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => plainValue(item) as Json);
  return typeof value === "bigint" ? Number(value) : value;
}

function integersIn(path: JsonPath, value: Typed | Typed[] | undefined): SetInteger[] {
  if (typeof value === "bigint") return [{ path, digits: String(value) }];
  return Array.isArray(value) ? value.flatMap((item, i) => integersIn([...path, i], item)) : [];
}

const NO_LIST = "what its index goes into is no list";

interface Setting {
  /** Absent: only what is above it is made. */
  readonly value: Json | undefined;
  readonly atEnd: boolean;
  readonly fail: (reason: string) => InvalidSetError;
}

function setKey(map: JsonObject, [key, ...rest]: readonly (string | number)[], setting: Setting): void {
  const name = String(key);
  const { value, atEnd, fail } = setting;
  const put = (item: Json): void => {
    if (name !== "") setOwnValue(map, name, item);
  };
  const there = ownValue(map, name);
  if (rest.length === 0) {
    if (value !== undefined) put(value);
  } else if (typeof rest[0] === "number") {
    if (there !== undefined && !Array.isArray(there)) throw fail(NO_LIST);
    put(withItem(there ?? [], rest, setting));
  } else {
    if (there !== undefined && !isMap(there)) throw fail("what it goes into is no map");
    const inner = there ?? {};
    setKey(inner, rest, setting);
    const empty = Object.keys(inner).length === 0;
    if (empty && !atEnd) throw fail("its name ends with a dot");
    if (!empty) put(inner);
  }
}

/** Helm does not make an item of a list whose own value, or an index into it, ends the argument. */
function withItem(list: Json[], [key, ...rest]: readonly (string | number)[], setting: Setting): Json[] {
  const index = key as number;
  const { value, atEnd, fail } = setting;
  const put = (item: Json): Json[] => {
    if (index > MAX_INDEX) throw fail(`a list index is greater than ${MAX_INDEX}`);
    const longer = [...list];
    while (longer.length <= index) longer.push(null);
    longer[index] = item;
    return longer;
  };
  if (rest.length === 0) return value === undefined ? list : put(value);
  const there = list[index];
  if (typeof rest[0] === "number") {
    if (there !== undefined && there !== null && !Array.isArray(there)) throw fail(NO_LIST);
    const inner = withItem(there ?? [], rest, setting);
    return value === undefined || (atEnd && rest.some((step) => typeof step === "string")) ? list : put(inner);
  }
  const inner = isMap(there) ? there : {};
  setKey(inner, rest, setting);
  return atEnd && there === undefined ? list : put(inner);
}
