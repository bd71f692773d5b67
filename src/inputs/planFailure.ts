import * as pulumi from "@pulumi/pulumi";
import { MirrorError } from "../error";
import { fileAccessError } from "../files/fileError";
import { messageWithAddresses } from "../machine/errorAddress";
import { quietLateRejections } from "./lateRejections";
import { redact } from "./redact";

/**
 * A failed plan as Pulumi shows it: one message at the component, without a stack, without a secret.
 *
 * Errors that are not ours are bugs and keep their stack. Whoever else fails for the same error gets the same failure, which
 * Pulumi reports once.
 */
export function planFailure(thrown: unknown, secrets: readonly string[], component: pulumi.Resource): Error {
  const error = fileAccessError(thrown) ?? thrown;
  if (!(error instanceof MirrorError)) return error instanceof Error ? error : new Error(String(error));
  const message = redact(messageWithAddresses(error), secrets);
  const told = FAILURES.get(error);
  if (told?.message === message) return told;
  const failure = new pulumi.ResourceError(message, component, true);
  // Many outputs wait for the plan, and the SDK writes the name of whichever property it serializes first before the
  // message ("error serializing property ..."). It reports an error only once, so that would be all that is seen.
  Object.defineProperty(failure, "message", { get: () => message, set: () => undefined });
  // Some paths of the SDK print the stack whatever `hideStack` says.
  failure.stack = message;
  FAILURES.set(error, failure);
  quietLateRejections(failure);
  return failure;
}

/** By their errors: what has been made of them first. */
const FAILURES = new WeakMap<MirrorError, Error>();
