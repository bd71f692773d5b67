/** What the scripts for shells say; test/frontend/completion.test.ts asks zsh and fish themselves. */
import { execFileSync } from "node:child_process";
import { main } from "../../../src/cli/main";

async function script(shell: string): Promise<string> {
  let out = "";
  expect(await main(["completion", shell], { out: (text) => (out += text), err: () => undefined })).toBe(0);
  return out;
}

describe("bash", () => {
  /** What bash offers behind these words, the last of which is typed yet. */
  async function replies(...words: string[]): Promise<string[]> {
    const ask =
      'eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _chart_mirror; printf "%s\\n" "${COMPREPLY[@]}"';
    const told = execFileSync("bash", ["-c", ask, "bash", await script("bash"), "chart-mirror", ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    return told.split("\n").filter(Boolean);
  }

  it.each([
    [[""], ["images", "values", "verify", "plan", "copy", "completion"]],
    [["ver"], ["verify"]],
    [
      ["plan", "--output", ""],
      ["table", "json", "markdown", "html"],
    ],
    [["plan", "-o", "h"], ["html"]],
    [["values", "./chart", "--pu"], ["--pull-secret"]],
    [
      ["lock", "c", "--tags", ""],
      ["follow", "pin", "fail"],
    ],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["node-config", "k"], ["k3s"]],
    [["help", "pl"], ["plan"]],
    [["--"], ["--version", "--help"]],
  ])("%j → %j", async (words, offered) => {
    expect(await replies(...words)).toEqual(expect.arrayContaining(offered));
  });

  it.each([[["plan", "./ch"]], [["values", "c", "--values", "v"]], [["copy", "c", "--username", "a"]]])(
    "offers no words where a file or a text belongs: %j",
    async (words) => {
      expect(await replies(...words)).toEqual([]);
    },
  );
});

it.each(["bash", "zsh", "fish"])("%s: knows every command and every option that the help knows", async (shell) => {
  const text = await script(shell);
  let help = "";
  await main(["--help"], { out: (told) => (help += told), err: () => undefined });
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name = ""]) => name);
  expect(commands.length).toBeGreaterThan(9);
  for (const command of commands) {
    let own = "";
    if (command !== "help") await main([command, "--help"], { out: (told) => (own += told), err: () => undefined });
    for (const [, flag = ""] of own.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm))
      expect(text).toContain(shell === "fish" ? `-l ${flag} ` : `--${flag}`);
    expect(text).toContain(command);
  }
});

it("refuses a shell that it does not know", async () => {
  let err = "";
  expect(await main(["completion", "tcsh"], { out: () => undefined, err: (text) => (err += text) })).toBe(2);
  expect(err).toContain("Allowed choices are bash, zsh, fish");
});
