import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { lookUpTool, toolNames } from "./catalogue";
import { goModuleFolder } from "./goModule";
import { pins } from "./pins";

/** Module of each folder under go/ whose version is pinned, and the pin. */
const requirements: [folder: string, module: string, version: string][] = [
  ["helm", "helm.sh/helm/v3", pins.helm],
  ["pulumi", "github.com/pulumi/pulumi/pkg/v3", pins.pulumi],
  ["pulumi-language-nodejs", "github.com/pulumi/pulumi/sdk/v3", pins.pulumiLanguageNodejs],
  ["pulumi-language-yaml", "github.com/pulumi/pulumi-yaml", pins.pulumiLanguageYaml],
  ["pulumi-languages", "github.com/pulumi/pulumi/sdk/v3", pins.pulumiLanguageNodejs],
  ["pulumi-sdk-generator", "github.com/pulumi/pulumi/pkg/v3", pins.pulumiCodegen],
  ["go-program", "github.com/pulumi/pulumi/sdk/v3", pins.pulumiCodegen],
  ["kubernetes", "k8s.io/kubernetes", pins.kubernetes],
  ["kubernetes", "go.etcd.io/etcd/server/v3", pins.etcd],
  ["kubernetes-next", "k8s.io/kubernetes", pins.kubernetesNext],
  ["kubernetes-next", "go.etcd.io/etcd/server/v3", pins.etcdNext],
  ["registry", "github.com/distribution/distribution/v3", pins.distribution],
  ["crane", "github.com/google/go-containerregistry", pins.goContainerregistry],
  ["regclient", "github.com/regclient/regclient", pins.regclient],
  ["oras", "oras.land/oras", pins.oras],
  ["olareg", "github.com/olareg/olareg", pins.olareg],
  ["gitea", "code.gitea.io/gitea", pins.gitea],
  ["node-resolve", "github.com/rancher/wharfie", pins.wharfie],
  ["node-resolve", "github.com/containerd/containerd", pins.containerdModule],
  ["actionlint", "github.com/rhysd/actionlint", pins.actionlint],
  ["openshift-crds", "github.com/openshift/api", pins.openshiftApi],
  ["referrers-registry", "github.com/google/go-containerregistry", pins.goContainerregistry],
];

test.each(requirements)("go/%s requires %s at the pinned version and has its checksum", (folder, module, version) => {
  const read = (name: string): string => readFileSync(join(goModuleFolder(folder), name), "utf8");
  expect(
    read("go.mod")
      .split(/\s*\n\s*/)
      .map((line) => line.replace(/^(?:require|replace \S+ =>) /, "").replace(/ \/\/.*$/, "")),
  ).toContain(`${module} v${version}`);
  expect(read("go.sum")).toContain(`${module} v${version} h1:`);
});

test("every folder under go/ is covered, except the program that requires nothing", () => {
  const covered = new Set([...requirements.map(([folder]) => folder), "pause"]);
  expect(new Set(readdirSync(goModuleFolder(".")))).toEqual(covered);
});

test("helm's idea of its Kubernetes version is that of the client that it is built on", () => {
  const minor = /^\s*k8s\.io\/client-go v0\.(\d+)\./m.exec(
    readFileSync(join(goModuleFolder("helm"), "go.mod"), "utf8"),
  )?.[1];
  const recipe = lookUpTool("helm").installation.recipe.join(" ");
  expect(recipe).toContain(`pkg/chartutil.k8sVersionMinor=${minor} `);
});

test.each(toolNames)("%s has an installation with everything that it reads", (name) => {
  const { installation, executable } = lookUpTool(name);
  expect(installation.name).toMatch(/^[a-z0-9-]+$/);
  expect(executable).toMatch(/^(bin|root)\//);
});
