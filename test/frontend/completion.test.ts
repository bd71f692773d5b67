/** `chart-mirror completion` in the shells themselves. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { main } from "../../src/cli/main";
import { ensureTool } from "../support/tools";

jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  mkdirSync(join(folder, "work/shop"), { recursive: true });
  writeFileSync(join(folder, "work/values.yaml"), "");
  for (const shell of ["zsh", "fish"]) {
    let out = "";
    await main(["completion", shell], { out: (text) => (out += text), err: () => undefined });
    writeFileSync(join(folder, shell), out);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder of the tool's packages: a shell finds its own functions there, as it does when it is installed. */
async function installed(shell: "zsh" | "fish"): Promise<{ program: string; root: string }> {
  const program = await ensureTool(shell);
  return { program, root: resolve(dirname(program), "../root") };
}

const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["chart-mirror ver", ["verify"], []],
  ["chart-mirror plan --output ", ["table", "json", "markdown", "html"], ["values.yaml"]],
  ["chart-mirror values ./shop --pull", ["--pull-secret"], []],
  ["chart-mirror node-config k", ["k3s"], ["verify"]],
  ["chart-mirror values ./shop --values v", ["values.yaml"], []],
];

it.each(CASES)("fish: %s → %j", async (line, offered, not) => {
  const { program, root } = await installed("fish");
  const functions = join(root, "usr/share/fish/functions");
  const ask = `set -p fish_function_path ${functions}; source ${join(folder, "fish")}; cd ${join(folder, "work")}; complete -C '${line}'`;
  const told = execFileSync(program, ["--no-config", "-c", ask], {
    encoding: "utf8",
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: join(folder, "config") },
  });
  const words = told.split("\n").map((word) => word.split("\t")[0]);
  expect(words).toEqual(expect.arrayContaining([...offered]));
  for (const word of not) expect(words).not.toContain(word);
});

it.each(CASES)("zsh: %s → %j", async (line, offered, not) => {
  const { program, root } = await installed("zsh");
  const modules = join(
    root,
    "usr/lib",
    readdirSync(join(root, "usr/lib")).find((name) => name.endsWith("-gnu")) ?? "",
    "zsh/5.9",
  );
  // A terminal of its own, in which a tab is pressed; matches are listed below the line.
  const script = `
    module_path=(${modules})
    zmodload zsh/zpty
    zpty shell ${program} -f -i
    zpty -w shell 'module_path=(${modules}); PROMPT= RPROMPT= LISTMAX=0; stty columns 200; cd ${join(folder, "work")}; autoload -U compinit; compinit -D -u; source ${join(folder, "zsh")}; setopt AUTO_LIST NO_LIST_AMBIGUOUS NO_BEEP; echo RE""ADY'
    zpty -r shell text '*READY*'
    zpty -w -n shell ${JSON.stringify(line)}
    zpty -w -n shell $'\\t'
    zpty -w -n shell $'\\x01echo "\\x05"\\n'
    zpty -w shell 'echo DO""NE'
    zpty -r shell text '*DONE*'
    print -r -- "$text"
  `;
  const told = execFileSync(program, ["-f", "-c", script], {
    encoding: "utf8",
    env: {
      ...process.env,
      HOME: folder,
      TERM: "dumb",
      FPATH: [
        "usr/share/zsh/functions",
        "usr/share/zsh/functions/Completion",
        ...["Base", "Unix", "Zsh"].map((part) => `usr/share/zsh/functions/Completion/${part}`),
        "usr/share/zsh/functions/Misc",
      ]
        .map((part) => join(root, part))
        .join(":"),
    },
  });
  for (const word of offered) expect(told).toContain(word);
  for (const word of not) expect(told.split(line).slice(1).join("")).not.toContain(word);
});
