import { dependsOnUnknown, fillUnknowns } from "../../../src/chart/content/unknownValues";

describe("fillUnknowns", () => {
  const defaults = { replicas: 3, debug: false, hosts: ["a"], ingress: { class: "nginx" }, name: "x", none: null };

  it.each([
    ["a number keeps the default", ["replicas"], 3],
    ["a boolean keeps the default", ["debug"], false],
    ["a list keeps the default", ["hosts"], ["a"]],
    ["a map keeps the default", ["ingress"], { class: "nginx" }],
  ])("%s", (_, path, expected) => {
    const filled = fillUnknowns({ [path[0] as string]: null }, [path], defaults);
    expect(filled[path[0] as string]).toEqual(expected);
  });

  it.each([[["name"]], [["none"]], [["absent"]]])(
    "%j becomes a text that is found again and is a DNS label",
    (path) => {
      const text = fillUnknowns({ [path[0] as string]: null }, [path], defaults)[path[0] as string] as string;
      expect(dependsOnUnknown(`quay.io/a/b:${text}`)).toBe(true);
      expect(text).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    },
  );

  it("gives every unknown a text of its own and changes no argument", () => {
    const values = { a: null, b: [{ c: null }] };
    const filled = fillUnknowns(values, [["a"], ["b", 0, "c"]], {}) as { a: string; b: [{ c: string }] };
    expect(filled.a).not.toBe(filled.b[0].c);
    expect(values).toEqual({ a: null, b: [{ c: null }] });
  });

  it("stands in for wholly unknown values with the chart's own", () => {
    expect(fillUnknowns({}, [[]], defaults)).toEqual(defaults);
  });
});
