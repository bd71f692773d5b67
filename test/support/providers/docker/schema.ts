import { dirname, join } from "node:path";
import { declaredInterface, schemaFailures } from "../kubernetes/objects/schema";
import { stripSecrets, type PropertyMap } from "../protocol/propertyValue";
import type { CheckFailure } from "../protocol/resourceProvider";
import { SdkSchema } from "../sdkSchema";

/** What the installed @pulumi/docker declares. */
export const dockerSchema = new SdkSchema("@pulumi/docker");

/** What is wrong with the configuration of the provider, the logins in it included. */
export function configFailures(config: PropertyMap): CheckFailure[] {
  const failures = dockerSchema.configFailures(config);
  const auth = stripSecrets(config["registryAuth"] ?? null);
  if (typeof auth !== "string") return failures;
  const types = join(dirname(require.resolve("@pulumi/docker/package.json")), "types/input.d.ts");
  const entry = declaredInterface(types, "ProviderRegistryAuth");
  for (const login of JSON.parse(auth) as PropertyMap[])
    failures.push(...schemaFailures(entry, login, "registryAuth."));
  return failures;
}
