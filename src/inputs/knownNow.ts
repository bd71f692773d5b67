import * as pulumi from "@pulumi/pulumi";
import { MirrorError } from "../error";
import { insideOutput } from "./insideOutput";

/** A value that the plan cannot do without is not known in this preview. `code` is `UNKNOWN_INPUT`. */
export class UnknownInputError extends MirrorError {
  override readonly name = "UnknownInputError";
  constructor(
    what: string,
    remedy = "Take it from configuration or compute it from known values, in place of an output of a resource that is still to be created",
  ) {
    super(
      "UNKNOWN_INPUT",
      `${what[0]?.toUpperCase()}${what.slice(1)} is not known yet in this preview, and no image can be planned without it`,
      remedy,
    );
  }
}

/**
 * Waits for an input that must be known in previews too.
 *
 * @param what the input in words, for the error
 * @param remedy what else than the usual helps
 * @throws {UnknownInputError} when it depends on a resource that does not exist yet
 */
export async function knownNow<T>(input: pulumi.Input<T>, what: string, remedy?: string): Promise<T> {
  const output = insideOutput(pulumi.output(input) as pulumi.Output<T>);
  if (!(await output.isKnown)) throw new UnknownInputError(what, remedy);
  return output.promise();
}
