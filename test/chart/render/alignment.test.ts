import { alignItems, alignObjects, translatePath } from "../../../src/chart/render/alignment";
import type { Json, JsonObject } from "../../../src/json";

const object = (kind: string, name: string, namespace?: string): JsonObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace && { namespace }) },
});

describe("alignObjects", () => {
  test.each([
    ["the same order", [object("Pod", "a"), object("Pod", "b")], [object("Pod", "a"), object("Pod", "b")], [0, 1]],
    ["another order", [object("Pod", "a"), object("Pod", "b")], [object("Pod", "b"), object("Pod", "a")], [1, 0]],
    ["one is gone", [object("Pod", "a"), object("Job", "b")], [object("Pod", "a")], [0, -1]],
    [
      "a random suffix",
      [object("Job", "run-x1"), object("Job", "test-9")],
      [object("Job", "test-4"), object("Job", "run-q7")],
      [1, 0],
    ],
    ["the last of its kind has another name", [object("Job", "a")], [object("Job", "z")], [0]],
    [
      "another namespace is another object",
      [object("Pod", "a", "x"), object("Pod", "a", "y")],
      [object("Pod", "a", "y")],
      [-1, 0],
    ],
    [
      "two of one name stay in order",
      [object("Pod", "a"), object("Pod", "a")],
      [object("Pod", "a"), object("Pod", "a")],
      [0, 1],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(alignObjects(before, after)).toEqual(expected);
  });
});

describe("alignItems", () => {
  const rows: [string, Json[], Json[], number[]][] = [
    ["by name", [{ name: "a" }, { name: "b" }], [{ name: "x" }, { name: "b" }, { name: "a" }], [2, 1]],
    ["equal lengths one by one", ["a", "b"], ["c", "b"], [0, 1]],
    ["an item put in between", ["--a", "--b"], ["--a", "--new", "--b"], [0, 2]],
    [
      "a changed item beside a new one",
      ["--image=quay.io/a", "--b"],
      ["--secret=x", "--image=mirror/a", "--b"],
      [1, 2],
    ],
    ["an item that is gone", ["a", "b", "c"], ["a", "c"], [0, -1, 1]],
    ["from nothing", [], ["a"], []],
  ];
  test.each(rows)("%s", (_, before, after, expected) => {
    expect(alignItems(before, after)).toEqual(expected);
  });
});

describe("translatePath", () => {
  const before: Json = { env: [{ name: "A", value: "1" }], args: ["--b"] };
  const after: Json = { env: [{ name: "NEW" }, { name: "A", value: "2" }], args: ["--a", "--b"] };
  test.each([
    [
      ["env", 0, "value"],
      ["env", 1, "value"],
    ],
    [
      ["args", 0],
      ["args", 1],
    ],
    [["env"], ["env"]],
  ])("%j", (path, expected) => {
    expect(translatePath(before, after, path)).toEqual(expected);
  });

  test("leads nowhere when the item is gone", () => {
    expect(translatePath(before, { env: [] }, ["env", 0, "value"])).toBeUndefined();
  });
});

describe("lists of very many items", () => {
  const many = (prefix: string): string[] => Array.from({ length: 3_000 }, (_, i) => `${prefix}${i}`);

  it("are paired by the items that are there once", () => {
    const kept = Array.from({ length: 100 }, (_, i) => `kept ${i}`);
    const before = [...many("a"), ...kept, ...many("b")];
    const after = [...many("c"), "new", ...kept, ...many("d")];
    const pairs = alignItems(before, after);
    expect(kept.map((item) => after[pairs[before.indexOf(item)] as number])).toEqual(kept);
    expect(pairs.slice(0, 3_000).every((pair) => pair === -1)).toBe(true);
  });
});
