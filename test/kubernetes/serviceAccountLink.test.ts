import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ObjectContribution } from "../../src/kubernetes/contribution/objectContribution";
import { createPullAccess, type PullSecretOptions } from "../../src/release/pullAccess";
import { PullSecret } from "../../src/kubernetes/pullSecret";
import { parseAccount } from "../../src/kubernetes/serviceAccountLink";
import { ExistingRegistry } from "../../src/registry/existingRegistry";

const registered: pulumi.runtime.MockResourceArgs[] = [];

beforeEach(() => {
  registered.length = 0;
});
// Once: what a component registers at its end would not be known to a later test's mocks.
beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        registered.push(args);
        return { id: args.name, state: args.inputs as Record<string, unknown> };
      },
      call: () => ({}),
    },
    "shop",
    "dev",
  );
});

class Parent extends pulumi.ComponentResource {}

const registries = [{ host: "r.io", username: "pods", password: "p" }];
const settled = (resource: pulumi.Resource): Promise<unknown> => new Promise((resolve) => resource.urn.apply(resolve));

interface Made {
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** The contributions that were registered, without what all of them have. */
function made(): Made[] {
  return registered
    .filter(({ type }) => type === ObjectContribution.type)
    .map(({ name, inputs }) => {
      const { __provider: _, contributor: __, ...rest } = inputs as Record<string, unknown>;
      return { name, inputs: rest };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const account = (name: string, namespace: string, mounted = false): object => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  name,
  namespace,
  contribution: {
    imagePullSecrets: [{ name: "login" }],
    ...(mounted && { secrets: [{ name: "login" }] }),
  },
});

/** Waits for resources that hang on Outputs. */
async function contributions(count: number): Promise<Made[]> {
  const deadline = Date.now() + 5_000;
  while (made().length < count && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  return made();
}

describe("PullSecret", () => {
  it("links accounts of its own namespace and of others, once the Secret is there", async () => {
    const secret = new PullSecret("a", {
      name: "login",
      namespace: "shop",
      namespaces: ["jobs"],
      registries,
      serviceAccounts: ["default", "jobs/runner"],
    });
    await settled(secret);
    expect(await contributions(2)).toMatchObject([
      { name: "a/default", inputs: account("default", "shop") },
      { name: "a/jobs/runner", inputs: account("runner", "jobs") },
    ]);
  });

  it("takes the namespace that the provider gives the Secret, and puts it among what may be mounted", async () => {
    await settled(new PullSecret("b", { name: "login", registries, serviceAccounts: ["default"], mountable: true }));
    expect((await contributions(1))[0]?.inputs.contribution).toEqual({
      imagePullSecrets: [{ name: "login" }],
      secrets: [{ name: "login" }],
    });
  });

  it("links none unless asked", async () => {
    await settled(new PullSecret("c", { name: "login", registries }));
    expect(made()).toEqual([]);
  });
});

describe("a release", () => {
  const access = async (name: string, options: PullSecretOptions, chartAccounts: string[] = []): Promise<void> => {
    const parent = new Parent("test:index:Parent", name);
    const ready = createPullAccess(
      name,
      {
        registry: new ExistingRegistry(`${name}-registry`, {
          host: "r.io",
          credentials: { username: "u", password: "p" },
        }),
        options,
        secretName: "login",
        namespace: "shop",
        createNamespace: false,
        chartAccounts,
        targets: [],
        copies: [],
        sourceAccess: [],
      },
      parent,
    );
    for (const resource of ready) await settled(resource);
  };

  it("leaves the accounts that its chart makes to whoever deploys that", async () => {
    await access("d", { serviceAccounts: ["default", "own"] }, ["own"]);
    expect(await contributions(1)).toMatchObject([{ name: "d-pull/default", inputs: account("default", "shop") }]);
  });

  it("links a Secret that is there already, too", async () => {
    await access("e", { serviceAccounts: ["jobs/default"], create: false });
    expect(await contributions(1)).toMatchObject([{ name: "e-pull/jobs/default", inputs: account("default", "jobs") }]);
    expect(registered.filter(({ type }) => type.endsWith(":Secret"))).toEqual([]);
  });
});

describe("the cluster of a contribution", () => {
  const wanted = { apiVersion: "v1", kind: "ServiceAccount", name: "default", contribution: {} };
  const login = async (name: string, args: object, opts: pulumi.CustomResourceOptions): Promise<object> => {
    await settled(new ObjectContribution(name, { ...wanted, ...args }, opts));
    const { kubeconfig, context } = (await contributions(1))[0]?.inputs as { kubeconfig: unknown; context: unknown };
    return { kubeconfig: (kubeconfig as { value?: unknown } | undefined)?.value ?? kubeconfig, context };
  };
  const provider = (name: string): kubernetes.Provider =>
    new kubernetes.Provider(name, { kubeconfig: "of the provider", context: "two" });

  it("is that of its provider", async () => {
    expect(await login("f", {}, { provider: provider("f") })).toEqual({
      kubeconfig: "of the provider",
      context: "two",
    });
  });

  it("is that of its parent's provider", async () => {
    const parent = new Parent("test:index:Parent", "g", {}, { provider: provider("g") });
    expect(await login("g", {}, { parent })).toEqual({ kubeconfig: "of the provider", context: "two" });
  });

  it("is the one that it is given", async () => {
    const given = { kubeconfig: "given" };
    expect(await login("h", given, { provider: provider("h") })).toEqual({ kubeconfig: "given", context: undefined });
  });

  it("is the machine's own without any of these", async () => {
    expect(await login("i", {}, {})).toEqual({ kubeconfig: undefined, context: undefined });
  });

  it("is known to the state as a secret, under a name that tells programs apart", async () => {
    await settled(new ObjectContribution("j", { ...wanted, kubeconfig: "given" }));
    const inputs = registered.find(({ name }) => name === "j")?.inputs as Record<string, unknown>;
    expect(inputs.kubeconfig).toMatchObject({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" });
    expect(inputs.contributor).toBe("urn:pulumi:dev::shop::j");
  });
});

it.each([
  ["default", { name: "default" }],
  ["jobs/runner", { namespace: "jobs", name: "runner" }],
])("reads the account %s", (text, expected) => expect(parseAccount(text)).toEqual(expected));
