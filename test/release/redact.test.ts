import { redact } from "../../src/release/redact";

describe("redact", () => {
  it.each([
    ["plain", "user bob with hunter2!", ["hunter2!"], "user bob with [secret]"],
    ["several times", "hunter2! hunter2!", ["hunter2!"], "[secret] [secret]"],
    ["escaped in JSON", 'got "a\\"b\\nc"', ['a"b\nc'], 'got "[secret]"'],
    ["in base64", `data ${Buffer.from("hunter2!").toString("base64")}`, ["hunter2!"], "data [secret]"],
    ["the longer one first", "hunter2!-long", ["hunter2!", "hunter2!-long"], "[secret]"],
    ["not the short ones", "a cat", ["a"], "a cat"],
  ])("%s", (_, text, secrets, expected) => expect(redact(text, secrets)).toBe(expected));
});
