/** The pages of docs/ as a site. They stay what they are for GitHub and the npm package: Markdown whose links are files. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, URL } from "node:url";
import { defineConfig } from "vitepress";
import { fileLinks, plainBraces, withoutComments } from "../links.mjs";
import { slug } from "../slug.mjs";

const checkout = new URL("../../", import.meta.url);
const read = (file) => readFileSync(new URL(file, checkout), "utf8");
const { description, repository, version } = JSON.parse(read("package.json"));
const address = repository.url.replace(/^git\+|\.git$/g, "");
const titleOf = (page) => /^# (.*)$/m.exec(read(`docs/${page}`))?.[1] ?? page;

/** Pages that are there: one that somebody takes out is no dead link, and a test finds one that nobody has put in. */
const groups = JSON.parse(read("site/navigation.json"))
  .map(({ text, pages }) => ({ text, pages: pages.filter((page) => existsSync(new URL(`docs/${page}`, checkout))) }))
  .map(({ text, pages }) => ({
    text,
    items: pages.map((page) => ({ text: titleOf(page).replaceAll("`", ""), link: `/${page.replace(/\.md$/, "")}` })),
  }));

export default defineConfig({
  title: "pulumi-chart-mirror",
  description,
  lang: "en-US",
  srcDir: "../docs",
  srcExclude: ["api/**"],
  outDir: "dist",
  base: process.env.SITE_BASE ?? "/",
  rewrites: { "README.md": "index.md" },
  head: [
    // No picture of its own, and none that browsers ask the server for.
    ["link", { rel: "icon", href: "data:," }],
    // The theme's own grey for the language of a block is too faint to read.
    ["style", {}, "html .vp-doc [class*='language-'] > span.lang { color: var(--vp-c-text-2) }"],
    // Tables and pictures need the room that the theme leaves empty beside them.
    ["style", {}, "@media (min-width: 1280px) { .VPDoc.has-aside .content .content-container { max-width: none } }"],
  ],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // Pages quote charts and options such as <host[/path]>: nothing in them is markup.
    html: false,
    anchor: { slugify: slug },
    config: (md) => {
      fileLinks(md, address);
      plainBraces(md);
      withoutComments(md);
    },
  },
  // The pages lie outside of this folder, whose packages they are made with.
  vite: {
    resolve: {
      alias: [{ find: /^vue(?=\/|$)/, replacement: fileURLToPath(new URL("../node_modules/vue", import.meta.url)) }],
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Start", link: "/start" },
      { text: "Components", link: "/reference/components" },
      { text: "Command line", link: "/reference/cli" },
      { text: "Errors", link: "/reference/errors" },
      { text: version, link: `${address}/blob/HEAD/CHANGELOG.md` },
    ],
    sidebar: groups,
    socialLinks: [{ icon: "github", link: address }],
    editLink: { pattern: `${address}/edit/HEAD/docs/:path`, text: "Edit this page" },
  },
});
