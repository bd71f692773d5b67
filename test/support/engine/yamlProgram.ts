import { delimiter, join } from "node:path";
import { ensureTools } from "../tools";
import type { ProjectOptions } from "./project";
import { checkout } from "./projectFolder";

/** The language host of Pulumi YAML, as a project's `path`. */
export const yamlPath = async (): Promise<string[]> => (await ensureTools("pulumi-language-yaml")).split(delimiter);

/**
 * A program in Pulumi YAML that has the plugin of this checkout.
 *
 * @param body what stands below its head: `resources`, `outputs`
 * @param config the names of its settings
 * @param secrets the names of those that are secrets
 */
export function yamlProgram(body: string, config: readonly string[] = [], secrets: readonly string[] = []): string {
  const plugins = { providers: [{ name: "chart-mirror", path: join(checkout, "plugin") }] };
  const setting = (secret: boolean) => (name: string) => [name, { type: "string", ...(secret && { secret }) }] as const;
  const settings = Object.fromEntries([...config.map(setting(false)), ...secrets.map(setting(true))]);
  return `name: test
runtime: yaml
plugins: ${JSON.stringify(plugins)}
config: ${JSON.stringify(settings)}
${body}`;
}

/** What a project in Pulumi YAML is made of: see {@link yamlProgram}. */
export async function yamlProject(
  ...program: Parameters<typeof yamlProgram>
): Promise<Required<Pick<ProjectOptions, "path">> & { program: Record<string, string> }> {
  return { program: { "Pulumi.yaml": yamlProgram(...program) }, path: await yamlPath() };
}
