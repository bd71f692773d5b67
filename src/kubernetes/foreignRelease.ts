import * as pulumi from "@pulumi/pulumi";
import type { ClusterLogin } from "../cluster/clusterConnection";
import { MirrorError } from "../error";
import { earlierOutputs } from "../inputs/earlierOutputs";
import { knownNow, UnknownInputError } from "../inputs/knownNow";
import type { Clock } from "../oci/transport/clock";
import type { Json } from "../json";
import { childOf } from "../ownKeys";
import { componentLog } from "../resource/componentLog";
import { knownReleaseProvider } from "./releaseProvider";
import type { HelmRelease } from "./releaseWatch/helmRelease";
import { kubernetesReleaseCluster } from "./releaseWatch/kubernetesReleaseCluster";
import type { ReleaseCluster } from "./releaseWatch/releaseCluster";

/** Helm has a release of that name, which the stack does not know. `code` is `RELEASE_EXISTS`. */
export function releaseExists(resource: string, { namespace, name, revision, status }: HelmRelease): MirrorError {
  return new MirrorError(
    "RELEASE_EXISTS",
    `Deploying the release ${namespace}/${name} is not possible: Helm has one of that name there already (revision ${revision}, ${status}), which this stack did not make`,
    `Take it over: pulumi import kubernetes:helm.sh/v3:Release ${resource} ${namespace}/${name} --protect=false, after which the next update upgrades it in place. Or give the release another name`,
  );
}

/** The release that a resource is about to deploy. */
export interface PlannedRelease {
  /** Name of the resource. */
  readonly resource: string;
  /** Its name in the cluster, and its namespace, as far as the program gives them: the engine makes up new names. */
  readonly name: pulumi.Input<string | undefined> | undefined;
  readonly namespace: pulumi.Input<string | undefined> | undefined;
  /** Helm takes over the name of what failed, or is no more. */
  readonly replace: pulumi.Input<boolean | undefined> | undefined;
}

/** What is asked whether a release is known. */
export interface ReleaseLookup {
  readonly connect: (login: ClusterLogin) => Promise<ReleaseCluster>;
  /** What a component has said of itself at the end of the last update. */
  readonly earlierOutputs: (component: pulumi.Resource) => Promise<object | undefined>;
  /** The outputs of all resources in the stack's state. */
  readonly stackResources: () => Promise<Json | undefined>;
  readonly clock: Pick<Clock, "sleep">;
}

/** Milliseconds after which a plan goes on without the cluster's answer. */
const PATIENCE = 10_000;

/**
 * Looks whether Helm has a release of that name already that the stack does not have: else the update would fail at its very
 * end, after images and Secrets are there. The cluster is asked where no component of this name has deployed one, and the
 * state, which alone tells what is the stack's own, where the cluster has one. Nothing else that goes wrong on the way is a
 * failure.
 *
 * @throws {MirrorError} `RELEASE_EXISTS`
 */
export async function refuseForeignRelease(
  planned: PlannedRelease,
  component: pulumi.Resource,
  lookup: ReleaseLookup = LOOKUP,
): Promise<void> {
  // First the engine, which answers at once: the cluster's client takes half a second to load.
  if (await isDeployed(component, lookup)) return;
  const found = await releaseAt(planned, component, lookup);
  if (!found) return;
  const [release, replace] = found;
  if (replace && (release.status === "uninstalled" || release.status === "failed")) return;
  let resources: Json | undefined;
  try {
    resources = await lookup.stackResources();
  } catch {
    // Not every backend tells, and old engines do not survive every state: Helm itself says so in the update.
    return;
  }
  if (!isInStack(release, resources)) throw releaseExists(planned.resource, release);
}

async function releaseAt(
  { name, namespace, replace }: PlannedRelease,
  component: pulumi.Resource,
  { connect, clock }: ReleaseLookup,
): Promise<readonly [HelmRelease, boolean] | undefined> {
  try {
    const [known, given, replaced] = await knownNow(pulumi.all([name, namespace, replace]), "the release");
    if (!known) return undefined;
    const asked = async (): Promise<HelmRelease | undefined> => {
      const { login, namespace: ownNamespace } = await knownReleaseProvider(component);
      if (login === undefined) return undefined;
      const cluster = await connect(login);
      const [release] = await cluster.releases(given ?? ownNamespace ?? cluster.namespace, { name: known });
      return release;
    };
    const looked = asked().catch((error: unknown) => notKnown(error, component));
    const release = await Promise.race([looked, clock.sleep(PATIENCE).then(() => undefined)]);
    return release && [release, replaced === true];
  } catch (error) {
    if (error instanceof UnknownInputError) return undefined;
    throw error;
  }
}

/** What keeps a plan from looking does not keep the update from deploying. */
async function notKnown(error: unknown, component: pulumi.Resource): Promise<undefined> {
  // The cluster is still to be made, or this machine has no login for it: who deploys says so.
  const isLater = error instanceof MirrorError && error.code !== "RELEASE_UNREADABLE";
  if (isLater || !pulumi.runtime.isDryRun()) return;
  // What others say may hold parts of a kubeconfig, or of a release.
  const reason =
    error instanceof MirrorError ? error.message : "What the cluster or its kubeconfig holds cannot be read";
  await componentLog.info(`Whether Helm has the release already is not known. ${reason}`, component);
}

/**
 * Whether the component has come to its end before, with its release. The one around is asked first: it keeps its outputs,
 * having no inputs that change.
 */
async function isDeployed(component: pulumi.Resource, { earlierOutputs }: ReleaseLookup): Promise<boolean> {
  const { __parentResource: around } = component as { readonly __parentResource?: pulumi.Resource };
  return ((around && (await earlierOutputs(around))) ?? (await earlierOutputs(component))) !== undefined;
}

/** Whether one of the stack's resources is that release. */
function isInStack({ name, namespace }: HelmRelease, resources: Json | undefined): boolean {
  return Object.keys(resources ?? {}).some((urn) => {
    if (!urn.includes("kubernetes:helm.sh/v3:Release::")) return false;
    const outputs = childOf(childOf(resources, urn), "outputs");
    return childOf(outputs, "name") === name && childOf(outputs, "namespace") === namespace;
  });
}

const LOOKUP: ReleaseLookup = {
  earlierOutputs,
  connect: (login) => kubernetesReleaseCluster(login, PATIENCE),
  stackResources: async () => {
    const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
    const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
    return childOf(answer as Json, "outputs");
  },
  clock: {
    // A plan that is ready does not wait for it.
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds).unref()),
  },
};
