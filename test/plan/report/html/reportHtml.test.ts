import { createHash } from "node:crypto";
import { reportHtml } from "../../../../src/plan/report/html/reportHtml";
import { planReport, type PlanReport } from "../../../../src/plan/report/planReport";
import type { ResolvedPlan } from "../../../../src/plan/resolvedPlan";
import { image, MIRROR, shopPlan } from "../../shopPlan";

const report = (plan: Partial<ResolvedPlan>): PlanReport =>
  planReport(shopPlan(plan), { mirror: MIRROR, baseline: { kind: "registry", images: [] } });
/** What a reader sees of a page. */
const text = (html: string): string =>
  html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&quot;", '"')
    .replace(/\s+/g, " ");

it("tells findings first, then images, values, patches and pods", () => {
  const page = text(
    reportHtml(
      report({
        images: [image("shop/api:1")],
        overrides: [
          { path: ["image", "registry"], previous: "quay.io", value: "mirror.test", reason: "registry of 1 image" },
        ],
        patches: [{ file: "templates/a.yaml", line: 3, before: "  image: quay.io/x", after: "  image: mirror.test/x" }],
        pods: [{ kind: "Deployment", namespace: "shop", name: "api", serviceAccount: "default", via: "none" }],
        findings: [
          { severity: "warning", code: "SOME_WARNING", message: "look at this" },
          { severity: "escape", code: "IMAGE_ESCAPES", message: "quay.io/y:1 escapes" },
        ],
      }),
    ),
  );
  const order = [
    "Pulled from outside the mirror: IMAGE_ESCAPES quay.io/y:1 escapes",
    "SOME_WARNING look at this",
    "1 image State",
    "quay.io/shop/api:1",
    'image.registry "quay.io" "mirror.test" registry of 1 image',
    "templates/a.yaml:3",
    "- image: quay.io/x + image: mirror.test/x",
    "Deployment shop api default none",
  ];
  expect(order.map((part) => page.indexOf(part)).filter((at) => at < 0)).toEqual([]);
  expect([...order].sort((a, b) => page.indexOf(a) - page.indexOf(b))).toEqual(order);
});

it("leaves out what there is nothing of", () => {
  const page = reportHtml(report({ images: [], overrides: [], patches: [], pods: [], findings: [] }));
  expect(page).not.toContain("<section");
});

it("allows by its policy the style and the script that it comes with, and nothing else", () => {
  const page = reportHtml(report({}));
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
  const hash = (tag: string): string => {
    const inside = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? "";
    return `'sha256-${createHash("sha256").update(inside).digest("base64")}'`;
  };
  expect(policy).toBe(
    `default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'`,
  );
  expect(page).not.toMatch(/ style="| on[a-z]+="/);
});

it("is the same for the same plan, so that it can be compared and kept", () => {
  expect(reportHtml(report({}))).toBe(reportHtml(report({})));
});
