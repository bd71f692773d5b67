import type * as pulumi from "@pulumi/pulumi";

/** The internal members of an Output, which the SDK's types hide: `apply` never runs for an unknown, so that one has to ask the Output itself. */
export interface InsideOutput<T> {
  readonly isKnown: Promise<boolean>;
  /** Its value, or what stands for one that is unknown. */
  promise(): Promise<T>;
}

/** The SDK's own view of an Output: promises of its value, and of whether that is known and secret. */
export const insideOutput = <T>(output: pulumi.Output<T>): InsideOutput<T> => output as unknown as InsideOutput<T>;

/** A resource's URN as a promise, for what would wait for its own parent by an Output. */
export const urnOf = (resource: pulumi.Resource): Promise<string> => insideOutput(resource.urn).promise();
