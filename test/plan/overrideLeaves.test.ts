import { formatPath } from "../../src/plan/describePlan";
import { overrideLeaves } from "../../src/plan/overrideLeaves";
import type { Json } from "../../src/json";

describe("overrideLeaves", () => {
  const leavesOf = (previous: Json | undefined, value: Json) =>
    overrideLeaves({ path: ["v"], ...(previous !== undefined && { previous }), value, reason: "" }).map((leaf) => [
      formatPath(leaf.path),
      leaf.previous,
      leaf.value,
    ]);

  it.each<[string, Json | undefined, Json, unknown[]]>([
    ["a text", "a", "b", [["v", "a", "b"]]],
    ["what was not there", undefined, "b", [["v", undefined, "b"]]],
    ["what was nothing", null, "b", [["v", null, "b"]]],
    ["an empty list, whole", [], ["b"], [["v", [], ["b"]]]],
    [
      "a list, by what is new in it",
      ["a", "b"],
      ["a", "c", "d"],
      [
        ["v[1]", "b", "c"],
        ["v[2]", undefined, "d"],
      ],
    ],
    ["a shorter list, whole", ["a", "b"], ["a"], [["v", ["a", "b"], ["a"]]]],
    ["a map in a list", [{ image: "a", password: "p" }], [{ image: "b", password: "p" }], [["v[0].image", "a", "b"]]],
    ["a map with another key", { a: 1 }, { a: 1, b: 2 }, [["v.b", undefined, 2]]],
    ["a map that lacks a key, whole", { a: 1, b: 2 }, { a: 1 }, [["v", { a: 1, b: 2 }, { a: 1 }]]],
    ["a map in place of a text", "a", { b: 1 }, [["v", "a", { b: 1 }]]],
    ["nothing that is the same", { a: [1] }, { a: [1] }, []],
    ["a key that every object has", {}, { constructor: "x" }, [["v.constructor", undefined, "x"]]],
  ])("shows %s", (_, previous, value, expected) => expect(leavesOf(previous, value)).toEqual(expected));
});
