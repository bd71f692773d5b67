import fc from "fast-check";
import { MAX_JSON_NODES, parseJson } from "../src/json";

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  it.each([
    ["lists", "[],"],
    ["maps", "{},"],
    ["scalars", "1,"],
    ["texts", '"\\"[",'],
  ])("ends where a text holds too many %s, and counts none inside of texts", (_, item) => {
    const text = (count: number): string => `[${item.repeat(count)}1]`;
    const each = item.startsWith("[") || item.startsWith("{") ? 2 : 1;
    const most = Math.floor((MAX_JSON_NODES - 2) / each);
    expect(parseJson(text(most))).toHaveLength(most + 1);
    expect(() => parseJson(text(most + 2))).toThrow(SyntaxError);
    expect(parseJson(JSON.stringify(text(most + 2)))).toBe(text(most + 2));
  });

  it("finds the end of a text that is cut", () => {
    for (const end of ['"', '"\\', "\\"])
      expect(() => parseJson(`["${"a".repeat(MAX_JSON_NODES)}${end}`)).toThrow(SyntaxError);
  });
});
