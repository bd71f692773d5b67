import { findOnPath } from "../../src/machine/findOnPath";
import { ensureTools, findOrInstallPulumi } from "../../test/support/tools";

/** Folders with Pulumi and, where the PATH has none, helm, installed into the user's cache. @param say told of what is installed */
export async function findOrInstallTools(say: (line: string) => void): Promise<string[]> {
  const pulumi = await findOrInstallPulumi(say);
  if (findOnPath("helm") !== undefined) return [pulumi];
  say("no helm on the PATH: installing one, which renders the chart");
  return [pulumi, await ensureTools("helm")];
}
