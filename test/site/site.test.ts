/** The built site (`npm run docs`) in a real Chromium, from a server that knows nothing but its files. */
import axe from "axe-core";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { ensureTool } from "../support/tools";

jest.setTimeout(180_000);

const SITE = join(__dirname, "../../site/dist");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

let server: Server;
let site: string;
let browser: Browser;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://site");
    const path = decodeURIComponent(pathname);
    const file = [path, `${path}.html`, join(path, "index.html")]
      .map((one) => join(SITE, one))
      .find((one) => one.startsWith(SITE) && existsSync(one) && statSync(one).isFile());
    if (file === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(readFileSync(file));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: await ensureTool("chromium"), args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser.close();
  server.close().closeAllConnections();
});

async function open(
  path: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; faults: readonly string[] }> {
  const page = await (await browser.newContext(options)).newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(site) && !request.url().startsWith("data:")) faults.push(`request ${request.url()}`);
  });
  await page.goto(site + path, { waitUntil: "networkidle" });
  return { page, faults };
}

const PAGES = [
  "/",
  "/start",
  "/how-it-works",
  "/guides/ecr-on-eks",
  "/reference/components",
  "/reference/cli",
  "/reference/errors",
  "/faq",
];

it("shows no comment of what a page is written in", () => {
  const html = readdirSync(SITE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  expect(html.length).toBeGreaterThan(40);
  expect(html.filter((file) => readFileSync(join(SITE, file), "utf8").includes("&lt;!--"))).toEqual([]);
});

it.each(PAGES)("%s: says no error, asks nobody else, and has its title", async (path) => {
  const { page, faults } = await open(path);
  expect(await page.locator("main h1").count()).toBe(1);
  expect(await page.locator(".VPSidebar a").count()).toBeGreaterThan(25);
  expect(faults).toEqual([]);
  await page.context().close();
});

it.each([
  ["an error by its code", "IMAGE_ESCAPES", /reference\/errors(?:\.html)?#image_escapes/],
  ["an argument", "pinDigests", /(?:lock-file|reference\/components)(?:\.html)?#/],
  ["a task", "leaving again", /\/leaving/],
])("the search finds %s", async (_, words, place) => {
  const { page, faults } = await open("/");
  await page.locator("#local-search button").click();
  await page.locator("#localsearch-input").fill(words);
  const found = page.locator("#localsearch-list a");
  await found.first().waitFor();
  const places = await page.evaluate<string[]>(
    "[...document.querySelectorAll('#localsearch-list a')].map((link) => link.getAttribute('href'))",
  );
  const wanted = places.findIndex((href) => place.test(href));
  expect({ wanted: wanted >= 0, places: wanted >= 0 ? [] : places }).toEqual({ wanted: true, places: [] });
  await found.nth(wanted).click();
  await page.waitForURL(place);
  expect(faults).toEqual([]);
  await page.context().close();
});

it.each(["/how-it-works", "/pull-secrets", "/air-gap", "/admission", "/copying"])(
  "%s has its pictures",
  async (path) => {
    const { page, faults } = await open(path);
    const widths = await page.evaluate<number[]>(
      "[...document.querySelectorAll('main img')].map((picture) => (picture.alt ? picture.naturalWidth : 0))",
    );
    expect(widths.length).toBeGreaterThan(0);
    expect(Math.min(...widths)).toBeGreaterThan(300);
    expect(faults).toEqual([]);
    await page.context().close();
  },
);

it("has a picture, and a dark side that stays", async () => {
  const { page } = await open("/");
  await page.locator("main img").waitFor();
  expect(await page.evaluate("document.querySelector('main img').naturalWidth")).toBeGreaterThan(300);
  const isDark = (): Promise<boolean> =>
    page
      .locator("html.dark")
      .count()
      .then((count) => count === 1);
  expect(await isDark()).toBe(false);
  await page.locator(".VPNavBar .VPSwitchAppearance").first().click();
  expect(await isDark()).toBe(true);
  await page.reload();
  expect(await isDark()).toBe(true);
  await page.context().close();
});

it.each([
  ["/start", "light"],
  ["/start", "dark"],
  ["/reference/cli", "light"],
  ["/guides/ecr-on-eks", "dark"],
] as const)("%s is accessible: %s", async (path, colorScheme) => {
  const { page } = await open(path, { colorScheme });
  await page.addScriptTag({ content: axe.source });
  // The theme's own frame is not ours to mend; what the pages say is.
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run('main')");
  const told = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(" ")}`); // prettier-ignore
  expect(told).toEqual([]);
  await page.context().close();
});

it("needs no sideways scrolling on a phone", async () => {
  const { page } = await open("/start", { viewport: { width: 390, height: 800 } });
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  if (process.env.SCREENSHOTS) {
    await page.screenshot({ path: join(process.env.SCREENSHOTS, "phone.png") });
    for (const colorScheme of ["light", "dark"] as const)
      for (const path of ["/", "/guides/ecr-on-eks", "/reference/errors"]) {
        const { page: shown } = await open(path, { colorScheme, viewport: { width: 1280, height: 900 } });
        await shown.screenshot({
          path: join(process.env.SCREENSHOTS, `${path.replaceAll("/", "_")}-${colorScheme}.png`),
        });
        await shown.context().close();
      }
  }
  await page.context().close();
});
