/**
 * Where the package's repository is, in the one place that says it: package.json, which npm resolves the README's links
 * with and compares with the origin that provenance proves.
 *
 *     npm run repository -- https://github.com/acme/pulumi-chart-mirror
 *     node release/repository.mjs --check   # what `npm publish` runs first
 */
import { readFileSync, writeFileSync } from "node:fs";
import { URL } from "node:url";

const file = new URL("../package.json", import.meta.url);
const manifest = JSON.parse(readFileSync(file, "utf8"));
const [argument] = process.argv.slice(2);

/** The fields that name the repository at an address. */
const fields = (url) => ({
  repository: { type: "git", url: `git+${url}.git` },
  homepage: `${url}#readme`,
  bugs: `${url}/issues`,
});

function fail(problem, remedy) {
  console.error(`${problem}. ${remedy}`);
  process.exit(1);
}

if (argument === "--check") {
  const url = manifest.repository.url.replace(/^git\+|\.git$/g, "");
  if (url.includes("/OWNER/"))
    fail("package.json names no repository yet", "Run: npm run repository -- https://HOST/OWNER/NAME");
  for (const [field, value] of Object.entries(fields(url)))
    if (JSON.stringify(manifest[field]) !== JSON.stringify(value))
      fail(`package.json has a ${field} of another repository than ${url}`, `Run: npm run repository -- ${url}`);
} else if (argument !== undefined && /^https:\/\/[^/\s]+(?:\/[^/\s]+){2,}$/.test(argument)) {
  const named = fields(argument.replace(/\.git$/, ""));
  // At their places, so that the file stays as it is written.
  writeFileSync(file, `${JSON.stringify({ ...manifest, ...named }, null, 2)}\n`);
} else
  fail("The address of the repository is missing, or is none", "Run: npm run repository -- https://HOST/OWNER/NAME");
