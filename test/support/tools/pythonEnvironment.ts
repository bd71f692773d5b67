import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command";
import type { Installation } from "./installation";

export interface PythonEnvironment {
  readonly name: string;
  readonly version: string;
  readonly duration: string;
  /** What pip installs. */
  readonly requirements: readonly string[];
  /** The file beside this one that fixes the versions of everything else. */
  readonly constraints: string;
  /** Commands to provide: file name → Python module. The interpreter itself becomes `bin/python`. */
  readonly modules: Readonly<Record<string, string>>;
}

/** Packages from PyPI in a virtual environment of their own. */
export function pythonEnvironment(environment: PythonEnvironment): Installation {
  const constraints = join(__dirname, "python", environment.constraints);
  return {
    ...environment,
    recipe: [...environment.requirements, readFileSync(constraints, "utf8"), JSON.stringify(environment.modules)],
    async install(folder) {
      const ifMissing = `${environment.name} needs Python 3.11 or newer with its venv module.`;
      await runCommand("python3", ["-m", "venv", join(folder, "venv")], { ifMissing });
      const pip = ["-m", "pip", "install", "--quiet", "--constraint", constraints, ...environment.requirements];
      await runCommand(join(folder, "venv", "bin", "python"), pip);
      mkdirSync(join(folder, "bin"));
      // Scripts that pip writes name their interpreter by its absolute path, which the move of the folder breaks.
      command(folder, "python", "");
      for (const [name, module] of Object.entries(environment.modules)) command(folder, name, `-m ${module} `);
    },
  };
}

function command(folder: string, name: string, args: string): void {
  const script = `#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/../venv/bin/python" ${args}"$@"\n`;
  writeFileSync(join(folder, "bin", name), script, { mode: 0o755 });
}
