import { SdkSchema } from "../sdkSchema";

/** What the installed @pulumi/aws declares. */
export const awsSchema = new SdkSchema("@pulumi/aws");
