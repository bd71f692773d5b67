/**
 * Whether every link of the built site leads somewhere: to a file that is there, and to an anchor that the file has.
 * Addresses of others are not asked; nothing of a page may be loaded from them.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath, URL } from "node:url";

const site = join(dirname(fileURLToPath(import.meta.url)), process.argv[2] ?? "dist");
const base = process.env.SITE_BASE ?? "/";
const pages = new Map(
  readdirSync(site, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".html"))
    .map((file) => [file.replaceAll("\\", "/"), readFileSync(join(site, file), "utf8")]),
);
const idsOf = (html) => new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
const ids = new Map([...pages].map(([page, html]) => [page, idsOf(html)]));
const decode = (text) => decodeURIComponent(text.replaceAll("&amp;", "&"));

const problems = [];
let links = 0;
for (const [page, html] of pages) {
  if (page === "404.html") continue;
  for (const [, tag, attribute, value] of html.matchAll(/<(\w+)[^>]*?\s(href|src)="([^"]*)"/g)) {
    if (/^(?:[a-z]+:|\/\/)/.test(value)) {
      if (tag !== "a" && !value.startsWith("data:")) problems.push(`${page} loads ${value} from elsewhere`);
      continue;
    }
    links += 1;
    const { pathname, hash } = new URL(decode(value), `http://site${base}${page}`);
    const path = decodeURIComponent(pathname).slice(base.length);
    const file = [path, `${path}.html`, posix.join(path, "index.html")].find(
      (one) => existsSync(join(site, one)) && statSync(join(site, one)).isFile(),
    );
    if (file === undefined) problems.push(`${page}: ${attribute} ${value}: there is no such file`);
    else if (hash.length > 1 && pages.has(file) && !ids.get(file)?.has(decodeURIComponent(hash.slice(1))))
      problems.push(`${page}: ${attribute} ${value}: ${file} has no such anchor`);
  }
}
for (const problem of problems) console.error(problem);
console.log(`${pages.size} pages, ${links} links, ${problems.length} dead`);
process.exit(problems.length === 0 && links > 0 ? 0 : 1);
