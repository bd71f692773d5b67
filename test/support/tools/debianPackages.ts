import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runCommand } from "./command";
import type { Installation } from "./installation";
import { ToolError } from "./toolError";

export interface DebianPackages {
  readonly name: string;
  readonly duration: string;
  readonly packages: readonly string[];
  /** Paths of executables inside the packages; each is reached by `bin/<last element>`. */
  readonly executables: readonly string[];
}

/**
 * Debian packages, with the libraries that they need and the machine lacks, unpacked into the cache. Nothing is
 * installed on the system: apt works on lists and archives of its own here, and needs no root.
 */
export function debianPackages(set: DebianPackages): Installation {
  return {
    name: set.name,
    version: debianRelease(),
    duration: set.duration,
    recipe: [...set.packages, ...set.executables],
    async install(folder) {
      const root = join(folder, "root");
      const apt = join(folder, "apt");
      await download(set.packages, apt);
      const archives = join(apt, "cache", "archives");
      for (const archive of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
        await runCommand("dpkg", ["-x", join(archives, archive), root]);
      }
      rmSync(apt, { recursive: true });
      mkdirSync(join(folder, "bin"));
      for (const executable of set.executables) await expose(folder, executable);
    },
  };
}

function debianRelease(): string {
  const file = "/etc/os-release";
  const codename = existsSync(file) ? /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  return codename ?? "unknown-release";
}

async function download(packages: readonly string[], apt: string): Promise<void> {
  for (const part of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(apt, part), { recursive: true });
  const options = [
    ["Dir::State::lists", join(apt, "lists")],
    ["Dir::Cache", join(apt, "cache")],
    // The user `_apt`, which apt becomes when it runs as root, cannot write into the user's cache folder.
    ["APT::Sandbox::User", ""],
    ["Debug::NoLocking", "1"],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const ifMissing = `${packages.join(", ")} are taken from Debian's packages: use Debian or Ubuntu.`;
  await runCommand("apt-get", ["-qq", ...options, "update"], { ifMissing });
  // --reinstall downloads also what is installed; --download-only stops before anything else is done.
  const install = ["install", "--download-only", "--reinstall", "--no-install-recommends", "--allow-downgrades"];
  await runCommand("apt-get", ["-qq", "--yes", ...options, ...install, ...packages], { ifMissing });
}

/** A link, or for a program whose libraries the machine lacks a script that points it to the unpacked ones. */
async function expose(folder: string, executable: string): Promise<void> {
  const program = join(folder, "root", executable);
  const entry = join(folder, "bin", basename(executable));
  if (!(await missingLibraries(program)).length) return symlinkSync(join("..", "root", executable), entry);
  const root = join(folder, "root");
  const common = libraryFolders(root);
  // Some libraries have others of their own in a folder below, such as pulseaudio/.
  const own = foldersOf(await missingLibraries(program, common), root);
  const libraries = [...common, ...own];
  const missing = await missingLibraries(program, libraries);
  if (missing.length)
    throw new ToolError(`${executable} lacks ${missing.join(", ")}, also in its packages' dependencies`);
  const relative = libraries.map((library) => library.slice(folder.length + 1));
  writeFileSync(
    entry,
    [
      "#!/bin/sh",
      'here=$(dirname "$(readlink -f "$0")")/..',
      `LD_LIBRARY_PATH=${relative.map((library) => `$here/${library}`).join(":")} exec "$here/root/${executable}" "$@"`,
      "",
    ].join("\n"),
    { mode: 0o755 },
  );
}

async function missingLibraries(program: string, libraries: readonly string[] = []): Promise<string[]> {
  const env = { ...process.env, LC_ALL: "C", LD_LIBRARY_PATH: libraries.join(":") };
  // ldd fails for a static executable, which misses nothing.
  const output = await runCommand("ldd", [program], { env }).catch(() => "");
  return [...output.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? "");
}

/** Such as usr/lib/x86_64-linux-gnu. */
function libraryFolders(root: string): string[] {
  return ["usr/lib", "lib"].flatMap((parent) =>
    existsSync(join(root, parent))
      ? readdirSync(join(root, parent))
          .filter((name) => name.includes("-linux-gnu"))
          .map((name) => join(root, parent, name))
      : [],
  );
}

/** Where below a folder files of these names are. */
function foldersOf(names: readonly string[], root: string): string[] {
  if (names.length === 0) return [];
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  return [...new Set(files.filter(({ name }) => names.includes(name)).map(({ parentPath }) => parentPath))];
}
