import { awsSchema } from "./aws/schema";
import { azureSchema } from "./azureNative/schema";
import { dockerSchema } from "./docker/schema";
import { resourceSchema, schemaFailures } from "./kubernetes/objects/schema";
import { decodeJson, type Json, type PropertyMap } from "./protocol/propertyValue";
import type { CheckFailure } from "./protocol/resourceProvider";

/**
 * Refuses what the real packages' types do not have, for mocks of the engine: mocks take whatever they are given.
 *
 * @param token of a resource or function; those of other packages pass
 */
export function refuseUndeclared(token: string, inputs: unknown): void {
  // What is missing may be an output that a mock does not tell.
  const failures = failuresOf(token, decodeJson(inputs as { [key: string]: Json })).filter(({ missing }) => !missing);
  if (failures.length > 0)
    throw new Error(`${token} is given what it does not take: ${failures.map(({ reason }) => reason).join("; ")}`);
}

function failuresOf(token: string, inputs: PropertyMap): CheckFailure[] {
  if (token.startsWith("aws:")) return awsSchema.inputFailures(token, inputs);
  if (token.startsWith("azure-native:")) return azureSchema.inputFailures(token, inputs);
  if (token.startsWith("docker:")) return dockerSchema.inputFailures(token, inputs);
  const schema = token.startsWith("kubernetes:") ? resourceSchema(token) : undefined;
  return schema ? schemaFailures(schema, inputs) : [];
}
