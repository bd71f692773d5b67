import { cpSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { findOnPath } from "../../../src/machine/findOnPath";
import type { Project, ProjectOptions } from "../engine";
import { cacheFolder } from "../tools/cacheFolder";
import { goEnvironment, goModuleFolder } from "../tools/goModule";
import { ensureTools } from "../tools";
import { generateSdk } from "./generatedSdk";

/** What a project needs beside its program to be built and run in Go. Modules come from the cache, or as `go` is set up. */
export async function goRuntime(): Promise<Required<Pick<ProjectOptions, "path" | "env">>> {
  const go = findOnPath("go");
  if (!go) throw new Error("Install Go 1.26 or newer: a program in Go is built.");
  const environment = { GOPROXY: process.env["GOPROXY"], ...goEnvironment(cacheFolder()) };
  const given = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    path: [...(await ensureTools("pulumi-language-go")).split(delimiter), dirname(go)],
    env: Object.fromEntries(given),
  };
}

/** Lays the module of a Go program into a project: what it requires, and the SDK that is generated from the plugin's schema. */
export async function layOutGoModule({ folder }: Project): Promise<void> {
  for (const file of ["go.mod", "go.sum"]) cpSync(join(goModuleFolder("go-program"), file), join(folder, file));
  await generateSdk("go", join(folder, "sdks/chart-mirror"));
}
