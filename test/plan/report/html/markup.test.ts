import fc from "fast-check";
import { Markup, markup } from "../../../../src/plan/report/html/markup";

it.each([
  ["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  [`" onload="x`, "&quot; onload=&quot;x"],
  ["it's & that", "it&#39;s &amp; that"],
  ["\u202eevil", "\\u202eevil"],
  ["&lt;", "&amp;lt;"],
])("a text stays a text: %j", (text, escaped) => {
  expect(markup`<b title="${text}">${text}</b>`.source).toBe(`<b title="${escaped}">${escaped}</b>`);
});

it("markup, lists of it and nothing are put in as they are", () => {
  const rows = ["a", "<b>"].map((text) => markup`<li>${text}</li>`);
  expect(markup`<ol>${rows}${undefined}${3}</ol>`.source).toBe("<ol><li>a</li><li>&lt;b&gt;</li>3</ol>");
  expect(markup`${Markup.ofOurs("<hr>")}`.source).toBe("<hr>");
});

it("whatever a text is, no character of it is markup", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "`", "=", "a", "\u0000", "]]>", "<!--") }),
      (text) => {
        const { source } = markup`${text}`;
        expect(source).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        expect(source).not.toContain("\u0000");
      },
    ),
  );
});
