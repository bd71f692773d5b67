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
  [
    "Bearer realm='https://a/token',scope='repository:a:pull,push', x=it's",
    [
      {
        scheme: "bearer",
        parameters: { realm: "https://a/token", scope: "repository:a:pull,push", x: "it's" },
      },
    ],
  ],
  // One token in place of parameters (token68), as Kerberos and NTLM write it.
  [
    'Negotiate YII=, NTLM TlRM/+==, Basic realm="b"',
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "ntlm", parameters: {} },
      { scheme: "basic", parameters: { realm: "b" } },
    ],
  ],
  ["Negotiate abc", [{ scheme: "negotiate", parameters: {} }]],
  [
    'NTLM, Basic realm=""',
    [
      { scheme: "ntlm", parameters: {} },
      { scheme: "basic", parameters: { realm: "" } },
    ],
  ],
  [
    "Bearer realm=https://a.io:5000/token?x=1,service=a.io:5000, Basic",
    [
      { scheme: "bearer", parameters: { realm: "https://a.io:5000/token?x=1", service: "a.io:5000" } },
      { scheme: "basic", parameters: {} },
    ],
  ],
  [
    'Bearer realm="r",service="",scope="",,error="x"',
    [{ scheme: "bearer", parameters: { realm: "r", service: "", scope: "", error: "x" } }],
  ],
  ['Bearer realm="open', [{ scheme: "bearer", parameters: {} }]],
  ["", []],
  ["=", []],
])("%s", (header, challenges) => expect(parseChallenges(header)).toEqual(challenges));

it("ends for every text", () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))));
});

it("reads back what is written, however many challenges there are", () => {
  const quote = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,9}$/);
  const parameters = fc.uniqueArray(fc.tuple(token, fc.string({ unit: "grapheme-ascii" })), {
    selector: ([name]) => name,
    maxLength: 4,
  });
  const challenges = fc.array(
    fc.record({ scheme: token, parameters, token68: fc.stringMatching(/^[0-9A-Za-z._~+/-]{1,8}={1,2}$/) }),
    { minLength: 1, maxLength: 4 },
  );
  const separator = fc.constantFrom(",", ", ", " ,\t", ", , ");
  fc.assert(
    fc.property(challenges, separator, (written, comma) => {
      const header = written.map(({ scheme, parameters, token68 }) =>
        parameters.length === 0
          ? `${scheme} ${token68}`
          : `${scheme} ${parameters.map(([name, value]) => `${name}=${quote(value)}`).join(comma)}`,
      );
      expect(parseChallenges(header.join(comma))).toEqual(
        written.map(({ scheme, parameters }) => ({ scheme, parameters: Object.fromEntries(parameters) })),
      );
    }),
  );
});
