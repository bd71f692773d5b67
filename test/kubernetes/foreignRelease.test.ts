import * as pulumi from "@pulumi/pulumi";
import type { Json } from "../../src/json";
import { refuseForeignRelease, type PlannedRelease, type ReleaseLookup } from "../../src/kubernetes/foreignRelease";
import type { HelmRelease } from "../../src/kubernetes/releaseWatch/helmRelease";
import { releaseUnreadable } from "../../src/kubernetes/releaseWatch/kubernetesReleaseCluster";
import type { ReleaseCluster } from "../../src/kubernetes/releaseWatch/releaseCluster";
import { mockedEngine } from "../support/providers/mockedEngine";

mockedEngine();

const WEB: HelmRelease = { name: "web", namespace: "shop", revision: 3, status: "deployed", objects: [] };
const URN = "urn:pulumi:dev::p::pulumi-chart-mirror:index:MirroredRelease$kubernetes:helm.sh/v3:Release::web";
const inState = (name: string, namespace: string): Json => ({ [URN]: { outputs: { name, namespace } } });

interface World {
  readonly releases?: readonly HelmRelease[] | Error;
  readonly state?: Json | Error;
  readonly silent?: boolean;
  /** Which component has outputs of an earlier update. */
  readonly earlier?: "component" | "around";
  /** Called when the cluster is asked. */
  readonly asked?: () => void;
}

/** What is thrown of a release in this cluster and this state. */
async function refused(
  { releases = [WEB], state = {}, silent = false, earlier, asked }: World,
  planned: Partial<PlannedRelease> = {},
): Promise<string | undefined> {
  const cluster = {
    namespace: "shop",
    releases: (namespace: string, { name }: { name: string }) =>
      releases instanceof Error
        ? Promise.reject(releases)
        : Promise.resolve(releases.filter((release) => release.name === name && release.namespace === namespace)),
  } as unknown as ReleaseCluster;
  const lookup: ReleaseLookup = {
    connect: () => {
      asked?.();
      return silent ? new Promise(() => undefined) : Promise.resolve(cluster);
    },
    earlierOutputs: (one) => Promise.resolve(one === components[earlier ?? "none"] ? {} : undefined),
    stackResources: () => (state instanceof Error ? Promise.reject(state) : Promise.resolve(state)),
    clock: { sleep: () => (silent ? Promise.resolve() : new Promise(() => undefined)) },
  };
  class Component extends pulumi.ComponentResource {}
  const around = new Component("test:index:Around", "web");
  const component = new Component("test:index:Component", "web", {}, { parent: around });
  const components: Record<string, pulumi.Resource> = { component, around };
  const release = { resource: "front", name: "web", namespace: "shop", replace: undefined, ...planned };
  return refuseForeignRelease(release, component, lookup).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

it("says how a release is taken over that the stack does not know", async () => {
  expect(await refused({})).toMatch(
    /shop\/web is not possible: .*revision 3, deployed.*pulumi import kubernetes:helm\.sh\/v3:Release front shop\/web --protect=false/,
  );
  expect(await refused({ state: inState("web", "other") })).toBeDefined();
});

const LET: [string, World, Partial<PlannedRelease>?][] = [
  ["is not there", { releases: [] }],
  ["is the stack's own", { state: inState("web", "shop") }],
  ["gets a name that nobody has", {}, { name: undefined }],
  ["is in another namespace", {}, { namespace: "other" }],
  ["has a name that is not known yet", {}, { name: pulumi.output(pulumi.unknown as unknown as string) }],
  ["has failed and is to be replaced", { releases: [{ ...WEB, status: "failed" }] }, { replace: true }],
  ["may not be looked for", { releases: releaseUnreadable("Reading the releases", "forbidden") }],
  ["cannot be read", { releases: new Error("incorrect header check") }],
  ["has been deployed by this component", { earlier: "component" }],
  ["has been deployed by the component around", { earlier: "around" }],
  ["is in a cluster that does not answer", { silent: true }],
  ["is in a stack whose state cannot be read", { state: new Error("no backend client is available") }],
];

it.each(LET.map(([what, world, planned = {}]) => [what, world, planned] as const))(
  "lets a release be that %s",
  async (_, world, planned) => {
    expect(await refused(world, planned)).toBeUndefined();
  },
);

it("takes the namespace of the kubeconfig where the program gives none, and heeds replace alone where it helps", async () => {
  expect(await refused({}, { namespace: undefined })).toBeDefined();
  expect(await refused({}, { replace: true })).toBeDefined();
});

it("asks no cluster, whose client is slow to load, for a release that the component has deployed", async () => {
  const asked = jest.fn();
  for (const earlier of ["component", "around"] as const) await refused({ earlier, asked });
  expect(asked).not.toHaveBeenCalled();
  await refused({ asked });
  expect(asked).toHaveBeenCalledTimes(1);
});
