import { readFileSync } from "node:fs";
import { SdkSchema } from "../sdkSchema";

/** What the installed @pulumi/azure-native declares. */
export const azureSchema = new SdkSchema("@pulumi/azure-native");

/** The version of Azure's API that the SDK's declaration of a resource names. */
export function apiVersionOf(token: string): string {
  const declaration = readFileSync(azureSchema.declarationOf(token), "utf8");
  const found = /Uses Azure REST API version (\S+?)\. /.exec(declaration)?.[1];
  if (found === undefined) throw new Error(`the declaration of ${token} names no API version`);
  return found;
}
