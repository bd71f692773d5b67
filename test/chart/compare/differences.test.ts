import { differencePlace, differences, leafDifferences } from "../../../src/chart/compare/differences";
import type { Json } from "../../../src/json";

const pod = (name: string, spec: Json) => ({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec });

describe("differences", () => {
  test("finds changed, new and lost leaves and objects", () => {
    const before = [pod("a", { image: "x", args: ["--a"], old: 1 }), pod("gone", {}), pod("gone-too", {})];
    const after = [
      pod("a", { image: "y", args: ["--a", "--b"], fresh: { k: true } }),
      { apiVersion: "v1", kind: "Job" },
    ];
    expect(differences(before, after).map(({ object, path }) => [object, path.join(".")])).toEqual([
      [0, "spec.image"],
      [0, "spec.args.1"],
      [0, "spec.old"],
      [0, "spec.fresh"],
      [1, ""],
      [2, ""],
      [-1, ""],
    ]);
  });

  test("are found by the hundred thousand", () => {
    const numbers = (first: number) => Array.from({ length: 300_000 }, (_, i) => first + i);
    const [before, after] = [pod("a", { args: numbers(0) }), pod("a", { args: numbers(1_000_000) })];
    expect(differences([before], [after]).length).toBeGreaterThanOrEqual(300_000);
    const between = [pod("a", { args: [-1, ...numbers(0), -2] }), pod("a", { args: [-3, ...numbers(0), -4] })] as const;
    expect(differences([between[0]], [between[1]])).toHaveLength(2);
  });

  test("says nothing of equal renders", () => {
    expect(differences([pod("a", { x: [1, { y: null }] })], [pod("a", { x: [1, { y: null }] })])).toEqual([]);
  });

  test.each<[Json, Json, number]>([
    [{ a: 1 }, { a: "1" }, 1],
    [{ a: null }, {}, 1],
    [[1, 2], [1, 2], 0],
    [{ a: [] }, { a: {} }, 1],
  ])("%j and %j differ in %i leaves", (a, b, count) => {
    expect(leafDifferences(a, b)).toHaveLength(count);
  });

  test("names places alike for every second render", () => {
    const [first] = leafDifferences({ a: [1] }, { a: [2] });
    const [second] = leafDifferences({ a: [1] }, { a: [3] });
    expect(first && second && differencePlace(first) === differencePlace(second)).toBe(true);
  });
});
