import { delimiter, join } from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { ProjectOptions } from "../engine";
import { ensureTool, ensureTools } from "../tools";
import { runCommand } from "../tools/command";
import { generateSdk } from "./generatedSdk";

/** What a project needs beside its program to run it in Python, with the SDK of the plugin installed into a folder. */
export async function pythonRuntime(packages: string): Promise<Required<Pick<ProjectOptions, "path" | "env">>> {
  const python = await ensureTool("pulumi-python");
  const sdk = await mkdtemp(join(tmpdir(), "python-sdk-"));
  const install = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", packages, sdk];
  try {
    await generateSdk("python", sdk);
    await runCommand(python, ["-m", "pip", ...install]);
  } finally {
    await rm(sdk, { recursive: true });
  }
  return {
    path: (await ensureTools("pulumi-language-python")).split(delimiter),
    env: { PULUMI_PYTHON_CMD: python, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" },
  };
}
