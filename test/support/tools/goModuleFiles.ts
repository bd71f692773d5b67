import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { runCommand } from "./command";
import { goEnvironment, goModuleFolder } from "./goModule";
import type { Installation } from "./installation";

export interface GoModuleFiles {
  readonly name: string;
  readonly version: string;
  readonly duration: string;
  readonly module: string;
  /** Paths inside the module; each becomes `root/<last element>`. */
  readonly files: readonly string[];
}

/** Files of a Go module that our module `go/<name>` requires, verified by its go.sum; nothing is built. */
export function goModuleFiles(files: GoModuleFiles): Installation {
  const source = goModuleFolder(files.name);
  return {
    ...files,
    recipe: [...files.files, ...["go.mod", "go.sum"].map((file) => readFileSync(join(source, file), "utf8"))],
    async install(folder, cache) {
      const copy = mkdtempSync(join(tmpdir(), `download-${files.name}-`));
      try {
        cpSync(source, copy, { recursive: true });
        const answer = await runCommand("go", ["mod", "download", "-json", files.module], {
          cwd: copy,
          env: { ...process.env, ...goEnvironment(cache) },
          ifMissing: `Install Go 1.26 or newer: ${files.name} is part of a Go module.`,
        });
        const { Dir: module } = JSON.parse(answer) as { Dir: string };
        mkdirSync(join(folder, "root"));
        for (const file of files.files) copyFileSync(join(module, file), join(folder, "root", basename(file)));
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
  };
}
