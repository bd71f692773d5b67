import * as pulumi from "@pulumi/pulumi";

/** The engine answers for a provider whose configuration is unknown with nothing at all, which is an unknown value. */
export function answered(value: string | undefined): string {
  return value ?? (pulumi.unknown as unknown as string);
}
