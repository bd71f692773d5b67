import { inspect } from "node:util";
import fc from "fast-check";
import {
  integerText,
  parseHelmYaml,
  parseHelmYamlDocuments,
  parseRenderedYaml,
} from "../../../src/chart/content/helmYaml";
import { MAX_YAML_NODES, YamlBudget } from "../../../src/chart/content/yamlBudget";

interface Shared {
  readonly x: unknown;
  readonly l: readonly unknown[];
}

describe("parseHelmYaml", () => {
  // What `helm template` makes of each, seen with a template of `{{ toJson .Values.a }}` and values from `--values`.
  it.each<[string, unknown]>([
    ["1.10", 1.1],
    ['"1.10"', "1.10"],
    ["0777", 511],
    ["0o17", 15],
    ["089", 89],
    ["-012", -10],
    ["0x1F", 31],
    ["0b101", 5],
    ["1_000", 1000],
    ["1e3", 1000],
    ["+5", 5],
    [".5", 0.5],
    ["1.", 1],
    ["9007199254740994", 2 ** 53 + 2],
    ["1:20", "1:20"],
    ["1.2.3", "1.2.3"],
    ["v1", "v1"],
    ["_1", "_1"],
    ["yes", true],
    ["y", true],
    ["On", true],
    ["no", false],
    ["n", false],
    ["off", false],
    ["TRUE", true],
    ["tRUE", "tRUE"],
    ["'yes'", "yes"],
    ["2020-01-01", "2020-01-01"],
    ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"],
    ["~", null],
    ["null", null],
    ["", null],
    ["!!str 1.10", "1.10"],
    ["!!binary aGVsbG8=", "hello"],
  ])("reads %s as Helm does", (text, expected) => {
    expect(parseHelmYaml(`a: ${text}`)).toEqual({ a: expected });
  });

  it("lets a repeated key win, follows merges and makes every key a text", () => {
    expect(parseHelmYaml("a: 1\na: 2\nb: &b {x: 1, z: 2}\nc:\n  <<: *b\n  z: 3\n80: x\non: y")).toEqual({
      a: 2,
      b: { x: 1, z: 2 },
      c: { x: 1, z: 3 },
      "80": "x",
      true: true,
    });
  });

  // Each seen with `helm template --values`.
  it.each<[string, unknown]>([
    ["x: 1\n---\ny: 2\n", { x: 1 }],
    ["---\nx: 1\n---\ny: 2\n", { x: 1 }],
    ["# c\n\n--- # d\nx: 1\n--- e\n", { x: 1 }],
    ["%YAML 1.1\n---\nx: 1\n---\ny: 2\n", { x: 1 }],
    ["--- {x: 1}\n---\ny: 2\n", { x: 1 }],
    ["---\n---\ny: 2\n", null],
    ["x: 1\n...\ny\n", { x: 1 }],
    ["x: 1\n---\n\tbad: [\n", { x: 1 }],
    ["x: |\n  a\n  --- b\n", { x: "a\n--- b\n" }],
    ["x: 1 ---\nz: 2", { x: "1 ---", z: 2 }],
  ])("reads the first document alone of %j", (text, expected) => {
    expect(parseHelmYaml(text)).toEqual(expected);
  });

  it.each([parseHelmYaml, (text: string) => parseHelmYamlDocuments(text)[0]])(
    "copies what aliases and merges share",
    (read) => {
      const { a, b, c, d } = read(
        "a: &a {x: {w: 1}, l: [{z: 1}]}\nb: *a\nc: {<<: *a, x: 2}\nd: [*a, *a]\n",
      ) as unknown as {
        a: Shared;
        b: Shared;
        c: Shared;
        d: Shared[];
      };
      const all = [a, b, ...d];
      for (const one of all) expect(one).toEqual({ x: { w: 1 }, l: [{ z: 1 }] });
      const maps = [...all.flatMap(({ x, l }) => [x, l, l[0]]), c.l, c.l[0]];
      expect(new Set(maps).size).toBe(maps.length);
      expect(c).toEqual({ x: 2, l: [{ z: 1 }] });
    },
  );

  it("refuses aliases that stand for too much, or for themselves", () => {
    const bomb = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    expect(() => parseHelmYaml(`a0: &a0 [x]\n${bomb.join("\n")}\n`)).toThrow(
      `more than ${MAX_YAML_NODES} maps, lists and scalars, with its aliases written out`,
    );
    expect(() => parseHelmYaml("a: &a [{b: *a}]\n")).toThrow("it has an alias inside of what it names");
  });

  it("reads nothing as null, and each document of a stream", () => {
    expect(parseHelmYaml("# nothing\n")).toBeNull();
    expect(parseHelmYamlDocuments("a: 1\n---\n---\nb: 2\n")).toEqual([{ a: 1 }, null, { b: 2 }]);
  });

  it("gives back whatever JSON it is given", () => {
    const json = fc
      .jsonValue({ noUnicodeString: true })
      .filter((value) => !JSON.stringify(value).includes("__proto__"));
    fc.assert(
      fc.property(json, (value) => {
        expect(parseHelmYaml(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

it.each([
  'password: "s3cr3t\nuser: x\n',
  "password: s3cr3t\n- a: b\n",
  "password: *s3cr3t\n",
  "password: !s3cr3t x\n",
  "password: !s3cr3t!x y\n",
  "password: !<s3cr3t x\n",
  "password: @s3cr3t\n",
  "password: %s3cr3t\n",
  "password: `s3cr3t\n",
  "%s3cr3t\n",
])("says of %j where it is wrong, and repeats nothing of it", (text) => {
  for (const read of [parseHelmYaml, parseHelmYamlDocuments]) {
    let error: unknown;
    try {
      read(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toMatch(/\(line \d+, column \d+\)$/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
  }
});

describe("integers that a template renders", () => {
  it.each<[string, unknown]>([
    ["9007199254740993", "9007199254740993"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["18446744073709551615", "18446744073709551615"],
    ["0xffffffffffffffff", "18446744073709551615"],
    ["18446744073709551616", 2 ** 64],
    ["-9223372036854775809", -(2 ** 63)],
    ["9007199254740991", 9007199254740991],
  ])("%s is exact where 64 bits hold it", (text, expected) => {
    const [value] = parseRenderedYaml(text, new YamlBudget());
    expect(typeof value === "string" ? integerText(value) : value).toBe(expected);
  });

  // What `helm template` makes of `{{ toYaml .Values }}`: sigs.k8s.io/yaml makes JSON of the map, whose keys are texts.
  it.each([
    ["9007199254740993: a", "9007199254740993"],
    ["-9223372036854775808: a", "-9223372036854775808"],
    ["0x20000000000001: a", "9007199254740993"],
    ["? 9_007_199_254_740_993\n: a", "9007199254740993"],
    ["12: a", "12"],
  ])("are their digits as the key of %s", (text, key) => {
    for (const content of [
      parseHelmYaml(text),
      ...parseHelmYamlDocuments(text),
      ...parseRenderedYaml(text, new YamlBudget()),
    ])
      expect(content).toEqual({ [key]: "a" });
    const nested = `a: [ { b: { ${text.replace("? ", "").replace("\n", "")} } } ]`;
    expect(parseRenderedYaml(nested, new YamlBudget())).toEqual([{ a: [{ b: { [key]: "a" } }] }]);
  });

  it("are the nearest number in values", () => {
    expect(parseHelmYaml('{ a: [9007199254740993], b: -0xffffffffffffff, c: "\\x00123456789012345678" }')).toEqual({
      a: [2 ** 53],
      b: -(2 ** 56),
      c: "\u0000123456789012345678",
    });
  });

  it("are not worked out digit by digit where they have thousands", () => {
    const exact = jest.spyOn(globalThis, "BigInt");
    expect(parseRenderedYaml("9".repeat(300), new YamlBudget())).toEqual([Number("9".repeat(300))]);
    expect(parseRenderedYaml("9007199254740993", new YamlBudget())).toHaveLength(1);
    const longest = Math.max(...exact.mock.calls.map(([digits]) => String(digits).length));
    exact.mockRestore();
    expect(longest).toBe(16);
  });
});
