import type { Json, JsonObject } from "../src/json";
import { parseJson } from "../src/json";
import { childOf, ownValue, setChild, setOwnValue, withoutPrototype } from "../src/ownKeys";

const KEYS = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__defineGetter__"];

describe.each(KEYS)("the key %s", (key) => {
  it("is nothing where no one set it", () => {
    expect(ownValue({ a: 1 } as Record<string, number>, key)).toBeUndefined();
    expect(childOf({ a: 1 }, key)).toBeUndefined();
    expect(childOf(["a"], key)).toBeUndefined();
    expect(childOf("a", key)).toBeUndefined();
  });

  it("is set and read as any other", () => {
    const object: JsonObject = {};
    setOwnValue<Json>(object, key, { plainHttp: true });
    expect(Object.keys(object)).toEqual([key]);
    expect(JSON.stringify(object)).toBe(`{"${key}":{"plainHttp":true}}`);
    expect(ownValue(object, key)).toEqual({ plainHttp: true });
    expect(childOf(object, key)).toEqual({ plainHttp: true });
    setChild(object, key, 2);
    expect(JSON.stringify(object)).toBe(`{"${key}":2}`);
    expect(({} as Record<string, unknown>).plainHttp).toBeUndefined();
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  it("is read from JSON", () => {
    expect(ownValue(parseJson(`{"${key}":1}`) as JsonObject, key)).toBe(1);
  });
});

it("reads nothing of what a file has in place of a map", () => {
  expect(ownValue(null as unknown as JsonObject, "a")).toBeUndefined();
  expect(ownValue(undefined as JsonObject | undefined, "a")).toBeUndefined();
});

it("a list has items at numbers alone", () => {
  const list: Json[] = ["a"];
  setChild(list, "length", 5);
  setChild(list, 1, "b");
  expect(list).toEqual(["a", "b"]);
  expect(childOf(list, "length")).toBeUndefined();
  expect(childOf(list, 1)).toBe("b");
});

it("a copy without prototype inherits nothing", () => {
  expect("toString" in withoutPrototype({ a: 1 })).toBe(false);
  expect({ ...withoutPrototype({ a: 1 }) }).toEqual({ a: 1 });
});
