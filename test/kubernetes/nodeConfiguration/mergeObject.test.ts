import type { JsonObject } from "../../../src/json";
import { mergeObject } from "../../../src/kubernetes/nodeConfiguration/mergeObject";

test.each<[string, JsonObject, JsonObject, JsonObject]>([
  ["adds a field", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  ["goes into maps", { a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
  ["replaces a value", { a: 1 }, { a: 2 }, { a: 2 }],
  ["adds what a list lacks at its end", { a: ["x", "y"] }, { a: ["y", "z"] }, { a: ["x", "y", "z"] }],
  ["compares items as a whole", { a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 2 }] }],
  ["takes null for nothing", { a: null }, { a: ["x"] }, { a: ["x"] }],
])("mergeObject %s", (_, existing, wanted, expected) => {
  const before = JSON.stringify([existing, wanted]);
  expect(mergeObject(existing, wanted)).toEqual(expected);
  expect(mergeObject(mergeObject(existing, wanted), wanted)).toEqual(expected);
  expect(JSON.stringify([existing, wanted])).toBe(before);
});
