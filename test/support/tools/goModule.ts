import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { runCommand } from "./command";
import type { Installation } from "./installation";

export interface GoModule {
  readonly name: string;
  readonly version: string;
  readonly duration: string;
  /** Import paths of the commands; each becomes `bin/<last element>`. */
  readonly commands: readonly string[];
  /** Values of string variables of packages, set by the linker, as upstream's release builds do. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Folders of a module that the commands read when they run; each becomes `root/<folder>`. */
  readonly data?: { readonly module: string; readonly folders: readonly string[] };
  /** Files of a module that the commands look for beside themselves; each becomes `bin/<last element>`. */
  readonly beside?: { readonly module: string; readonly files: readonly string[] };
}

/** The folder with the go.mod and go.sum of a tool, and its source if it is our own. */
export const goModuleFolder = (name: string): string => join(__dirname, "go", name);

/**
 * A tool that is built from a Go module of our own that requires it. The committed go.sum makes the build verifiable
 * without the checksum database, which does not know every version.
 */
export function goModule(module: GoModule): Installation {
  const source = goModuleFolder(module.name);
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(source, file)).isFile())
    .sort();
  const variables = Object.entries(module.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const linkerFlags = ["-s", "-w", ...variables].join(" ");
  return {
    ...module,
    recipe: [
      linkerFlags,
      ...module.commands,
      ...(module.data?.folders ?? []),
      ...(module.beside?.files ?? []),
      ...files.flatMap((f) => [f, readFileSync(join(source, f), "utf8")]),
    ],
    async install(folder, cache) {
      // In a copy, so that a user's go.work or a read-only checkout does not matter, and the tree stays as it is.
      const copy = mkdtempSync(join(tmpdir(), `build-${module.name}-`));
      const bin = join(folder, "bin");
      mkdirSync(bin);
      try {
        cpSync(source, copy, { recursive: true });
        const args = ["build", "-trimpath", "-ldflags", linkerFlags, "-o", `${bin}/`, ...module.commands];
        const go = (...args: string[]): Promise<string> =>
          runCommand("go", args, {
            cwd: copy,
            env: { ...process.env, ...goEnvironment(cache) },
            ifMissing: `Install Go 1.26 or newer: ${module.name} is built from its Go module.`,
          });
        await go(...args);
        const sourceOf = async (name: string): Promise<string> =>
          (await go("list", "-m", "-f", "{{.Dir}}", name)).trim();
        const { data, beside } = module;
        for (const name of data?.folders ?? [])
          cpSync(join(await sourceOf(data?.module ?? ""), name), join(folder, "root", name), { recursive: true });
        for (const file of beside?.files ?? [])
          copyFileSync(join(await sourceOf(beside?.module ?? ""), file), join(bin, basename(file)));
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
  };
}

/** The user's own settings, such as GOPROXY, stay; what decides the result is fixed. */
export function goEnvironment(cache: string): NodeJS.ProcessEnv {
  return {
    GOTOOLCHAIN: "local",
    // -modcacherw: so that `rm -r` of the cache folder works.
    GOFLAGS: "-buildvcs=false -mod=readonly -modcacherw",
    GOWORK: "off",
    GO111MODULE: "on",
    CGO_ENABLED: "0",
    GOOS: "",
    GOARCH: "",
    GOCACHE: join(cache, "go", "build"),
    GOMODCACHE: join(cache, "go", "modules"),
  };
}
