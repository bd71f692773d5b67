import type { Json } from "../../json";

/**
 * What one YAML text may hold: maps, lists and scalars, keys among them, with its aliases written out. Whoever walks over
 * the values meets an alias as often as it is named, so that a few lines can stand for billions ("billion laughs").
 * The values of the largest charts known are a hundredth of it.
 */
export const MAX_YAML_NODES = 1_000_000;

/**
 * How deep YAML may nest, with its aliases written out; the parser's own limit of a text without them
 * ({@link https://github.com/nodeca/js-yaml#load-string---options- maxDepth}).
 */
export const MAX_YAML_DEPTH = 100;

/** A YAML text beyond one of the limits. */
export class YamlTooLargeError extends Error {
  override readonly name = "YamlTooLargeError";
}

/** Counts what is read of one or more YAML texts. */
export class YamlBudget {
  #taken = 0;

  /** @param nodes that all texts together may hold */
  constructor(private readonly nodes = MAX_YAML_NODES) {}

  /** How many were read. */
  get taken(): number {
    return this.#taken;
  }

  /** @throws {YamlTooLargeError} */
  take(nodes: number): void {
    this.check(nodes);
    this.#taken += nodes;
  }

  /** Whether so many can be taken. @throws {YamlTooLargeError} */
  check(nodes: number): void {
    if (this.#taken + nodes > this.nodes)
      throw new YamlTooLargeError(
        `it has more than ${this.nodes} maps, lists and scalars, with its aliases written out`,
      );
  }
}

/**
 * The same of values of which none stands at two places, as a text without aliases gives them.
 *
 * @throws {YamlTooLargeError} for values that nest too deep
 */
export function sizeOfTree(value: Json, depth = 0): number {
  if (typeof value !== "object" || value === null) return 1;
  if (depth > MAX_YAML_DEPTH) throw tooDeep();
  let size = 1;
  if (Array.isArray(value)) for (const item of value) size += sizeOfTree(item, depth + 1);
  else for (const item of Object.values(value)) size += sizeOfTree(item, depth + 1) + 1;
  return size;
}

const tooDeep = (): YamlTooLargeError =>
  new YamlTooLargeError(`it nests deeper than ${MAX_YAML_DEPTH} maps and lists, with its aliases written out`);

interface Measure {
  readonly size: number;
  readonly depth: number;
}

/**
 * How many maps, lists and scalars, keys among them, values hold for whoever walks over them. What stands at several
 * places is looked at once.
 *
 * @param depth that the values lie at
 * @throws {YamlTooLargeError} for values that hold themselves or nest too deep
 */
export function sizeOfYaml(values: Json, depth = 0): number {
  const known = new Map<object, Measure | "open">();
  const measure = (value: Json, above: number): Measure => {
    if (typeof value !== "object" || value === null) return { size: 1, depth: 0 };
    const before = known.get(value);
    if (before === "open") throw new YamlTooLargeError("it has an alias inside of what it names");
    if (above + (before?.depth ?? 0) > MAX_YAML_DEPTH) throw tooDeep();
    if (before) return before;
    known.set(value, "open");
    const isList = Array.isArray(value);
    let size = 1;
    let depth = 0;
    for (const item of isList ? value : Object.values(value)) {
      const inner = measure(item, above + 1);
      size += inner.size + (isList ? 0 : 1);
      depth = Math.max(depth, inner.depth + 1);
    }
    const result = { size, depth };
    known.set(value, result);
    return result;
  };
  return measure(values, depth).size;
}
