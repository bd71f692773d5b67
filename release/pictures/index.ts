/**
 * `npm run pictures`: the pictures of README and docs. All are drawn (`-- --drawings` draws these alone) but the terminal,
 * which is a recording of `npm run quickstart` as it ran here, with waits cut short.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawings } from "./drawings";
import { record } from "./record";
import { terminal } from "./terminal";

const PICTURES = join(__dirname, "../../docs/pictures");

async function pictures(): Promise<void> {
  for (const [name, draw] of Object.entries(drawings)) writeFileSync(join(PICTURES, `${name}.svg`), draw());
  if (process.argv.includes("--drawings")) return;
  const folder = mkdtempSync(join(tmpdir(), "recording-"));
  try {
    const quickstart = ["--require", "./test/support/typescript.js", "examples/quickstart/run.ts", "--folder", folder];
    const lines = await record(process.execPath, quickstart, { PULUMI_OPTION_COLOR: "always" });
    const description =
      "A recording of npm run quickstart: a preview lists six images to copy and the values that change, the update copies " +
      "them and deploys the release, and every image is verified in the target registry.";
    writeFileSync(join(PICTURES, "quickstart.svg"), terminal("npm run quickstart", lines, description));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

pictures().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
