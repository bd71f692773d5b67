import type { PropertyMap } from "../../protocol/propertyValue";
import { pruneTo } from "./prune";

it.each<[PropertyMap, PropertyMap, PropertyMap]>([
  [{ a: 1, b: 2 }, { a: 9 }, { a: 1 }],
  [{ a: { x: 1, y: 2 } }, { a: { x: 0 } }, { a: { x: 1 } }],
  [{ a: { x: 1 } }, { a: "text" }, { a: { x: 1 } }],
  [{ a: [{ x: 1, y: 2 }, { x: 3 }] }, { a: [{ x: 0 }] }, { a: [{ x: 1 }] }],
  [{ a: ["x"] }, { a: [1] }, { a: ["x"] }],
  [{ a: [1, 2] }, { a: [] }, { a: [] }],
  [{}, { a: 1 }, {}],
])("%j in the shape of %j is %j", (live, shape, pruned) => expect(pruneTo(live, shape)).toEqual(pruned));
