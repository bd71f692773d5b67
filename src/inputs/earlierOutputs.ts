import * as pulumi from "@pulumi/pulumi";
import { urnOf } from "./insideOutput";

const asked = new WeakMap<pulumi.Resource, Promise<Record<string, unknown> | undefined>>();

/**
 * What a component has said of itself at the end of the last update, out of the stack's state. Undefined where there was
 * none, where it has never come to its end, and where the component's own inputs are others now: the engine keeps the
 * outputs of components whose inputs are the same.
 *
 * The engine is asked once. That must be over before the component's outputs are known, which are what it answers afterwards.
 */
export function earlierOutputs(component: pulumi.Resource): Promise<Record<string, unknown> | undefined> {
  let answer = asked.get(component);
  if (!answer) asked.set(component, (answer = askEngine(component)));
  return answer;
}

async function askEngine(component: pulumi.Resource): Promise<Record<string, unknown> | undefined> {
  try {
    const urn = await urnOf(component);
    // How the SDK itself reads a resource that another component hands on (`opts.urn`).
    const answer = (await pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn })) as { state?: unknown };
    const { state } = answer;
    if (typeof state !== "object" || state === null || Object.keys(state).length === 0) return undefined;
    return state as Record<string, unknown>;
  } catch {
    // An engine that does not tell is as one that knows of none.
    return undefined;
  }
}
