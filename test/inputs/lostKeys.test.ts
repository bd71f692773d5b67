import * as pulumi from "@pulumi/pulumi";
import { parseJson } from "../../src/json";
import { refuseLostKeys, UnsupportedKeyError } from "../../src/inputs/lostKeys";

const hostile = (): unknown => parseJson('{"a":[{"__proto__":{"image":"evil.test/a:1"}}]}');

it.each([
  ["a map", () => hostile()],
  ["a promise", () => Promise.resolve(hostile())],
  ["an Output, which makes a prototype of it", () => pulumi.output(hostile())],
  ["an Output at a leaf", () => ({ b: 1, a: [pulumi.output(parseJson('{"__proto__":{"x":1}}'))] })],
  ["a secret", () => pulumi.secret(hostile())],
])("refuses a key __proto__ in %s, and names it", async (_, values) => {
  const refused = refuseLostKeys(values());
  await expect(refused).rejects.toThrow(UnsupportedKeyError);
  await expect(refused).rejects.toMatchObject({
    code: "UNSUPPORTED_KEY",
    problem: expect.stringContaining("a[0].__proto__") as string,
  });
});

it("takes all other values", async () => {
  const values = parseJson(
    '{"constructor":{"prototype":1},"toString":"a","hasOwnProperty":[null],"valueOf":{}}',
  ) as object;
  const asset = new pulumi.asset.StringAsset("a: 1");
  await expect(refuseLostKeys({ ...values, asset, at: pulumi.output(1), none: undefined })).resolves.toBeUndefined();
  await expect(refuseLostKeys(undefined)).resolves.toBeUndefined();
  await expect(refuseLostKeys(pulumi.output(values))).resolves.toBeUndefined();
});
