import * as fc from "fast-check";
import { SecretTexts } from "../../../src/oci/auth/secretTexts";

const scrubbed = (secret: string, text: string): string => {
  const secrets = new SecretTexts();
  secrets.add(secret);
  return secrets.scrub(text);
};

const PASSWORD = 'p@ss w$rd!"%^\n€+/';
const everyByte = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

it.each([
  ["as it is", PASSWORD],
  ["as JavaScript encodes it", encodeURIComponent(PASSWORD)],
  ["in small letters", encodeURIComponent(PASSWORD).toLowerCase()],
  ["as a path of a URL", new URL(`http://r.io/${PASSWORD.replace("\n", "%0A")}`).pathname.slice(1)],
  ["as a form", new URLSearchParams([["", PASSWORD]]).toString().slice(1)],
  ["byte by byte", everyByte(PASSWORD)],
  ["twice", encodeURIComponent(encodeURIComponent(PASSWORD))],
  ["in JSON", JSON.stringify(PASSWORD).slice(1, -1)],
  ["in JSON of ASCII", JSON.stringify(PASSWORD).slice(1, -1).replace("€", "\\u20ac")],
  ["in base64", Buffer.from(PASSWORD).toString("base64")],
  ["in base64 for URLs", Buffer.from(PASSWORD).toString("base64url")],
])("takes a secret out %s", (_, form) => {
  expect(scrubbed(PASSWORD, `/store/${form}/blobs`)).toMatch(/^\/store\/\*\*\*=*\/blobs$/);
});

it.each([
  ["base64 for URLs", "cm9ib3Q6c2VjcmV0Pz8+Pw==", "cm9ib3Q6c2VjcmV0Pz8-Pw"],
  ["a host, which is in small letters", "ToKen-1234", "token-1234.r.io"],
])("takes out a secret that was written as %s", (_, secret, form) => {
  expect(scrubbed(secret, form)).toMatch(/^\*\*\*(?:\.r\.io)?$/);
});

it("leaves what is no secret as it is", () => {
  const text = "GET http://r.io/v2/%41pp/€?n=100%&a=%zz%e2%82: 200";
  expect(scrubbed("s3cret", text)).toBe(text);
  expect(new SecretTexts().scrub(text)).toBe(text);
});

it("takes out secrets that are parts of others", () => {
  const secrets = new SecretTexts();
  for (const secret of ["abc", "abcdef", "efgh"]) secrets.add(secret);
  expect(secrets.scrub("abcdefgh abc abcabc")).toBe("*** *** ******");
});

it("finds a secret whatever stands around it", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, unit: "grapheme" }), fc.string(), fc.boolean(), (secret, around, encoded) => {
      fc.pre(!around.includes("*") && !secret.includes("*"));
      const form = encoded ? encodeURIComponent(secret) : secret;
      expect(scrubbed(secret, `${around}<${form}>${around}`)).not.toContain(`<${form}>`);
    }),
  );
});
