import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../engine/projectFolder";
import { ensureTool } from "../tools";
import { runCommand } from "../tools/command";

/** A language that SDKs are generated for. */
export type SdkLanguage = "go" | "python" | "dotnet" | "nodejs";

/** Writes the SDK of the plugin into a folder, as `pulumi package add` does of what the plugin says of itself. */
export async function generateSdk(language: SdkLanguage, folder: string): Promise<void> {
  const read = (file: string): object => JSON.parse(readFileSync(join(checkout, file), "utf8")) as object;
  const { version } = read("package.json") as { version: string };
  const temporary = mkdtempSync(join(tmpdir(), "plugin-schema-"));
  try {
    const schema = join(temporary, "schema.json");
    writeFileSync(schema, JSON.stringify({ ...read("plugin/schema.json"), version }));
    await runCommand(await ensureTool("generate-sdk"), [language, schema, folder]);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}
