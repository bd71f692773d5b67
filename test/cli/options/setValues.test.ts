import { applySet, InvalidSetError } from "../../../src/cli/options/setValues";

describe("applySet", () => {
  // Expectations are what `helm template --set` yields, see pkg/strvals in Helm.
  test.each([
    ["a=1", { a: 1 }],
    ["a.b.c=x", { a: { b: { c: "x" } } }],
    ["a=1,b=two", { a: 1, b: "two" }],
    ["a=true,b=false,c=null", { a: true, b: false, c: null }],
    ["a=1.5,b=007,c=0,d=-3", { a: "1.5", b: "007", c: 0, d: -3 }],
    ["a=", { a: "" }],
    ["a={x,2,true}", { a: ["x", 2, true] }],
    ["a={}", { a: [] }],
    ["a={x,}", { a: ["x", ""] }],
    ["a[0].b=x,a[1].b=y", { a: [{ b: "x" }, { b: "y" }] }],
    ["a[2]=x", { a: [null, null, "x"] }],
    ["a[0][1]=x", { a: [[null, "x"]] }],
    [String.raw`a\.b=x\,y`, { "a.b": "x,y" }],
    [String.raw`a=\1`, { a: "1" }],
    ["image=r.io:5000/a/b:1=2", { image: "r.io:5000/a/b:1=2" }],
  ])("%s", (argument, expected) => {
    expect(applySet({}, argument)).toEqual(expected);
  });

  test("goes into what stands there and leaves the given values alone", () => {
    const values = { image: { tag: "1", registry: "r" }, list: ["a", "b"] };
    expect(applySet(values, "image.tag=2,list[1]=c")).toEqual({
      image: { tag: 2, registry: "r" },
      list: ["a", "c"],
    });
    expect(values.list).toEqual(["a", "b"]);
  });

  test.each(["a", "a.b", "=x", "a..b=1", "a[x]=1", "a[99999999]=1", "a={x", "a[0=1"])("refuses %s", (argument) => {
    expect(() => applySet({}, argument)).toThrow(InvalidSetError);
  });

  test("refuses an index into a map", () => {
    expect(() => applySet({ a: { b: 1 } }, "a[0]=1")).toThrow(/"a" is of another kind/);
  });
});
