/** The pages as readers find them: each in the site's navigation, called what its file is called; what guides paste. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md") && !file.startsWith("api"))
  .sort();
const navigation = JSON.parse(read("site/navigation.json")) as readonly { text: string; pages: readonly string[] }[];

it("every page is in the navigation, once", () => {
  const listed = navigation.flatMap((group) => group.pages);
  expect(new Set(listed).size).toBe(listed.length);
  // What is listed and not there yet is left out of the site.
  expect(pages.filter((page) => page !== "README.md" && !listed.includes(page))).toEqual([]);
});

it("docs/README.md is a map of them all", () => {
  const links = [...read("docs/README.md").matchAll(/\]\(([^)#\s]+)/g)].map(([, target = ""]) => target);
  expect(pages.filter((page) => page !== "README.md" && !links.includes(page))).toEqual([]);
});

/** By its first words, so that the word of a file may be bent in a title: `existing`, `exists`. */
const stem = (word: string): string => word.toLowerCase().slice(0, 4);

it.each(pages.filter((page) => page !== "README.md"))("docs/%s is called what its file is called", (page) => {
  const title = /^# (.*)$/m.exec(read(`docs/${page}`))?.[1] ?? "";
  const words = title.split(/[^A-Za-z]+/).map(stem);
  const name = page.replace(/.*\/|\.md$/g, "").split("-");
  expect(name.filter((word) => word !== "a" && !words.includes(stem(word)))).toEqual([]);
});

it.each([
  ["guides/stackstate.md", "examples/stackstate-ecr/index.ts"],
  ["guides/appcircle.md", "examples/appcircle-registry/index.ts"],
  ["guides/quay.md", "examples/appcircle-quay/index.ts"],
])("docs/%s has the program of %s, which tests deploy", (page, program) => {
  expect(/```ts\n([^]*?)```/.exec(read(`docs/${page}`))?.[1]).toBe(read(program));
});

it("policies to paste name actions that permissions.md explains, and leave none of the first table's out", () => {
  const policies = [...read("docs/iam-policies.md").matchAll(/```json\n([^]*?)```/g)].map(
    ([, text = ""]) =>
      JSON.parse(text) as { Statement: readonly { Action: string | readonly string[]; Resource: unknown }[] },
  );
  expect(policies.length).toBeGreaterThan(3);
  const actions = new Set(policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)));
  const table = read("docs/permissions.md").split("## Azure")[0] ?? "";
  const explained = [...table.matchAll(/`(?:(\w+):)?(\w+)`/g)].map(
    ([, service, action = ""]) => `${service ?? "secretsmanager"}:${action}`,
  );
  expect([...actions].filter((action) => !explained.includes(action))).toEqual([]);
  expect(actions).toContain("ecr:PutImage");
});
