import * as fc from "fast-check";
import { matchesWildcard } from "../../src/image/wildcard";

describe("matchesWildcard", () => {
  it.each([
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["quay.io/shop/*", "quay.io/shop/web:1", true],
    ["quay.io/shop/*", "quay.io/shopping", false],
    ["*/web:*", "r.io/a/web:1", true],
    ["r.io/*/web", "r.io/a/web/web", true],
    ["r.io/*/web", "r.io/a/web/x", false],
    ["a.c", "abc", false],
    ["*a*a*", "a", false],
  ])("%j takes %j: %s", (pattern, text, expected) => expect(matchesWildcard(pattern, text)).toBe(expected));

  it("is what a regular expression says that may try everything", () => {
    const short = (unit: string): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...unit), maxLength: 8 });
    fc.assert(
      fc.property(short("ab*"), short("ab"), (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text);
        expect(matchesWildcard(pattern, text)).toBe(expected);
      }),
    );
  });
});
