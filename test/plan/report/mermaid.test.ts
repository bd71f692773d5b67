import { mermaidGraph } from "../../../src/plan/report/mermaid";
import { planReport } from "../../../src/plan/report/planReport";
import { image, MIRROR, shopPlan } from "../shopPlan";

const graph = (plan = shopPlan(), mirror = MIRROR): string =>
  mermaidGraph(planReport(plan, { mirror, baseline: { kind: "registry", images: [image("shop/api:1")] } }));

it("goes from the registries by the mirror to what pulls", () => {
  expect(graph()).toBe(
    [
      "flowchart LR",
      '  mirror["mirror.test/team"]',
      '  source0["quay.io<br>2 images#44; 1 to copy"]',
      "  source0 ==> mirror",
      '  object0["Deployment shop/web<br>api:1<br>web:1"]',
      "  mirror --> object0",
      "",
    ].join("\n"),
  );
});

const places = (name: string) => image("a:1").locations.map((location) => ({ ...location, name }));

it.each([
  '"] --> evil["',
  "`**markdown**`",
  "<img src=x onerror=alert(1)>",
  "#quot; ; click object0 callback",
  'end\n  click mirror href "javascript:alert(1)"',
  "%%{init: {'securityLevel': 'loose'}}%%",
  "```\n# out of the fence",
  "\u202e\u001b[31m",
])("shows a name that would be markup: %j", (name) => {
  const text = graph(shopPlan({ images: [{ ...image("a:1"), locations: places(name) }] }), name);
  const lines = text.split("\n").filter(Boolean);
  expect(lines).toHaveLength(6);
  for (const line of lines.slice(1))
    expect(line).toMatch(/^ {2}(?:\w+\["(?:[\p{L}\p{N} ./:@_…-]|#\d+;|<br>)*"\]|\w+ (?:-->|==>) \w+)$/u);
});

it("stays small, however large the release is, and says what it leaves out", () => {
  const images = Array.from({ length: 900 }, (_, i) => ({
    ...image(`team/${"x".repeat(200)}-${i}:1`),
    source: `host-${i}.test/${"x".repeat(200)}-${i}:1`,
    locations: places(`web-${i}-${"y".repeat(300)}`),
  }));
  const text = graph(shopPlan({ images }));
  expect(text.length).toBeLessThan(12_000);
  expect(text).toContain('source11["and 889 more<br>889 images#44; 889 to copy"]');
  expect(text).toContain('object23["and 877 more<br>');
  expect(text).toContain("<br>and 874 more");
});
