import fc from "fast-check";
import { parseHelmYaml, parseHelmYamlDocuments } from "../../../src/chart/content/helmYaml";
import { MAX_YAML_DEPTH, sizeOfYaml, YamlBudget, YamlTooLargeError } from "../../../src/chart/content/yamlBudget";
import type { Json } from "../../../src/json";

/** A list of nine times the one before, so many times. */
function laughs(levels: number): string {
  const lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"];
  for (let i = 1; i <= levels; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  return lines.join("\n");
}

describe("a YAML text's limits", () => {
  it.each<[string, string, RegExp]>([
    ["aliases of aliases", laughs(30), /more than 1000000 maps, lists and scalars/],
    ["more than there may be", "- 1\n".repeat(1_000_000), /more than 1000000 maps, lists and scalars/],
    ["a list that holds itself", "a: &a [*a]", /an alias inside of what it names/],
    ["a map that holds itself", "&a {b: {c: *a}}", /an alias inside of what it names/],
    [
      "depth out of aliases",
      Array.from(
        { length: 5 },
        (_, i) => `a${i}: &a${i} ${"[".repeat(40)}${i ? `*a${i - 1}` : 1}${"]".repeat(40)}`,
      ).join("\n"),
      /nests deeper than 100 maps and lists/,
    ],
  ])("are told: %s", (_, text, message) => {
    expect(() => parseHelmYaml(text)).toThrow(YamlTooLargeError);
    expect(() => parseHelmYaml(text)).toThrow(message);
    expect(() => parseHelmYamlDocuments(`${text}\n---\na: b`)).toThrow(message);
  });

  it.each([
    ["flow", `${"[".repeat(100_000)}`],
    ["maps", Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["lists", `${"- ".repeat(20_000)}a`],
  ])("are those of the parser, too: %s that nest without end", (_, text) => {
    expect(() => parseHelmYaml(text)).toThrow(/nesting exceeded|maxDepth/);
  });

  it("let aliases, anchors and merges of honest files be", () => {
    const text = "x: &x {a: 1, b: [1, 2]}\nw: *x\nz:\n  <<: *x\n  c: '*'\n";
    expect(parseHelmYaml(text)).toEqual({
      x: { a: 1, b: [1, 2] },
      w: { a: 1, b: [1, 2] },
      z: { a: 1, b: [1, 2], c: "*" },
    });
  });

  it("are those of several texts together", () => {
    const budget = new YamlBudget(10);
    parseHelmYaml("- 1\n- 2\n- 3\n- 4\n", budget);
    expect(budget.taken).toBe(5);
    parseHelmYaml("a: b", budget);
    expect(budget.taken).toBe(8);
    expect(() => parseHelmYaml("- 1\n- 2\n- 3\n", budget)).toThrow(YamlTooLargeError);
  });

  it("count what a walk over the values meets", () => {
    const naive = (value: Json): number => {
      if (typeof value !== "object" || value === null) return 1;
      if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + naive(item), 1);
      return Object.values(value).reduce<number>((sum, item) => sum + 1 + naive(item), 1);
    };
    const json = fc.jsonValue({ maxDepth: 5 }).map((value) => value as Json);
    fc.assert(
      fc.property(json, json, (one, other) => {
        const shared = [one, { a: one, b: [other, one] }, other];
        expect(sizeOfYaml(shared)).toBe(naive(shared));
      }),
    );
    const deep = (levels: number): Json => (levels === 0 ? 1 : [deep(levels - 1)]);
    expect(sizeOfYaml(deep(MAX_YAML_DEPTH))).toBe(MAX_YAML_DEPTH + 1);
    expect(() => sizeOfYaml(deep(MAX_YAML_DEPTH + 2))).toThrow(YamlTooLargeError);
  });
});
