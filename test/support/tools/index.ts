/**
 * The external tools of the tests, pinned and installed on first use into the user's cache folder.
 *
 * @example
 * ```ts
 * const helm = await ensureTool("helm");
 * const env = { ...process.env, PATH: `${await ensureTools("kubectl", "skopeo")}:${process.env.PATH}` };
 * ```
 */
export { ensureTool, ensureTools } from "./ensureTool";
export type { ToolName } from "./catalogue";
export { isKubernetesNext, kubernetesTool } from "./kubernetesTool";
export type { Log } from "./log";
export { pins } from "./pins";
export { findOrInstallPulumi, pulumiPath } from "./pulumiEngine";
export { ToolError } from "./toolError";
