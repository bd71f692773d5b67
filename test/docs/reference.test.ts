/** The pages of docs/reference say what the code says; `npm run docs:reference` writes them anew. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorsReference } from "../../release/reference/errorsReference";
import { REFERENCE } from "../../release/reference";

jest.setTimeout(300_000);

const folder = join(__dirname, "../../docs/reference");
const page = (name: string): string => readFileSync(join(folder, name), "utf8");

it.each(Object.keys(REFERENCE))("docs/reference/%s is up to date: npm run docs:reference", (name) => {
  expect(page(name)).toBe(REFERENCE[name]?.());
});

it("has no page that nothing writes", () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(REFERENCE).sort());
});

it("explains every argument of every component", () => {
  const [ours = ""] = page("components.md").split("## Types of arguments");
  const arguments_ = [...ours.matchAll(/^\| `(\w+)` \| [^|]*(?:\\\|[^|]*)* \| [^|]*(?:\\\|[^|]*)* \| (.*) \|$/gm)];
  expect(arguments_.length).toBeGreaterThan(150);
  expect(arguments_.filter(([, , what = ""]) => what.trim().length < 5).map(([, name]) => name)).toEqual([]);
});

it("every command has an example", () => {
  const sections = page("cli.md")
    .split(/^## /m)
    .slice(1)
    .filter((text) => !text.startsWith("Exit codes"));
  expect(sections.length).toBeGreaterThan(12);
  expect(sections.filter((text) => !text.includes("```sh\nchart-mirror") && !text.includes("```sh\n#"))).toEqual([]);
});

it("errors are found by the words of their messages, wherever these are written", () => {
  const rows =
    "## About\n\n| `A_CODE` | It says … | Do [this](logins.md) |\n| `B_CODE` | Another | See [below](#about) |\n";
  const text = errorsReference(
    rows,
    new Map([
      ["A_CODE", ["reading the file … failed: …", "… is *no* file of the kind that is read in one run of many"]],
    ]),
  );
  expect(text).toContain("| reading the file … failed: … | [`A_CODE`](#a_code) |");
  expect(text).toContain("| is \\*no\\* file of the kind that is read … | [`A_CODE`](#a_code) |");
  expect(text).toContain("| Another | [`B_CODE`](#b_code) |");
  expect(text).toContain("## A_CODE\n\nIt says …\n\n**What to do**: Do [this](../logins.md)");
  expect(text).toContain("[below](../troubleshooting.md#about)");
});
