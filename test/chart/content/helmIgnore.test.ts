import { parseHelmIgnore } from "../../../src/chart/content/helmIgnore";

describe("parseHelmIgnore", () => {
  it.each<[string, string, boolean, boolean]>([
    ["*.bak", "a/b.bak", false, true],
    ["*.bak", "b.bak/x", false, false],
    [".git/", ".git", true, true],
    [".git/", ".git", false, false],
    ["/docs", "docs", true, true],
    ["/docs", "charts/docs", true, false],
    ["ci/*.yaml", "ci/a.yaml", false, true],
    ["ci/*.yaml", "ci/x/a.yaml", false, false],
    ["file-[ab].txt", "file-a.txt", false, true],
    ["file-?.txt", "file-c.txt", false, true],
    ["file-[^ab].txt", "file-c.txt", false, true],
    ["file-[^ab].txt", "file-a.txt", false, false],
    ["[\\]a-c].txt", "].txt", false, true],
    ["[\\]a-c].txt", "b.txt", false, true],
    ["[z-a]", "[z-a]", false, true],
    ["[]", "[]", false, true],
    ["[ab", "[ab", false, true],
    ["a\\", "a\\", false, true],
    ["\\*.txt", "*.txt", false, true],
    ["\\*.txt", "a.txt", false, false],
    ["a*b*c", "a-b-b-c", false, true],
    ["a*b*c", "a-c-b", false, false],
    ["*a/*b", "xa/yb", false, true],
    ["*a/*b", "x/a/b", false, false],
    ["a**", "a", false, true],
    ["a+b", "a+b", false, true],
    ["a+b", "aab", false, false],
    ["# *.yaml", "a.yaml", false, false],
    ["", "templates/.hidden", false, true],
    ["", "templates/x.yaml", false, false],
    ["!*.yaml", "a.txt", false, true],
    ["!*.yaml", "a.yaml", false, false],
    // What Helm follows must not be ignored: its spaces and characters are those of Go.
    ["*.bak\n\ufeffx.yaml", "x.yaml", false, false],
    ["*.bak\n\u0085x.yaml", "x.yaml", false, true],
    ["*.bak\n\u3000x.yaml \t", "x.yaml", false, true],
    ["x??", "x\u{1f600}", false, false],
    ["x?", "x\u{1f600}", false, true],
    ["x\u{1f600}*", "x\u{1f600}\u{1f601}", false, true],
    ["[\u{1f600}-\u{1f602}]", "\u{1f601}", false, true],
    ["[\u{1f600}-\u{1f602}]", "\uffff", false, false],
  ])("%j on %s", (rules, path, isFolder, expected) => {
    expect(parseHelmIgnore(`${rules}\n`)(path, isFolder)).toBe(expected);
  });

  it("lets the first rule that matches decide", () => {
    const ignored = parseHelmIgnore("*.txt\r\n!keep.*\r\n");
    expect([ignored("a.txt", false), ignored("keep.md", false), ignored("b.md", false)]).toEqual([true, false, true]);
  });
});
