import { code } from "../../../src/plan/report/markdown";

describe("code", () => {
  it.each([
    ["a", "`a`"],
    ["a`b", "`` a`b ``"],
    ["a``b`c", "``` a``b`c ```"],
  ])("of %j is %s", (text, markdown) => expect(code(text)).toBe(markdown));

  it("takes a text of hundreds of thousands of backticks", () => {
    const text = "`a".repeat(300_000);
    expect(code(text)).toBe(`\`\` ${text} \`\``);
  });
});
