import { holdsSecret, redact } from "../../src/inputs/redact";

describe("redact", () => {
  it.each([
    ["plain", "user bob with hunter2!", ["hunter2!"], "user bob with [secret]"],
    ["several times", "hunter2! hunter2!", ["hunter2!"], "[secret] [secret]"],
    ["escaped in JSON", 'got "a\\"b\\nc"', ['a"b\nc'], 'got "[secret]"'],
    ["in base64", `data ${Buffer.from("hunter2!").toString("base64")}`, ["hunter2!"], "data [secret]"],
    ["the longer one first", "hunter2!-long", ["hunter2!", "hunter2!-long"], "[secret]"],
    ["not the short ones", "a cat", ["a"], "a cat"],
    ["but those that stand in quotes", 'user "ci" may not decide', ["ci"], "user [secret] may not decide"],
  ])("%s", (_, text, secrets, expected) => expect(redact(text, secrets)).toBe(expected));
});

test.each<[string, unknown, boolean]>([
  ["a text that is one", { a: ["x", { b: "hunter22" }] }, true],
  ["a text that has one in it", "postgres://ci:hunter22@db", true],
  ["a number that is one", { port: 4711 }, true],
  ["other texts", { a: ["x", { b: "y" }], c: null, d: true }, false],
])("holdsSecret finds %s", (_, value, found) => expect(holdsSecret(value, ["hunter22", "4711", ""])).toBe(found));
