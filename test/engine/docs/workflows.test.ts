/** The workflows, the project's own and the one that users copy, as GitHub reads them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { run } from "../../support/engine/process";
import { checkout } from "../../support/engine/projectFolder";
import { ensureTool } from "../../support/tools";

jest.setTimeout(300_000);

const RELEASE = ".github/workflows/release.yaml";

it.each([RELEASE, "examples/github-actions/.github/workflows/mirror.yaml"])("%s", async (workflow) => {
  const PATH = process.env.PATH ?? "";
  const told = await run(await ensureTool("actionlint"), ["-no-color", workflow], { cwd: checkout, env: { PATH } });
  expect(told).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

it("a release runs commands that package.json has, and proves where it was built", () => {
  const workflow = load(readFileSync(join(checkout, RELEASE), "utf8")) as {
    jobs: { publish: { permissions: Record<string, string>; steps: { run?: string }[] } };
  };
  const { permissions, steps } = workflow.jobs.publish;
  expect(permissions).toEqual({ contents: "read", "id-token": "write" });
  const commands = steps.flatMap(({ run: command }) => command ?? []);
  expect(commands.at(-1)).toMatch(/^npm publish --provenance\b/);
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = commands.flatMap((command) => /^npm run (\S+)/.exec(command)?.[1] ?? []);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  expect(named).toContain("repository");
});
