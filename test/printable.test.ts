import * as fc from "fast-check";
import { MirrorError, MirrorErrors } from "../src/error";
import { printable, printableLine, shortened } from "../src/printable";

describe("printable", () => {
  it.each([
    ["\u001b]0;title\u0007", "\\u001b]0;title\\u0007"],
    ["a\rb\u0000\u007f\u009b31m", "a\\u000db\\u0000\\u007f\\u009b31m"],
    ["line\u2028line\u2029line\u0085", "line\\u2028line\\u2029line\\u0085"],
    ["\u202eevil\u2066\u2069\u200e\u061c", "\\u202eevil\\u2066\\u2069\\u200e\\u061c"],
    ["zero\u200bwidth\u2060\ufeff\u00ad", "zero\\u200bwidth\\u2060\\ufeff\\u00ad"],
    ["::error file=x::no", "\\u003a:error file=x::no"],
    ["a\n  ::set-output name=a::b", "a\n  \\u003a:set-output name=a::b"],
    ["a\r\n::stop-commands::x", "a\\u000d\n\\u003a:stop-commands::x"],
    ["a ##[command]x ##vso[task.setvariable]x", "a \\u0023#[command]x \\u0023#vso[task.setvariable]x"],
    ["##teamcity[x]", "\\u0023#teamcity[x]"],
  ])("%j is shown as %j", (text, shown) => expect(printable(text)).toBe(shown));

  it.each(["", "a\tb\nc\n", "r.io/a/b:1", "[::1]:5000/a", "a::b", "## heading", "größer → ✓ 😀"])("%j stays", (text) =>
    expect(printable(text)).toBe(text),
  );

  it("leaves nothing to obey, changes nothing twice, and keeps what JSON says", () =>
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            "a",
            " ",
            "\n",
            "\r",
            "\t",
            ":",
            "#",
            "[",
            "\u001b",
            "\u2028",
            "\u202e",
            "\u0085",
            "\\",
          ),
        }),
        (text) => {
          const shown = printable(text);
          // eslint-disable-next-line no-control-regex -- what is looked for
          expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u202e]|^\s*::|##\w*\[/m);
          expect(printable(shown)).toBe(shown);
          expect(JSON.parse(printable(JSON.stringify({ text }, undefined, 2)))).toEqual({ text });
          expect(printableLine(text)).not.toContain("\n");
        },
      ),
    ));

  it("cuts what is very long, and says so", () => {
    expect(shortened("a".repeat(1_000_000))).toMatch(/^a{16000}… \(984000 more characters\)$/);
    expect(shortened("short")).toBe("short");
  });
});

describe("MirrorError", () => {
  it("holds nothing that a terminal or a build machine obeys, wherever it came from", () => {
    const error = new MirrorError("X", "asking r.io\u001b[31m failed:\n::error::no", "Do\u202e it");
    expect(error.message).toBe("asking r.io\\u001b[31m failed:\n\\u003a:error::no. Do\\u202e it");
    expect(error.problem).toBe("asking r.io\\u001b[31m failed:\n\\u003a:error::no");
    expect(new MirrorErrors("Doing", [error, new Error("a\u001bb")]).message).toBe(
      `Doing: 2 problems\n  1. ${error.message}\n  2. a\\u001bb`,
    );
  });

  it("is of a length that can be read, several together too", () => {
    const error = new MirrorError("X", `reading failed: ${"a".repeat(1_000_000)}`, "Do it");
    expect(error.message.slice(-50)).toMatch(/a… \(\d+ more characters\)\. Do it$/);
    expect(error.message.length).toBeLessThan(17_000);
    expect(new MirrorErrors("Doing", Array(20).fill(error)).message.match(/Do it/g)).toHaveLength(20);
  });
});
