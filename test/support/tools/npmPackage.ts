import { symlinkSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { runCommand } from "./command";
import type { Installation } from "./installation";

export interface NpmPackage {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly duration: string;
  /** Path of the executable inside the package; it is reached by `bin/<last element>`. */
  readonly executable: string;
}

/** An executable that ships inside an npm package. */
export function npmPackage(npm: NpmPackage): Installation {
  return {
    ...npm,
    recipe: [npm.package, npm.executable],
    async install(folder) {
      const args = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
      // Run outside the checkout: its package.json and .npmrc must neither change nor matter.
      await runCommand("npm", [...args, `${npm.package}@${npm.version}`], { cwd: folder });
      mkdirSync(join(folder, "bin"));
      const target = join("..", "node_modules", npm.package, npm.executable);
      symlinkSync(target, join(folder, "bin", basename(npm.executable)));
    },
  };
}
