import fc from "fast-check";
import { isMap, type Json, type JsonObject } from "../../../src/json";
import { mergePatch } from "../../../src/kubernetes/contribution/mergePatch";

/** RFC 7396, section 2. */
function applied(target: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return patch;
  const result: JsonObject = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applied(result[key], value);
  }
  return result;
}

it.each<[string, JsonObject, JsonObject, JsonObject]>([
  ["nothing", { a: 1 }, { a: 1 }, {}],
  ["what is new", {}, { a: [1] }, { a: [1] }],
  ["what is gone", { a: 1, b: 2 }, { b: 2 }, { a: null }],
  ["lists as a whole", { a: [1, 2], b: 1 }, { a: [2], b: 1 }, { a: [2] }],
  ["only what changes inside a map", { m: { a: 1, b: 2 } }, { m: { a: 1, b: 3 } }, { m: { b: 3 } }],
])("holds %s", (_, from, to, patch) => expect(mergePatch(from, to)).toEqual(patch));

it("makes the one of the other, as the standard applies it", () => {
  const json = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(1, "x", true),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value")),
    ),
  })).value;
  const object = fc.dictionary(fc.constantFrom("a", "b", "c"), json) as fc.Arbitrary<JsonObject>;
  fc.assert(fc.property(object, object, (from, to) => expect(applied(from, mergePatch(from, to))).toEqual(to)));
});
