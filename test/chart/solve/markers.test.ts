import {
  composeText,
  findMarkers,
  EditPointCatalogue,
  markerEdit,
  withoutMarkers,
  type Candidate,
} from "../../../src/chart/solve/markers";

const value = (previous: string | undefined, start: number, end: number, form: Candidate["form"]): Candidate => ({
  location: { kind: "value", path: ["image"], previous },
  start,
  end,
  form,
});

describe("markers", () => {
  test.each([
    ["a host is replaced, the path stays", value("quay.io/a/b:1", 0, 7, "host"), "mk1.mk.test/a/b:1"],
    ["a path gets it before", value("a/b:1", 0, 0, "prefix"), "mk1.mk.test/a/b:1"],
    ["an empty registry is the bare marker", value("", 0, 0, "bare"), "mk1.mk.test"],
    ["an absent image looks like one", value(undefined, 0, 0, "whole"), "mk1.mk.test/absent"],
    ["a host inside a text", value("x=quay.io/a y", 2, 9, "host"), "x=mk1.mk.test/a y"],
  ])("%s", (_, candidate, expected) => {
    const point = new EditPointCatalogue().pointOf(candidate);
    expect(composeText(point.location, [[point, markerEdit(point)]])).toBe(expected);
  });

  test("several replacements go into one text", () => {
    const catalogue = new EditPointCatalogue();
    const text = "quay.io/a:1 and ghcr.io/b:2";
    const [a, b] = [value(text, 0, 7, "host"), value(text, 16, 23, "host")].map((c) => catalogue.pointOf(c));
    if (!a || !b) throw new Error("no edit points");
    expect(
      composeText(a.location, [
        [b, { text: "y", end: 23 }],
        [a, { text: "x", end: 7 }],
      ]),
    ).toBe("x/a:1 and y/b:2");
  });

  test("one place has one edit point", () => {
    const catalogue = new EditPointCatalogue();
    expect(catalogue.pointOf(value("", 0, 0, "bare"))).toBe(catalogue.pointOf(value("", 0, 0, "bare")));
    expect(catalogue.pointOf(value("", 0, 0, "whole")).id).toBe(2);
  });

  test.each([
    [
      "mk1.mk.test/mk12.mk.test/absent:1",
      [
        { id: 1, start: 0, end: 11 },
        { id: 12, start: 12, end: 31 },
      ],
    ],
    ["quay.io/mk.test", []],
    ["mk3.mk.testnginx", [{ id: 3, start: 0, end: 11 }]],
  ])("finds those of %s", (text, expected) => {
    expect(findMarkers(text)).toEqual(expected);
  });

  test.each([
    ["host", value("quay.io/a", 0, 7, "host"), "x/mk1.mk.test/a", "x/quay.io/a"],
    ["prefix", value("a", 0, 0, "prefix"), "mk1.mk.test/a:1", "a:1"],
    ["bare", value("", 0, 0, "bare"), "mk1.mk.test/a:1", "a:1"],
  ])("takes a %s marker away again", (_, candidate, text, expected) => {
    const point = new EditPointCatalogue().pointOf(candidate);
    expect(withoutMarkers(text, new Map([[point.id, point]]))).toBe(expected);
  });
});
