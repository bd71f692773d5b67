/**
 * The page of `chart-mirror plan --output html` in a real Chromium: it works, it reads without scripts, and what a chart or
 * a registry wrote does nothing in it.
 */
import axe from "axe-core";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { planReport } from "../../src/plan/report/planReport";
import { reportHtml } from "../../src/plan/report/html/reportHtml";
import type { ImageBlobs } from "../../src/plan/report/html/layers";
import { image, MIRROR, shopPlan } from "../plan/shopPlan";
import { ensureTool } from "../support/tools";

jest.setTimeout(120_000);

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plan-page-"));
  // As root, Chromium has no sandbox of its own; the page is one of ours, and what is in it is what is tried.
  browser = await chromium.launch({ executablePath: await ensureTool("chromium"), args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** A page with what it did besides being shown. */
interface Opened {
  readonly page: Page;
  /** Dialogs, errors, refusals of its policy, and requests for anything else than the page. */
  readonly deeds: readonly string[];
}

async function open(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const file = join(folder, "plan.html");
  writeFileSync(file, html);
  const page = await (await browser.newContext(options)).newPage();
  const deeds: string[] = [];
  page.on("dialog", (dialog) => {
    deeds.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => deeds.push(`error ${error.message}`));
  page.on("console", (message) => deeds.push(`console ${message.text()}`));
  page.on("request", (request) => {
    if (request.url() !== pathToFileURL(file).href) deeds.push(`request ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { page, deeds };
}

const blobs: ImageBlobs = new Map(
  ["api", "web", "worker"].map((name, index) => [
    `quay.io/shop/${name}:1`,
    [
      { digest: "sha256:base", size: 30_000_000 },
      { digest: `sha256:${name}`, size: 1_000_000 * (index + 1) },
    ],
  ]),
);
const plan = shopPlan({
  images: ["api", "web", "worker"].map((name, index) => ({ ...image(`shop/${name}:1`), size: 100_000 - index })),
});
const page = (): string =>
  reportHtml(planReport(plan, { mirror: MIRROR, baseline: { kind: "registry", images: [] } }), blobs);

const rows = (of: Page): Promise<string[]> => of.locator("#images tbody tr:visible td:nth-child(2)").allInnerTexts();

it("sorts by what a column is worth, both ways, and says so to who cannot see it", async () => {
  const { page: shown, deeds } = await open(page());
  expect(await rows(shown)).toEqual(["quay.io/shop/api:1", "quay.io/shop/web:1", "quay.io/shop/worker:1"]);
  const heading = shown.locator("#images th", { hasText: "Size" });
  await heading.getByRole("button").click();
  expect(await rows(shown)).toEqual(["quay.io/shop/worker:1", "quay.io/shop/web:1", "quay.io/shop/api:1"]);
  expect(await heading.getAttribute("aria-sort")).toBe("ascending");
  await heading.getByRole("button").press("Enter");
  expect(await rows(shown)).toEqual(["quay.io/shop/api:1", "quay.io/shop/web:1", "quay.io/shop/worker:1"]);
  expect(deeds).toEqual([]);
});

it("filters by words in any column", async () => {
  const { page: shown } = await open(page());
  const filter = shown.getByRole("searchbox", { name: "Filter images" });
  await filter.fill("WORKER quay");
  expect(await rows(shown)).toEqual(["quay.io/shop/worker:1"]);
  expect(await shown.locator("label", { has: filter }).getByRole("status").innerText()).toBe("1 of 3");
  await filter.fill("");
  expect(await rows(shown)).toHaveLength(3);
});

it("is whole without scripts", async () => {
  const { page: shown } = await open(page(), { javaScriptEnabled: false });
  expect(await rows(shown)).toHaveLength(3);
  const told = await shown.locator("body").innerText();
  for (const part of ["POD_WITHOUT_PULL_SECRET", "global.imageRegistry", "templates/job.yaml:7", "linux/arm64"])
    expect(told).toContain(part);
  await shown.close();
});

it.each(["light", "dark"] as const)("is accessible: %s", async (colorScheme) => {
  // The page's policy would refuse the script that looks at it.
  const { page: shown } = await open(page(), { colorScheme, bypassCSP: true });
  await shown.addScriptTag({ content: axe.source });
  const { violations } = await shown.evaluate<axe.AxeResults>("axe.run()");
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
});

it("needs no sideways scrolling on a phone", async () => {
  const { page: shown } = await open(page(), { viewport: { width: 390, height: 800 } });
  expect(await shown.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
});

describe("what strangers wrote", () => {
  const ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><iframe src='javascript:alert(1)'>",
    "</title></style></textarea></script><script>alert(1)</script>",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.test/x>",
    "<base href=//evil.test/><meta http-equiv=refresh content='0;url=//evil.test/'>",
    "<form action=//evil.test/><input autofocus onfocus=alert(1)>",
    "<!--",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e\u2066txt.exe",
  ];

  it.each(ATTACKS)("does nothing, wherever it stands: %j", async (attack) => {
    const location = {
      apiVersion: attack,
      kind: attack,
      namespace: attack,
      name: attack,
      path: [attack, 0],
      evidence: attack,
      hook: attack,
    };
    const hostile = planReport(
      shopPlan({
        chart: { name: attack, version: attack },
        images: [{ ...image("shop/api:1"), platforms: [attack], locations: [location, location] }],
        overrides: [{ path: [attack], previous: attack, value: { [attack]: attack }, reason: attack }],
        patches: [{ file: attack, line: 1, before: attack, after: attack }],
        pods: [{ kind: attack, namespace: attack, name: attack, serviceAccount: attack, via: "none" }],
        findings: [{ severity: "escape", code: attack, message: attack }],
      }),
      { mirror: attack, baseline: { kind: "lock", images: [], chartVersion: attack, overrides: { [attack]: attack } } },
    );
    const picture: ImageBlobs = new Map([[attack, [{ digest: attack, size: 1000 }]]]);
    const { page: shown, deeds } = await open(reportHtml(hostile, picture));
    const filter = shown.getByRole("searchbox", { name: "Filter images" });
    await filter.fill(attack);
    await filter.fill("");
    await shown.locator("#images th button").first().click();
    expect(deeds).toEqual([]);
    expect(shown.url()).toMatch(/^file:.*plan\.html$/);
    const made = "script, style, iframe, img, link, form, base, svg[onload], meta[http-equiv=refresh]";
    expect(await shown.locator(made).count()).toBe(2);
    expect(await shown.locator("body").innerText()).toContain("shop/api:1");
  });
});
