import fc from "fast-check";
import type { PropertyMap, PropertyValue } from "../../protocol/propertyValue";
import { applyMergePatch, mergePatch, threeWayMergePatch } from "./mergePatch";

/** Maps without nulls: in a merge patch a null can only delete. */
const { map: maps } = fc.letrec<{ value: PropertyValue; map: PropertyMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ max: 3, min: 0 }),
    fc.array(fc.integer({ max: 2, min: 0 }), { maxLength: 2 }),
    tie("map"),
  ),
  map: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));

describe("mergePatch", () => {
  it("turns the one into the other", () => {
    fc.assert(
      fc.property(maps, maps, (before, after) =>
        expect(applyMergePatch(before, mergePatch(before, after))).toEqual(after),
      ),
    );
  });

  it("is empty for what is equal", () => {
    fc.assert(fc.property(maps, (map) => expect(mergePatch(map, map)).toEqual({})));
  });

  it.each([
    [{ a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: null, c: 3, d: 4 } }],
    [{ a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    [{ a: 1 }, {}, { a: null }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ])("of %j to %j is %j", (before, after, patch) => expect(mergePatch(before, after)).toEqual(patch));
});

describe("threeWayMergePatch", () => {
  it.each<[string, PropertyMap, PropertyMap, PropertyMap, PropertyMap]>([
    ["keeps what others have added", { a: 1 }, { a: 1 }, { a: 1, b: 2 }, {}],
    ["deletes what we no longer want", { a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1, c: 1 }, { b: null }],
    ["takes back what others have changed", { a: 1 }, { a: 1 }, { a: 2 }, { a: 1 }],
    ["adds inside", { a: { x: 1 } }, { a: { x: 1, y: 2 } }, { a: { x: 1, z: 3 } }, { a: { y: 2 } }],
  ])("%s", (_, ours, wanted, live, patch) => expect(threeWayMergePatch(ours, wanted, live)).toEqual(patch));
});
