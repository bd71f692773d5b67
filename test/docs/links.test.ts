/** Links between pages lead to files that are there, and to headings that they have, on GitHub as in the npm package. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");
const pages = ts.sys
  .readDirectory(
    root,
    [".md"],
    ["**/node_modules", "docs/api"],
    ["*.md", "docs/**/*", "examples/**/*", "test/support/*"],
  )
  .map((file) => relative(root, file))
  .sort();
const textOf = (page: string): string =>
  readFileSync(join(root, page), "utf8").replace(/^[ \t]*```[^]*?^[ \t]*```/gm, "");

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of textOf(page).matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = plain.trim().toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-"); // prettier-ignore
    let name = slug;
    for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
    anchors.add(name);
  }
  return anchors;
}

interface Link {
  readonly page: string;
  readonly file: string;
  readonly anchor: string | undefined;
}

function linksOf(page: string): Link[] {
  return [
    ...textOf(page)
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^()\s]+)\)/g),
  ].flatMap(([, target = ""]) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = "", anchor] = target.split("#");
    return [{ page, file: path === "" ? page : posix.join(posix.dirname(page), path), anchor }];
  });
}

const links = pages.flatMap(linksOf);

it("finds links", () => {
  expect(pages).toEqual(
    expect.arrayContaining(["README.md", "docs/README.md", "docs/registries/ecr.md", "examples/README.md"]),
  );
  expect(links.length).toBeGreaterThan(150);
});

it("each leads to a file", () => {
  expect(links.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
});

it("each leads to a heading that its page has", () => {
  const anchored = links.filter(({ file, anchor }) => anchor !== undefined && file.endsWith(".md"));
  expect(anchored.length).toBeGreaterThan(20);
  expect(anchored.filter(({ file, anchor = "" }) => !anchorsOf(file).has(anchor))).toEqual([]);
});

it("those of README and docs lead to what is in the npm package", () => {
  const args = ["pack", "--dry-run", "--ignore-scripts", "--json"];
  const told = execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ files }] = JSON.parse(told) as [{ files: { path: string }[] }];
  const packed = (file: string): boolean => files.some(({ path }) => path === file || path.startsWith(`${file}/`));
  const ofPackage = links.filter(({ page }) => page === "README.md" || page.startsWith("docs/"));
  expect(ofPackage.filter(({ file }) => !packed(file.replace(/\/$/, "")))).toEqual([]);
});
