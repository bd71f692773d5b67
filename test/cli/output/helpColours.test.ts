import { stripVTControlCharacters } from "node:util";
import { main } from "../../../src/cli/main";
import type { Streams } from "../../../src/cli/output/streams";

async function run(args: readonly string[], colours: Pick<Streams, "colours" | "outColours">) {
  let [out, err] = ["", ""];
  const code = await main(args, { out: (text) => void (out += text), err: (text) => void (err += text), ...colours });
  return { code, out, err };
}

it.each([[["--help"]], [["copy", "--help"]], [["completion", "--help"]]])(
  "%j has headings and what is typed in colour where standard output wants it, and says the same",
  async (args) => {
    const plain = await run(args, { colours: true });
    const coloured = await run(args, { outColours: true });
    expect(plain.out).not.toContain("\u001b");
    expect(coloured.out).toContain("\u001b[1mUsage:\u001b[22m \u001b[36mchart-mirror\u001b[39m");
    expect(coloured.out).toMatch(/\[1m(?:Examples|Exit codes):/);
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out);
  },
);

it("help that stands in for a command has the colours of standard error", async () => {
  expect((await run([], { colours: true })).err).toContain("\u001b[1mUsage:\u001b[22m");
  expect((await run([], { outColours: true })).err).not.toContain("\u001b");
});

it("what was typed is shown and not obeyed, also where help is coloured", async () => {
  const { code, err } = await run(["copy", "--to\u001b[31m"], { colours: true, outColours: true });
  expect([code, err]).toEqual([2, expect.stringContaining("unknown option '--to\\u001b[31m'") as string]);
  expect(err.startsWith("\u001b[31merror:\u001b[39m unknown")).toBe(true);
});
