import type * as pulumi from "@pulumi/pulumi";
import { CopyMethodImpossibleError } from "../copy/copyChoice";
import { CopyMethod } from "../copy/copyMethod";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import type { AccessInput } from "../copy/imageCopyInputs";
import { MirrorError, MirrorErrors } from "../error";
import { hideLogin, holdsLogin } from "../image/addressLogin";
import { canonicalHost, isRegistryHost } from "../image/reference";
import type { JsonObject } from "../json";
import { plainValues } from "../inputs/plainValues";
import { secretTexts } from "../inputs/inputSecrets";
import type { MirrorOptions } from "./chartMirrorArgs";

/** How the sources of a release are reached: from its bundle alone, where it has one. */
export function sourceAccessOf({
  sourceBundle,
  sourceAccess = [],
  registry,
}: Pick<MirrorOptions, "sourceBundle" | "sourceAccess" | "registry">): pulumi.Input<RegistryAccessArgs>[] {
  if (sourceBundle !== undefined) return [{ host: "*", layouts: [sourceBundle] }];
  return [...registry.sourceAccess, ...sourceAccess];
}

/** Who copies elsewhere cannot read a file of this machine. @throws {CopyMethodImpossibleError} */
export async function refuseBundleWay({
  sourceBundle,
  registry,
  copyWith,
}: Pick<MirrorOptions, "sourceBundle" | "registry" | "copyWith">): Promise<void> {
  const method = registry.copyMethodFor({ ...(copyWith && { copyWith }) }) ?? CopyMethod.Process;
  if (sourceBundle === undefined || method === CopyMethod.Process) return;
  throw new CopyMethodImpossibleError(
    (await registry.address).host,
    method,
    `they come from the bundle ${sourceBundle}, a file of this machine`,
    "Set copyWith to CopyMethod.Process, or leave sourceBundle out",
  );
}

/** What is known now of the ways to source registries. */
export interface SourceAccess {
  readonly access: readonly AccessInput[];
  /** Canonical hosts whose login is not known in this preview. */
  readonly notYet: ReadonlySet<string>;
}

/**
 * Reads the entries of `sourceAccess`; the later of two for one host counts.
 *
 * @param secrets filled with every secret text that is met
 * @throws {MirrorErrors} about all hosts that are none
 */
export async function readSourceAccess(
  entries: readonly pulumi.Input<RegistryAccessArgs>[],
  secrets: string[],
): Promise<SourceAccess> {
  const access: AccessInput[] = [];
  const notYet = new Set<string>();
  const problems: Error[] = [];
  for (const entry of entries) {
    const plain = await plainValues(entry);
    const { values, unknown } = plain;
    // An entry that is one secret was made so by the user.
    secrets.push(...new Set([...secretTexts(plain), ...plain.secrets]));
    const isKnown = unknown.length === 0 || typeof values.host === "string";
    const problem = isKnown && !isForAll(values) ? hostProblem(values.host) : undefined;
    if (problem) problems.push(problem);
    else if (unknown.length === 0) access.push(values as unknown as AccessInput);
    else if (typeof values.host === "string") notYet.add(canonicalHost(values.host));
  }
  MirrorErrors.throwIfAny("Reading sourceAccess", problems);
  return { access, notYet };
}

/** Layouts can stand for every host; a login cannot. */
const isForAll = ({ host, layouts }: JsonObject): boolean =>
  host === "*" && Array.isArray(layouts) && layouts.length > 0;

/**
 * What is wrong with a host of `sourceAccess`; undefined for a good one. A host that no image can name would be an entry
 * without effect: its images would be asked for without their login, and the registry would only say that they are not
 * there.
 */
function hostProblem(host: unknown): MirrorError | undefined {
  if (typeof host === "string" && isRegistryHost(host)) return undefined;
  const shown = typeof host === "string" ? JSON.stringify(hideLogin(host)) : "an entry without a host";
  const why =
    typeof host !== "string"
      ? "each entry is for one host"
      : holdsLogin(host)
        ? "it holds a login"
        : /^[a-z]+:\/\//i.test(host)
          ? "it has a scheme"
          : host.includes("/")
            ? "it has a path in it"
            : "it is not a host name with an optional port";
  return new MirrorError(
    "INVALID_REGISTRY",
    `Reading sourceAccess failed at ${shown}: ${why}`,
    'Write host as image references do, "HOST[:PORT]"; its login goes into username and password, another place to read from into location',
  );
}
