import { plainProperties, UNKNOWN } from "../../src/policy/plainProperties";

class UnknownValueError extends Error {}

const throwing = (error: Error): object =>
  Object.defineProperty({ a: 1 }, "b", {
    enumerable: true,
    get: () => {
      throw error;
    },
  });

it("copies what is known and names the places of the rest", () => {
  const { value, unknown } = plainProperties({
    list: [{ x: "y" }, throwing(new UnknownValueError("b"))],
    none: undefined,
  });
  expect(value).toEqual({ list: [{ x: "y" }, { a: 1, b: UNKNOWN }], none: null });
  expect(unknown.map(({ path }) => path)).toEqual([["list", 1, "b"]]);
});

it("takes no other error for an unknown value, and a key __proto__ for one like any other", () => {
  expect(() => plainProperties(throwing(new TypeError("other")))).toThrow("other");
  const { value } = plainProperties(JSON.parse('{"__proto__":{"a":1}}') as object);
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
});
