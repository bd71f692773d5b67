import type * as dynamic from "@pulumi/pulumi/dynamic";
import { addressed } from "../machine/errorAddress";

type Call = (...args: never[]) => Promise<unknown>;

/** A provider whose errors end with the addresses of what the documentation says of them: the engine shows them as they are. */
export function addressedErrors(provider: dynamic.ResourceProvider): dynamic.ResourceProvider {
  const calls = Object.entries(provider).filter((entry): entry is [string, Call] => typeof entry[1] === "function");
  const guarded = calls.map(([name, call]) => [
    name,
    async (...args: never[]): Promise<unknown> => {
      try {
        return await call.apply(provider, args);
      } catch (error) {
        throw addressed(error);
      }
    },
  ]);
  return { ...provider, ...(Object.fromEntries(guarded) as Partial<dynamic.ResourceProvider>) };
}
