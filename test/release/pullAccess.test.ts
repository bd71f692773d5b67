import * as pulumi from "@pulumi/pulumi";
import { createPullAccess, refresherImage, type PullSecretOptions } from "../../src/release/pullAccess";
import { ExistingRegistry, type ExistingRegistryArgs } from "../../src/registry/existingRegistry";
import type { MirrorRegistry } from "../../src/registry/mirrorRegistry";
import { mockedEngine, type MockedResource } from "../support/providers/mockedEngine";

const { registered } = mockedEngine();

class Parent extends pulumi.ComponentResource {}

/** What is made for a release in the namespace `shop`, once all of it is there. */
async function madeFor(
  registry: MirrorRegistry,
  { createNamespace = false, options = {} }: { createNamespace?: boolean; options?: PullSecretOptions } = {},
): Promise<MockedResource[]> {
  const refresher = await refresherImage(registry, options);
  const parent = new Parent("test:index:Parent", "parent");
  const made = createPullAccess(
    "web",
    {
      registry,
      options,
      secretName: "web-pull",
      namespace: "shop",
      createNamespace,
      chartAccounts: [],
      targets: ["r.io/a/b:1"],
      copies: [],
      sourceAccess: [],
      ...(refresher && { refresher }),
    },
    parent,
  );
  for (const { urn } of made) await new Promise((resolve) => urn.apply(resolve));
  // Not among the declarations of the SDK, whose own tests use it.
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return registered;
}

const check = (made: MockedResource[]) => made.find(({ type }) => type.endsWith("PullCheck"))?.inputs;
const login = { username: "pods", password: "pull!" };
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** A registry that this machine pushes to with a Microsoft Entra token, and pods pull from with a password. */
class EntraRegistry extends ExistingRegistry {
  override readonly pushAccess = pulumi.secret({ host: "r.io", azureToken: { accessToken: "entra" } }) as never;
}

describe("the trial of the pull login", () => {
  test.each<[string, () => MirrorRegistry, object]>([
    [
      "is made with it alone",
      () => new ExistingRegistry("r", { ...common(), credentials: { username: "ci", password: "push!" } }),
      { host: "r.io", ...login },
    ],
    [
      "goes where pods pull, not where images are pushed",
      () =>
        new ExistingRegistry("r", {
          ...common(),
          plainHttp: true,
          push: { location: "push.r.io:8443", caCertificate: "PEM" },
        }),
      { host: "r.io", plainHttp: true, ...login },
    ],
    ["takes no other token of this machine along", () => new EntraRegistry("r", common()), { host: "r.io", ...login }],
  ])("%s", async (_, registry, access) => {
    const inputs = check(await madeFor(registry())) as { access: { value?: unknown } };
    expect(plain(inputs.access.value ?? inputs.access)).toEqual(access);
  });
});

function common(): ExistingRegistryArgs {
  return { host: "r.io", pullCredentials: login };
}

it("touches nothing in the cluster before the login has worked", async () => {
  const made = await madeFor(new ExistingRegistry("r", common()), { createNamespace: true });
  const order = made.map(({ type }) => type.split(/[:/]/).at(-1) ?? "");
  expect(order.filter((type) => ["PullCheck", "NamespacePatch", "Secret", "SecretPatch"].includes(type))).toEqual([
    "PullCheck",
    "NamespacePatch",
    "Secret",
    "SecretPatch",
  ]);
});

it("makes nothing where nodes need no login", async () => {
  const made = await madeFor(new ExistingRegistry("r", { host: "r.io" }));
  expect(made.filter(({ type }) => /Secret|PullCheck/.test(type))).toEqual([]);
});

/** A registry whose logins end, as those of ECR. */
class ExpiringRegistry extends ExistingRegistry {
  override readonly pullTokenExpires = true;
}

it("renews a login as it is told to", async () => {
  const refresh = { enabled: true, image: "quay.io/team/aws:1", schedule: "5 * * * *" };
  const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const made = await madeFor(new ExpiringRegistry("r", { host, pullCredentials: login }), { options: { refresh } });
  const job = made.find(({ type }) => type.endsWith(":CronJob"))?.inputs as { spec: { value: unknown } };
  expect(job.spec.value).toMatchObject({
    schedule: "5 * * * *",
    jobTemplate: { spec: { template: { spec: { containers: [{ image: `${host}/team/aws:1` }] } } } },
  });
});

describe("the image that renews a login", () => {
  it.each<[string, () => MirrorRegistry, PullSecretOptions, string | undefined]>([
    ["is AWS's own", () => new ExpiringRegistry("r", common()), {}, "r.io/aws-cli/aws-cli:2.32.9"],
    [
      "is the one that is named",
      () => new ExpiringRegistry("r", common()),
      { refresh: { image: "quay.io/team/aws:1" } },
      "r.io/team/aws:1",
    ],
    [
      "is none where nobody renews",
      () => new ExpiringRegistry("r", common()),
      { refresh: { enabled: false } },
      undefined,
    ],
    ["is none where others make the Secret", () => new ExpiringRegistry("r", common()), { create: false }, undefined],
    ["is none for a login that stays", () => new ExistingRegistry("r", common()), {}, undefined],
    ["is none without a login", () => new ExpiringRegistry("r", { host: "r.io" }), {}, undefined],
  ])("%s", async (_, registry, options, target) => {
    expect((await refresherImage(registry(), options))?.target).toBe(target);
  });

  it("is refused by name", async () => {
    const bad = refresherImage(new ExpiringRegistry("r", common()), { refresh: { image: "no image!" } });
    await expect(bad).rejects.toMatchObject({ code: "INVALID_REFERENCE" });
  });
});
