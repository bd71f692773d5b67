import * as pulumi from "@pulumi/pulumi";
import { clusterLoginOf, type ClusterLoginArgs } from "../../src/cluster/clusterLogin";
import { mockedEngine } from "../support/providers/mockedEngine";

mockedEngine();

const OWN = "own kubeconfig";
const PROVIDERS = "the provider's kubeconfig";
const CONFIGURED = "the configured kubeconfig";
const MACHINES = "/home/ada/.kube/config";

const before = process.env.KUBECONFIG;
beforeEach(() => {
  process.env.KUBECONFIG = MACHINES;
  pulumi.runtime.setAllConfig({});
});
afterEach(() => {
  if (before === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = before;
});

class Provider extends pulumi.ProviderResource {
  constructor(kubeconfig: string) {
    super("kubernetes", "cluster", { kubeconfig, context: "of the provider" });
  }
}
class Component extends pulumi.ComponentResource {}

interface Sources {
  readonly args?: ClusterLoginArgs;
  /** The kubeconfig of the resource's own provider. */
  readonly own?: string;
  /** The kubeconfig of the provider that its parent has. */
  readonly parents?: string;
  readonly config?: Readonly<Record<string, string>>;
}

async function loginOf({ args = {}, own, parents, config = {} }: Sources) {
  pulumi.runtime.setAllConfig(config);
  const providers = parents === undefined ? [] : [new Provider(parents)];
  const parent = new Component("test:index:Component", "parent", {}, { providers });
  const { kubeconfig, context } = clusterLoginOf(args, own === undefined ? undefined : new Provider(own), parent);
  const known = (output: pulumi.Output<string | undefined> | undefined): Promise<string | undefined> | undefined =>
    (output as unknown as { promise(): Promise<string | undefined> } | undefined)?.promise();
  return {
    kubeconfig: await known(kubeconfig),
    context: await known(context),
    secret: kubeconfig === undefined ? undefined : await pulumi.isSecret(kubeconfig),
  };
}

const CONFIG = { "kubernetes:kubeconfig": CONFIGURED, "kubernetes:context": "configured" };

it.each<[string, Sources, string | undefined, string | undefined]>([
  ["what it was given", { args: { kubeconfig: OWN, context: "given" }, own: PROVIDERS }, OWN, "given"],
  [
    "no other's context beside a kubeconfig that it was given",
    { args: { kubeconfig: OWN }, own: PROVIDERS },
    OWN,
    undefined,
  ],
  ["its provider's", { own: PROVIDERS, parents: OWN, config: CONFIG }, PROVIDERS, "of the provider"],
  [
    "its provider's, and the context that it was given",
    { args: { context: "given" }, own: PROVIDERS },
    PROVIDERS,
    "given",
  ],
  ["its parent's provider's", { parents: PROVIDERS, config: CONFIG }, PROVIDERS, "of the provider"],
  ["the provider's defaults", { config: CONFIG }, CONFIGURED, "configured"],
  ["the machine's own without any", {}, undefined, undefined],
  ["the machine's own where the provider has that", { own: MACHINES }, undefined, "of the provider"],
  ["the machine's own where the provider has an empty one", { own: "" }, undefined, "of the provider"],
])("takes %s", async (_, sources, kubeconfig, context) => {
  expect(await loginOf(sources)).toMatchObject({ kubeconfig, context });
});

it.each<[string, Sources]>([
  ["was given", { args: { kubeconfig: OWN } }],
  ["a provider has", { own: PROVIDERS }],
  ["is configured", { config: CONFIG }],
])("keeps a kubeconfig secret that %s", async (_, sources) => {
  expect((await loginOf(sources)).secret).toBe(true);
});
