import { posix } from "node:path";

/**
 * A plugin of markdown-it: pages are written for GitHub and the npm package, where links are files. What lies outside of
 * docs/ is no page of the site and leads to the repository; docs/README.md is the site's first page.
 *
 * @param repository address of the repository
 */
export function fileLinks(md, repository) {
  md.core.ruler.push("file-links", ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      if (href !== null && !/^(?:[a-z]+:|#)/.test(href)) token.attrSet("href", linked(href, env.relativePath));
    }
  });

  function linked(href, page) {
    const [path, anchor = ""] = href.split(/(?=#)/);
    // The name of a page in a link may be that after the rewrite, as the page itself is.
    const folder = posix.join("docs", posix.dirname(page));
    const file = posix.join(folder, path);
    if (!file.startsWith("docs/")) return `${repository}/blob/HEAD/${file.replace(/^\.$/, "")}${anchor}`;
    return file === "docs/README.md" ? `${posix.relative(folder, "docs/index.md")}${anchor}` : href;
  }
}

/** A plugin of markdown-it: braces of Helm's and Go's templates are text, and no expressions of the site's own. */
export function plainBraces(md) {
  const text = md.renderer.rules.text;
  md.renderer.rules.text = (...args) => text(...args).replaceAll("{{", "&#123;&#123;");
}

/** A plugin of markdown-it: comments are for tests and scripts, and no text; in a block of code they are what it shows. */
export function withoutComments(md) {
  const blockOrComment = /(^[ \t]*(`{3,})[^]*?^[ \t]*\2[ \t]*$)|^[ \t]*<!--.*?-->[ \t]*$/gm;
  md.core.ruler.after("normalize", "comments", (state) => {
    state.src = state.src.replace(blockOrComment, (_found, block) => block ?? "");
  });
}
