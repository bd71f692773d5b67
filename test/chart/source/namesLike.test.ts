import { namesLike } from "../../../src/chart/source/namesLike";

describe("namesLike", () => {
  it.each([
    ["postgres", ["mysql", "postgresql", "redis"], ["postgresql"]],
    ["rediss", ["redis", "redis-cluster"], ["redis"]],
    ["xyz", ["completely-different"], []],
    ["web", ["database"], []],
  ])("%s", (name, names, expected) => {
    expect(namesLike(name, names)).toEqual(expected);
  });
});
