import * as pulumi from "@pulumi/pulumi";
import { earlierOutputs } from "../inputs/earlierOutputs";
import { insideOutput } from "../inputs/insideOutput";
import { toldOf } from "../plan/planChanges";
import type { ReleasePlan, RememberedRelease } from "./planRelease";

/** The component that stands for a release, and the one around it, which has no inputs that change. */
export interface ReleaseComponents {
  readonly component: pulumi.Resource;
  readonly around: pulumi.Resource | undefined;
}

/** Outputs of a component by which the next preview tells what is new. */
export interface PreviewMemory {
  readonly told: string[];
  /** See `chartSeen`. */
  readonly chartSeen?: string;
  /** See `ReleasePlan`. */
  readonly firstName: string;
}

/** What a component registers beside its other outputs, see `previewRelease`. */
export function memoryOf(release: Pick<ReleasePlan, "plan" | "toMirror" | "chartSeen" | "firstName">): PreviewMemory {
  const { chartSeen, firstName } = release;
  return {
    firstName,
    told: [...toldOf(release.plan), ...chartsOf(release).map(({ told }) => told)].sort(),
    ...(chartSeen !== undefined && { chartSeen }),
  };
}

/**
 * What the last update has said of a release.
 *
 * @param opts of the component that stands for it
 */
export async function rememberedRelease(
  { component, around }: ReleaseComponents,
  { aliases }: pulumi.ResourceOptions,
): Promise<RememberedRelease> {
  const outputs = (around && (await earlierOutputs(around))) ?? (await earlierOutputs(component));
  if (outputs) {
    const { chartSeen, firstName } = outputs;
    return { chartSeen, ...(typeof firstName === "string" && { firstName }) };
  }
  // One without another around it has inputs: where these are others now, nothing is known but what the program says.
  const firstName = around ? undefined : await aliasName(aliases);
  return { ...(firstName !== undefined && { firstName }) };
}

/** The other name that a resource has had, as its option `aliases` says. */
async function aliasName(aliases: pulumi.ResourceOptions["aliases"]): Promise<string | undefined> {
  // An Output waits for what an alias names by Inputs.
  const known = (await insideOutput(pulumi.output(aliases ?? [])).promise()) as readonly (string | { name?: string })[];
  const names = known.map((alias) => (typeof alias === "string" ? nameOfUrn(alias) : alias.name));
  return names.find((name) => name !== undefined);
}

/** `urn:pulumi:STACK::PROJECT::TYPES::NAME`. */
function nameOfUrn(urn: string): string | undefined {
  return urn.split("::").slice(3).join("::") || undefined;
}

/** The charts that go into the mirror, and what is remembered of each. */
export function chartsOf({ toMirror }: Pick<ReleasePlan, "toMirror">): { target: string; told: string }[] {
  return (toMirror?.archives ?? []).map(({ target, digest }) => ({ target, told: `${target}@${digest}` }));
}
