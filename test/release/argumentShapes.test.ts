/** What programs in JavaScript, which no compiler has read, give to each component of the package. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as mirror from "../../src";
import { taking } from "../../src/release/argumentShapes";
import { mockedEngine } from "../support/providers/mockedEngine";

const { registered } = mockedEngine();

type Component = new (name: string, args: unknown) => pulumi.Resource;
const component = (name: string): Component => (mirror as unknown as Record<string, Component>)[name] as Component;
const refusal = (name: string, args: unknown): string => {
  try {
    new (component(name))("web", args);
    return "taken";
  } catch (error) {
    return (error as Error).message;
  }
};

const chart = { chart: "./chart", registry: { mirrorImages: () => [] } };

const mistakes: readonly (readonly [type: string, args: unknown, messages: readonly string[]])[] = [
  [
    "MirroredRelease",
    undefined,
    ["chart of MirroredRelease web is missing", "registry of MirroredRelease web is missing. Make one"],
  ],
  [
    "MirroredRelease",
    { ...chart, registry: "registry.example.com" },
    ["registry of MirroredRelease web is a text in place of a registry. Make one and pass it: new ExistingRegistry"],
  ],
  [
    "MirroredRelease",
    { ...chart, registry: pulumi.output({}) },
    ["registry of MirroredRelease web is an Output", "new SharedRegistry"],
  ],
  [
    "MirroredRelease",
    { ...chart, registy: 1, valeus: {} },
    ["registy of MirroredRelease web is none that it takes. Did you mean registry?", "Did you mean values?"],
  ],
  [
    "MirroredRelease",
    { ...chart, admission: "block" },
    [
      'admission of MirroredRelease web is "block", which is none of AdmissionMode. Give one of "warn", "deny", "rewrite"',
    ],
  ],
  ["MirroredRelease", { ...chart, admission: true }, ["admission of MirroredRelease web is true in place of"]],
  [
    "MirroredRelease",
    { ...chart, admission: { mode: "wran", exceptions: { images: "nginx" } } },
    [
      'admission.mode of MirroredRelease web is "wran", which is none of AdmissionMode. Did you mean "warn"?',
      'admission.exceptions.images of MirroredRelease web is a text in place of a list. Write it as a list: images: ["…"]',
    ],
  ],
  [
    "MirrorAdmission",
    { mode: "deny", namespaces: "shop" },
    ["registry of MirrorAdmission web is missing", "namespaces of MirrorAdmission web is a text in place of a list"],
  ],
  ["MirroredRelease", { ...chart, releaseName: "web" }, ["releaseName of MirroredRelease web is none"]],
  [
    "MirroredRelease",
    { ...chart, version: 1.1 },
    ["version of MirroredRelease web is a number in place of a text. Write it in quotes"],
  ],
  [
    "MirroredRelease",
    { ...chart, valueYamlFiles: ["values.yaml"] },
    [
      'valueYamlFiles[0] of MirroredRelease web is a text in place of an asset. Give new pulumi.asset.FileAsset("PATH")',
    ],
  ],
  [
    "MirroredRelease",
    { ...chart, repositoryOpts: { url: "https://charts" } },
    ["repositoryOpts.url of MirroredRelease web is none that it takes. Did you mean repo?"],
  ],
  [
    "MirroredRelease",
    { ...chart, platforms: "linux/amd64" },
    ['platforms of MirroredRelease web is a text in place of a list. Write it as a list: platforms: ["…"]'],
  ],
  [
    "MirroredRelease",
    { ...chart, copyWith: "Docker" },
    ['copyWith of MirroredRelease web is "Docker", which is none of CopyMethod. Did you mean "docker"?'],
  ],
  [
    "MirroredRelease",
    { ...chart, tags: "latest" },
    ['tags of MirroredRelease web is "latest", which is none of TagPolicy'],
  ],
  [
    "MirroredRelease",
    { ...chart, pullSecret: { namespaces: "a", nme: "x" } },
    ["pullSecret.namespaces of", "pullSecret.nme of MirroredRelease web is none that it takes. Did you mean name?"],
  ],
  ["MirroredRelease", { ...chart, pullSecret: { refresh: { schedule: 4 } } }, ["pullSecret.refresh.schedule of"]],
  [
    "MirroredRelease",
    { ...chart, sourceAccess: { host: "quay.io" } },
    ["sourceAccess of MirroredRelease web is an object in place of a list"],
  ],
  [
    "MirroredRelease",
    { ...chart, sourceAccess: [{ username: "u" }] },
    ["sourceAccess[0].host of MirroredRelease web is missing"],
  ],
  [
    "MirroredRelease",
    { ...chart, trust: { rules: [{ patern: "*" }] } },
    ["trust.rules[0].pattern of", "trust.rules[0].patern of"],
  ],
  ["MirroredRelease", { ...chart, copyJob: {} }, ["copyJob.namespace of MirroredRelease web is missing"]],
  [
    "MirroredChart",
    { ...chart, releaseNam: "x", includeHook: true },
    ["includeHook of MirroredChart web is none that it takes. Did you mean includeHooks?"],
  ],
  [
    "ChartMirror",
    { ...chart, name: "x", chart: [] },
    ["chart of ChartMirror web is a list in place of a text", "name of ChartMirror web is none"],
  ],
  [
    "ExistingRegistry",
    { hots: "r.io" },
    [
      "host of ExistingRegistry web is missing",
      "hots of ExistingRegistry web is none that it takes. Did you mean host?",
    ],
  ],
  ["ExistingRegistry", { host: "r.io", upstreams: [{ upstream: "docker.io" }] }, ["upstreams[0].path of"]],
  [
    "EcrRegistry",
    { repositories: "createonpush", tags: "a" },
    [
      'repositories of EcrRegistry web is "createonpush", which is none of EcrRepositories. Did you mean "createOnPush"?',
      "tags of EcrRegistry",
    ],
  ],
  [
    "AcrRegistry",
    { registryName: "c", sku: "premium" },
    ['sku of AcrRegistry web is "premium", which is none of AcrSku. Did you mean "Premium"?'],
  ],
  [
    "QuayRegistry",
    { host: "q.io", organisation: "team" },
    ["organization of QuayRegistry web is missing", "Did you mean organization?"],
  ],
  ["ImageCopy", { source: "quay.io/a:1" }, ["target of ImageCopy web is missing"]],
  [
    "ImageCopyJob",
    { images: [{ source: "quay.io/a:1" }] },
    ["namespace of ImageCopyJob web is missing", "images[0].target of"],
  ],
  ["ChartPush", {}, ["file of ChartPush web is missing"]],
  [
    "PullSecret",
    { name: "pull", registries: [{ host: "r.io", username: "u" }] },
    ["registries[0].password of PullSecret web is missing"],
  ],
  ["PullSecretRefresher", { secretName: "pull" }, ["host of PullSecretRefresher web is missing"]],
  [
    "PullCheck",
    { targets: "r.io/a:1", access: { host: "r.io" } },
    ["targets of PullCheck web is a text in place of a list"],
  ],
  [
    "ObjectContribution",
    { kind: "ConfigMap", name: "a", contribution: {} },
    ["apiVersion of ObjectContribution web is missing"],
  ],
  [
    "OpenShiftImageConfiguration",
    { registry: "r.io" },
    ["registry of OpenShiftImageConfiguration web is a text in place of a registry"],
  ],
];

it.each(mistakes)("%s, mistake %#", (type, args, messages) => {
  const message = refusal(type, args);
  for (const part of messages) expect(message).toContain(part);
  expect(registered).toEqual([]);
});

it("concerns every class of the package that is made with arguments", () => {
  const resources = Object.entries(mirror).flatMap(([name, value]) =>
    typeof value === "function" && value.prototype instanceof pulumi.Resource ? [name] : [],
  );
  // Two are abstract; the third takes the output of another stack, which is looked at when it is known.
  const others = ["MirrorRegistry", "MirroredDeployment", "SharedRegistry"];
  expect(resources.filter((name) => !others.includes(name) && !mistakes.some(([type]) => type === name))).toEqual([]);
});

it.each([
  ["timeout", true],
  ["skipAwait", true],
  ["timeou", false],
  ["__proto__", false],
])("the installed Release takes %s: %s", (argument, expected) => {
  expect(taking(kubernetes.helm.v3.Release)(argument)).toBe(expected);
});

it("shows errors of the package without a stack", () => {
  const error = new mirror.MirrorError("CODE", "something failed", "Do something");
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(Object.keys(error)).not.toContain("__pulumiRunError");
});
