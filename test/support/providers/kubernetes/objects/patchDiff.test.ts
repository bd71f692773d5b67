import { unknown, type PropertyMap } from "../../protocol/propertyValue";
import { mergePatch } from "./mergePatch";
import { patchDiff } from "./patchDiff";

const identity = [".metadata.name", ".metadata.namespace"];

describe("patchDiff", () => {
  it.each<[string, PropertyMap, PropertyMap, readonly string[], Record<string, string>]>([
    ["nothing", { a: 1 }, { a: 1 }, [], {}],
    ["an addition", {}, { a: { b: 1 } }, [], { a: "add" }],
    ["an addition inside", { a: { c: 1 } }, { a: { b: 1, c: 1 } }, [], { "a.b": "add" }],
    ["a deletion", { a: { b: 1, c: 1 } }, { a: { c: 1 } }, [], { "a.b": "delete" }],
    ["an update", { a: { b: 1 } }, { a: { b: 2 } }, [], { "a.b": "update" }],
    ["another type", { a: { b: 1 } }, { a: "text" }, [], { a: "update" }],
    [
      "a list, item by item",
      { a: [{ x: 1, y: 1 }, 2] },
      { a: [{ x: 2 }, 2, 3] },
      [],
      { "a[0].x": "update", "a[0].y": "delete", "a[2]": "add" },
    ],
    ["a shorter list", { a: [1, 2] }, { a: [1] }, [], { "a[1]": "delete" }],
    ["keys that need quotes", { a: { "x.y/z": 1 } }, { a: { "x.y/z": 2 } }, [], { 'a["x.y/z"]': "update" }],
    [
      "a name",
      { metadata: { name: "a" } },
      { metadata: { name: "b" } },
      identity,
      { "metadata.name": "update-replace" },
    ],
    [
      "data below a replacing property",
      { data: { k: "1" } },
      { data: { k: "2" } },
      [".data"],
      { "data.k": "update-replace" },
    ],
    [
      "a replacing property inside what is added",
      {},
      { spec: { selector: {} } },
      [".spec.selector"],
      { spec: "add-replace" },
    ],
    [
      "a neighbour of a replacing property",
      { spec: { size: 1 } },
      { spec: { size: 2 } },
      [".spec.selector"],
      { "spec.size": "update" },
    ],
  ])("explains %s", (_, before, after, replacing, expected) => {
    const diff = patchDiff(mergePatch(before, after), before, after, before, replacing);
    expect(Object.fromEntries(Object.entries(diff).map(([path, { kind }]) => [path, kind]))).toEqual(expected);
  });

  it("takes what is unknown for a possible change", () => {
    const diff = patchDiff({ a: null, b: null }, { a: 1 }, { a: unknown, b: unknown }, { a: 1 }, [".a"]);
    expect(diff).toEqual({
      a: { kind: "update-replace", inputDiff: false },
      b: { kind: "add", inputDiff: false },
    });
  });

  it("takes no notice of what only the server has", () => {
    expect(patchDiff({ status: { ready: true } }, { status: { ready: false } }, {}, {}, [])).toEqual({});
  });
});
