import fc from "fast-check";
import {
  Asset,
  decode,
  encode,
  hasSecrets,
  hasUnknowns,
  plain,
  Secret,
  stripSecrets,
  unknown,
  withSecretsOf,
  withUnknownsOf,
  type PropertyMap,
  type PropertyValue,
} from "./propertyValue";

const { map: maps } = fc.letrec<{ value: PropertyValue; map: PropertyMap }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.constant(unknown),
    fc.string({ minLength: 1 }).map((text) => new Asset({ text })),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("map"),
    tie("value").map((value) => new Secret(value)),
  ),
  map: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));

describe("the wire format", () => {
  it("keeps every value as it is", () => {
    fc.assert(fc.property(maps, (map) => expect(decode(encode(map))).toEqual(map)));
  });

  it("reads every kind of unknown, and outputs", () => {
    const marker = "4dabf18193072939515e22adb298388d";
    const output = (more: object) => ({ [marker]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...more });
    const wire = encode({}).constructor as unknown as { fromJavaScript(value: object): ReturnType<typeof encode> };
    const read = decode(
      wire.fromJavaScript({
        number: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        later: output({}),
        hidden: output({ value: "a", secret: true }),
        known: output({ value: "b", secret: false, dependencies: ["urn"] }),
      }),
    );
    expect(read).toEqual({ number: unknown, later: unknown, hidden: new Secret("a"), known: "b" });
  });
});

describe("secrets and unknowns", () => {
  it("are gone from what has been stripped of them", () => {
    fc.assert(
      fc.property(maps, (map) => {
        expect(hasSecrets(stripSecrets(map))).toBe(false);
        expect(hasUnknowns(stripSecrets(map))).toBe(hasUnknowns(map));
        expect(hasSecrets(plain(map)) || hasUnknowns(plain(map))).toBe(false);
      }),
    );
  });

  it("come back from the inputs that had them", () => {
    fc.assert(
      fc.property(maps, (map) => {
        const restored = withSecretsOf(withUnknownsOf(plain(map) as PropertyMap, map), map);
        expect(hasUnknowns(restored)).toBe(hasUnknowns(map));
        expect(hasSecrets(restored)).toBe(hasSecrets(map));
      }),
    );
  });

  it("mark the smallest part, but a list as a whole", () => {
    const inputs = { a: { b: new Secret("x"), c: "y" }, list: ["p", new Secret("q")] };
    expect(withSecretsOf({ a: { b: "x", c: "y" }, list: ["p", "q"], more: 1 }, inputs)).toEqual({
      a: { b: new Secret("x"), c: "y" },
      list: new Secret(["p", "q"]),
      more: 1,
    });
  });
});
