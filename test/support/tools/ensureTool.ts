import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "./cacheFolder";
import { lookUpTool, type ToolName } from "./catalogue";
import { findOnPath } from "../../../src/machine/findOnPath";
import { installOnce } from "./installation";
import { toStandardError, type Log } from "./log";
import { pins } from "./pins";
import { runCommand } from "./command";

/** The absolute path of a tool's executable; builds or installs it on first use, which can take minutes. */
export async function ensureTool(name: ToolName, log: Log = toStandardError): Promise<string> {
  const found = await foundTools.get(name)?.();
  if (found) return found;
  const { installation, executable } = lookUpTool(name);
  return join(await installOnce(installation, cacheFolder(), log), executable);
}

/**
 * The folders of several tools, to be put before a PATH. Each tool is found by its own name there, except `node22` and
 * `node24` (`node`), `moto-python` (`python`) and `cni-plugins` (each plugin's own name).
 */
export async function ensureTools(...names: readonly ToolName[]): Promise<string> {
  const folders: string[] = [];
  // One after the other: each build uses every core already.
  for (const name of names) folders.push(dirname(await ensureTool(name)));
  return [...new Set(folders)].join(delimiter);
}

/** Tools whose copy on the machine serves as well, if it is the pinned version. */
const foundTools: ReadonlyMap<ToolName, () => Promise<string | undefined>> = new Map([
  [
    "helm",
    async () => {
      const helm = findOnPath("helm");
      const version = helm && (await runCommand(helm, ["version", "--template", "{{.Version}}"]).catch(() => ""));
      return version === `v${pins.helm}` ? helm : undefined;
    },
  ],
]);
