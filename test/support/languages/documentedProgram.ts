import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../engine/projectFolder";

/** The whole program that docs/languages.md has in a language, by the name that its block has. */
export function documentedProgram(language: string): string {
  const page = readFileSync(join(checkout, "docs/languages.md"), "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```/gm)].filter(([, name, text = ""]) => {
    return name === language && text.includes("registry.example.com");
  });
  const [only] = blocks;
  if (!only || blocks.length > 1) throw new Error(`docs/languages.md has ${blocks.length} programs in ${language}`);
  return only[2] ?? "";
}
