import { execFileSync } from "node:child_process";
import { shellCommand } from "../../../src/cli/output/shellCommand";

it.each([
  ["nothing that needs quotes", ["--name", "team/app:1.0"], "printf '%s\\n' --name team/app:1.0"],
  ["a blank", ["a b"], "printf '%s\\n' 'a b'"],
  ["nothing at all", [""], "printf '%s\\n' ''"],
  ["a quote", ["it's"], "printf '%s\\n' 'it'\\''s'"],
  ["what a shell would run", ["$(id)", "`id`; id"], "printf '%s\\n' '$(id)' '`id`; id'"],
])("a shell reads %s as it was", (_, args, command) => {
  expect(shellCommand("printf", ["%s\\n", ...args])).toBe(command);
  expect(execFileSync("sh", ["-c", command], { encoding: "utf8" })).toBe(args.map((arg) => `${arg}\n`).join(""));
});
