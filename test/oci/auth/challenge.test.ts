import * as fc from "fast-check";
import { parseChallenges } from "../../../src/oci/auth/challenge";

it.each([
  ["Basic", [{ scheme: "basic", parameters: {} }]],
  ['Basic realm="x"', [{ scheme: "basic", parameters: { realm: "x" } }]],
  [
    'Bearer realm="https://a/token",service="s,1",scope="repository:a:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: { realm: "https://a/token", service: "s,1", scope: "repository:a:pull,push" },
      },
    ],
  ],
  [
    'Bearer realm="r" , Basic realm="b"',
    [
      { scheme: "bearer", parameters: { realm: "r" } },
      { scheme: "basic", parameters: { realm: "b" } },
    ],
  ],
  ['Bearer Realm = "a\\"b" , x=token', [{ scheme: "bearer", parameters: { realm: 'a"b', x: "token" } }]],
  ['Bearer realm="open', [{ scheme: "bearer", parameters: {} }]],
  ["", []],
  ["=", []],
])("%s", (header, challenges) => expect(parseChallenges(header)).toEqual(challenges));

it("ends for every text", () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))));
});

it("reads back what is written", () => {
  const value = fc.string({ unit: "grapheme-ascii" });
  fc.assert(
    fc.property(value, value, (realm, service) => {
      const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
      const [challenge] = parseChallenges(`Bearer realm=${quote(realm)}, service=${quote(service)}`);
      expect(challenge?.parameters).toEqual({ realm, service });
    }),
  );
});
