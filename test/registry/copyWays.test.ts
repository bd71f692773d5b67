/** Every kind of registry with every way to copy: it can, or it is refused before anything is made, with the ways that can. */
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { CopyChoice } from "../../src/copy/copyChoice";
import { CopyMethod } from "../../src/copy/copyMethod";
import { AcrRegistry } from "../../src/registry/acr/acrRegistry";
import { EcrRegistry } from "../../src/registry/ecr/ecrRegistry";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import type { MirrorRegistry } from "../../src/registry/mirrorRegistry";
import { QuayRegistry } from "../../src/quay/component/quayRegistry";
import { SharedRegistry } from "../../src/registry/sharedRegistry";
import { mockedEngine, value } from "../support/providers/mockedEngine";

const { registered } = mockedEngine({
  answers: {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
    "aws:index/getRegion:getRegion": { region: "eu-west-1" },
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": { userName: "AWS", password: "token of ECR" },
    "azure-native:authorization:getClientConfig": { subscriptionId: "s" },
    "azure-native:authorization:getClientToken": { token: "token of Entra" },
  },
});

type Kind = readonly [string, (options: pulumi.ComponentResourceOptions) => MirrorRegistry];
const existing: Kind = ["any that exists", (options) => new ExistingRegistry("r", { host: "r.io" }, options)];
const ecr: Kind = ["ECR", (options) => new EcrRegistry("r", {}, options)];
const acr: Kind = [
  "ACR",
  (options) => new AcrRegistry("r", { registryName: "contoso1", resourceGroupName: "g" }, options),
];
const acrByName: Kind = [
  "ACR known by its name",
  (options) => new AcrRegistry("r", { registryName: "contoso1", existing: true }, options),
];
const quay: Kind = [
  "Quay",
  (options) => new QuayRegistry("r", { host: "q.io", organization: "team", token: "t" }, options),
];
const shared: Kind = [
  "ACR of another stack",
  (options) => new SharedRegistry("r", { host: "contoso1.azurecr.io", acr: { armTokens: true } }, options),
];

const CHOICES: Readonly<Record<CopyMethod, CopyChoice>> = {
  [CopyMethod.Process]: { copyWith: CopyMethod.Process },
  [CopyMethod.Kubernetes]: { copyWith: CopyMethod.Kubernetes, copyJob: { namespace: "mirror" } },
  [CopyMethod.AcrImport]: { copyWith: CopyMethod.AcrImport },
  [CopyMethod.PullThrough]: { copyWith: CopyMethod.PullThrough },
  [CopyMethod.Docker]: { copyWith: CopyMethod.Docker, copyPlatform: "linux/amd64" },
};
const EVERYWHERE = [CopyMethod.Process, CopyMethod.Kubernetes, CopyMethod.Docker];

const KINDS: readonly [Kind, readonly CopyMethod[]][] = [
  [existing, EVERYWHERE],
  [ecr, EVERYWHERE],
  [acr, [...EVERYWHERE, CopyMethod.AcrImport]],
  [acrByName, EVERYWHERE],
  [quay, EVERYWHERE],
  [shared, EVERYWHERE],
];
const CASES = KINDS.flatMap(([[kind, make], possible]) =>
  Object.values(CopyMethod).map((method) => ({ kind, make, method, isPossible: possible.includes(method) })),
);

test.each(CASES)("$kind by $method: $isPossible", async ({ make, method, isPossible }) => {
  // A docker provider of one's own has its logins: nobody is asked here.
  const registry = make({ providers: [new docker.Provider("own")] });
  const { host } = await registry.address;
  const images = [{ source: "quay.io/team/web:1", target: `${host}/team/web:1`, locations: [] }];
  registered.splice(0);
  const mirror = () => registry.mirrorImages(images, [], CHOICES[method]);
  if (isPossible) {
    for (const { urn } of mirror()) await value(urn);
    return;
  }
  expect(mirror).toThrow(`Images cannot come to registry r by ${method}`);
  expect(mirror).toThrow(/CopyMethod\.Process|process, kubernetes/);
  expect(registered.filter(({ type }) => /docker:|ImageCopy/.test(type))).toEqual([]);
});

test.each([
  [{}, CopyMethod.AcrImport],
  [{ copyWith: CopyMethod.Docker }, CopyMethod.Docker],
])("a release that says %j comes by %s where its registry imports", (options, method) => {
  const registry = new AcrRegistry("r", {
    registryName: "contoso1",
    resourceGroupName: "g",
    copyWith: CopyMethod.AcrImport,
  });
  expect(registry.copyMethodFor(options)).toBe(method);
});

test.each([
  [CopyMethod.Kubernetes, "ImageCopyJob"],
  [CopyMethod.Docker, "pulumi:providers:docker"],
])("what brings all images of a renamed release by %s keeps its name", async (method, type) => {
  const registry = existing[1]({});
  const images = [{ source: "quay.io/team/web:1", target: "r.io/team/web:1", locations: [] }];
  registered.splice(0);
  const copies = registry.mirrorImages(images, [], { ...CHOICES[method], name: "shop", firstName: "web" });
  for (const { urn } of copies) await value(urn);
  const made = registered.filter((one) => one.type.includes(type)).map(({ name }) => name);
  expect(made).toEqual([expect.stringMatching(/^r\/web/)]);
});
