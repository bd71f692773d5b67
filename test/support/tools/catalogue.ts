import { debianPackages } from "./debianPackages";
import { goModule } from "./goModule";
import { goModuleFiles } from "./goModuleFiles";
import type { Installation } from "./installation";
import { npmPackage } from "./npmPackage";
import { pins } from "./pins";
import { pythonEnvironment } from "./pythonEnvironment";

/** How each installation is made. Made on demand: a recipe reads files and, for Debian's, the system's release. */
const installations = {
  helm: () =>
    goModule({
      name: "helm",
      version: pins.helm,
      duration: "90 seconds",
      commands: ["helm.sh/helm/v3/cmd/helm"],
      variables: {
        "helm.sh/helm/v3/internal/version.version": `v${pins.helm}`,
        // Helm 3.19 is built on client-go 0.34; without these its default `.Capabilities.KubeVersion` is v1.20.
        // https://github.com/helm/helm/blob/v3.19.5/Makefile
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": "1",
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": "34",
        "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor": "1",
        "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor": "34",
      },
    }),
  pulumi: () =>
    goModule({
      name: "pulumi",
      version: pins.pulumi,
      duration: "5 minutes",
      commands: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pins.pulumi}` },
    }),
  "pulumi-language-nodejs": () =>
    goModule({
      name: "pulumi-language-nodejs",
      version: pins.pulumiLanguageNodejs,
      duration: "20 seconds",
      commands: ["github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"],
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pins.pulumiLanguageNodejs}` },
    }),
  "pulumi-language-yaml": () =>
    goModule({
      name: "pulumi-language-yaml",
      version: pins.pulumiLanguageYaml,
      duration: "1 minute",
      commands: ["github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"],
      variables: { "github.com/pulumi/pulumi-yaml/pkg/version.Version": `v${pins.pulumiLanguageYaml}` },
    }),
  "pulumi-languages": () =>
    goModule({
      name: "pulumi-languages",
      version: pins.pulumiLanguageNodejs,
      duration: "20 seconds",
      commands: [
        "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
        "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go",
      ],
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pins.pulumiLanguageNodejs}` },
      beside: {
        module: "github.com/pulumi/pulumi/sdk/v3",
        files: ["python/cmd/pulumi-language-python-exec"],
      },
    }),
  "pulumi-sdk-generator": () =>
    goModule({
      name: "pulumi-sdk-generator",
      version: pins.pulumiCodegen,
      duration: "1 minute",
      commands: ["./generate-sdk"],
    }),
  kubernetes: () => kubernetes("kubernetes", pins.kubernetes),
  "kubernetes-next": () => kubernetes("kubernetes-next", pins.kubernetesNext),
  registry: () =>
    goModule({
      name: "registry",
      version: pins.distribution,
      duration: "1 minute",
      commands: ["github.com/distribution/distribution/v3/cmd/registry"],
      variables: { "github.com/distribution/distribution/v3/version.version": `v${pins.distribution}` },
    }),
  "referrers-registry": () =>
    goModule({
      name: "referrers-registry",
      version: pins.goContainerregistry,
      duration: "20 seconds",
      commands: ["./referrers-registry"],
    }),
  crane: () =>
    goModule({
      name: "crane",
      version: pins.goContainerregistry,
      duration: "30 seconds",
      commands: ["github.com/google/go-containerregistry/cmd/crane"],
    }),
  regclient: () =>
    goModule({
      name: "regclient",
      version: pins.regclient,
      duration: "30 seconds",
      commands: ["github.com/regclient/regclient/cmd/regctl", "github.com/regclient/regclient/cmd/regsync"],
    }),
  oras: () =>
    goModule({
      name: "oras",
      version: pins.oras,
      duration: "30 seconds",
      commands: ["oras.land/oras/cmd/oras"],
    }),
  olareg: () =>
    goModule({
      name: "olareg",
      version: pins.olareg,
      duration: "20 seconds",
      commands: ["github.com/olareg/olareg/cmd/olareg"],
    }),
  gitea: () =>
    goModule({
      name: "gitea",
      version: pins.gitea,
      duration: "8 minutes",
      commands: ["gitea.dev"],
      variables: { "main.Version": pins.gitea },
      // Its pages need what a bundler makes; its API does not.
      data: { module: "gitea.dev", folders: ["templates", "options", "public"] },
    }),
  actionlint: () =>
    goModule({
      name: "actionlint",
      version: pins.actionlint,
      duration: "20 seconds",
      commands: ["github.com/rhysd/actionlint/cmd/actionlint"],
    }),
  "node-resolve": () =>
    goModule({
      name: "node-resolve",
      version: pins.wharfie,
      duration: "1 minute",
      commands: ["./k3s-resolve", "./containerd-resolve"],
    }),
  "openshift-crds": () =>
    goModuleFiles({
      name: "openshift-crds",
      version: pins.openshiftApi,
      duration: "10 seconds",
      module: "github.com/openshift/api",
      files: ["images-Default", "imagedigestmirrorsets", "imagetagmirrorsets"].map(
        (kind) => `config/v1/zz_generated.crd-manifests/0000_10_config-operator_01_${kind}.crd.yaml`,
      ),
    }),
  pause: () => goModule({ name: "pause", version: "1", duration: "10 seconds", commands: ["./pause"] }),
  debian: () =>
    debianPackages({
      name: "debian",
      duration: "10 seconds",
      packages: ["containerd", "runc", "containernetworking-plugins", "docker-registry", "skopeo"],
      executables: [
        "usr/bin/containerd",
        "usr/bin/containerd-shim-runc-v2",
        "usr/bin/ctr",
        "usr/sbin/runc",
        "usr/bin/docker-registry",
        "usr/bin/skopeo",
      ],
    }),
  docker: () =>
    debianPackages({
      name: "docker",
      duration: "20 seconds",
      packages: ["docker.io"],
      executables: ["usr/sbin/dockerd", "usr/bin/containerd", "usr/sbin/runc"],
    }),
  chromium: () =>
    debianPackages({
      name: "chromium",
      duration: "one minute",
      packages: ["chromium"],
      executables: ["usr/lib/chromium/chromium"],
    }),
  zsh: () =>
    debianPackages({ name: "zsh", duration: "5 seconds", packages: ["zsh", "zsh-common"], executables: ["bin/zsh"] }),
  fish: () =>
    debianPackages({
      name: "fish",
      duration: "10 seconds",
      packages: ["fish", "fish-common"],
      executables: ["usr/bin/fish"],
    }),
  busybox: () =>
    debianPackages({
      name: "busybox",
      duration: "10 seconds",
      packages: ["busybox-static"],
      executables: ["bin/busybox"],
    }),
  curl: () =>
    debianPackages({ name: "curl", duration: "10 seconds", packages: ["curl"], executables: ["usr/bin/curl"] }),
  moto: () =>
    pythonEnvironment({
      name: "moto",
      version: pins.moto,
      duration: "30 seconds",
      requirements: [`moto[server]==${pins.moto}`],
      constraints: "moto-constraints.txt",
      modules: { moto_server: "moto.server" },
    }),
  "pulumi-python": () =>
    pythonEnvironment({
      name: "pulumi-python",
      version: pins.pulumiPython,
      duration: "20 seconds",
      // The last two are what SDKs need that are generated.
      requirements: [`pulumi==${pins.pulumiPython}`, "parver", "setuptools"],
      constraints: "pulumi-constraints.txt",
      modules: {},
    }),
  node22: () => node("node22", pins.node22),
  node24: () => node("node24", pins.node24),
  bun: () => bun("bun", pins.bun),
  pnpm: () => packageManager("pnpm", pins.pnpm, "pnpm", "bin/pnpm.cjs"),
  "yarn-classic": () => packageManager("yarn-classic", pins.yarnClassic, "yarn", "bin/yarn.js"),
  "yarn-berry": () => packageManager("yarn-berry", pins.yarnBerry, "@yarnpkg/cli-dist", "bin/yarn.js"),
} satisfies Record<string, () => Installation>;

const kubernetes = (name: string, version: string): Installation =>
  goModule({
    name,
    version,
    duration: "6 minutes",
    commands: [
      "./etcd",
      ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kubelet"].map(
        (command) => `k8s.io/kubernetes/cmd/${command}`,
      ),
    ],
    variables: {
      "k8s.io/component-base/version.gitVersion": `v${version}`,
      "k8s.io/component-base/version.gitMajor": "1",
      "k8s.io/component-base/version.gitMinor": version.split(".")[1] ?? "",
      "k8s.io/component-base/version.gitTreeState": "clean",
      "k8s.io/client-go/pkg/version.gitVersion": `v${version}`,
    },
  });

const node = (name: string, version: string): Installation =>
  npmPackage({
    name,
    version,
    // What the npm package `node` is a front of; that one copies it in an install script.
    package: `node-${process.platform}-${process.arch}`,
    duration: "10 seconds",
    executable: "bin/node",
  });

const bun = (name: string, version: string): Installation =>
  npmPackage({
    name,
    version,
    // What the npm package `bun` is a front of; the baseline of x64 runs on every machine.
    package: `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : "x64-baseline"}`,
    duration: "10 seconds",
    executable: "bin/bun",
  });

const packageManager = (name: string, version: string, from: string, executable: string): Installation =>
  npmPackage({ name, version, package: from, duration: "10 seconds", executable });

interface Tool {
  readonly installation: keyof typeof installations;
  /** Path inside the installation; `bin/<name of the tool>` by default. */
  readonly executable?: string;
}

const tools = {
  helm: { installation: "helm" },
  pulumi: { installation: "pulumi" },
  "pulumi-language-nodejs": { installation: "pulumi-language-nodejs" },
  "pulumi-language-yaml": { installation: "pulumi-language-yaml" },
  "pulumi-language-python": { installation: "pulumi-languages" },
  "pulumi-language-go": { installation: "pulumi-languages" },
  /** An interpreter with Pulumi's SDK. */
  "pulumi-python": { installation: "pulumi-python", executable: "bin/python" },
  /** Pulumi's generators of SDKs: `generate-sdk LANGUAGE SCHEMA FOLDER`. */
  "generate-sdk": { installation: "pulumi-sdk-generator" },
  etcd: { installation: "kubernetes" },
  "kube-apiserver": { installation: "kubernetes" },
  "kube-controller-manager": { installation: "kubernetes" },
  "kube-scheduler": { installation: "kubernetes" },
  kubectl: { installation: "kubernetes" },
  kubelet: { installation: "kubernetes" },
  /** The same of the second pinned Kubernetes. */
  "etcd-next": { installation: "kubernetes-next", executable: "bin/etcd" },
  "kube-apiserver-next": { installation: "kubernetes-next", executable: "bin/kube-apiserver" },
  "kube-controller-manager-next": { installation: "kubernetes-next", executable: "bin/kube-controller-manager" },
  "kube-scheduler-next": { installation: "kubernetes-next", executable: "bin/kube-scheduler" },
  "kubectl-next": { installation: "kubernetes-next", executable: "bin/kubectl" },
  "kubelet-next": { installation: "kubernetes-next", executable: "bin/kubelet" },
  containerd: { installation: "debian" },
  "containerd-shim-runc-v2": { installation: "debian" },
  ctr: { installation: "debian" },
  runc: { installation: "debian" },
  /** The `bridge` plugin; all the others are in the same folder. */
  "cni-plugins": { installation: "debian", executable: "root/usr/lib/cni/bridge" },
  /** distribution 2.8 */
  "docker-registry": { installation: "debian" },
  skopeo: { installation: "debian" },
  chromium: { installation: "chromium" },
  zsh: { installation: "zsh" },
  fish: { installation: "fish" },
  /** Peers of the copier, for its benchmark. */
  crane: { installation: "crane" },
  regctl: { installation: "regclient" },
  regsync: { installation: "regclient" },
  oras: { installation: "oras" },
  /** Checks workflows of GitHub. */
  actionlint: { installation: "actionlint" },
  /** distribution 3 */
  registry: { installation: "registry" },
  /** A registry with the referrers API, in memory: `referrers-registry HOST:PORT`. */
  "referrers-registry": { installation: "referrers-registry" },
  /** Registries of other makers. */
  olareg: { installation: "olareg" },
  gitea: { installation: "gitea", executable: "bin/gitea.dev" },
  /** What nodes make of their configuration: `k3s-resolve REGISTRIES.YAML [IMAGE]`, `containerd-resolve CERTS.D IMAGE`. */
  "k3s-resolve": { installation: "node-resolve" },
  "containerd-resolve": { installation: "node-resolve" },
  /** OpenShift's definition of `image.config.openshift.io`; those of the mirror sets are in the same folder. */
  "openshift-crds": {
    installation: "openshift-crds",
    executable: "root/0000_10_config-operator_01_images-Default.crd.yaml",
  },
  /** A Docker daemon, with the containerd and runc that it starts beside it. */
  dockerd: { installation: "docker" },
  moto_server: { installation: "moto" },
  /** The interpreter that can import moto, for extensions of it. */
  "moto-python": { installation: "moto", executable: "bin/python" },
  node22: { installation: "node22", executable: "bin/node" },
  node24: { installation: "node24", executable: "bin/node" },
  /** Another runtime of Pulumi programs. */
  bun: { installation: "bun" },
  /** Package managers, to be run by `node`. */
  pnpm: { installation: "pnpm", executable: "bin/pnpm.cjs" },
  "yarn-classic": { installation: "yarn-classic", executable: "bin/yarn.js" },
  "yarn-berry": { installation: "yarn-berry", executable: "bin/yarn.js" },
  /** Static; a shell and its commands, for images of test workloads. */
  busybox: { installation: "busybox" },
  /** With libraries; for images of test workloads. */
  curl: { installation: "curl", executable: "root/usr/bin/curl" },
  /** Static; sleeps until it is told to stop, with `-http` it answers "ok" on port 8080. For images of test workloads. */
  pause: { installation: "pause" },
} satisfies Record<string, Tool>;

/** A tool that `ensureTool` can provide. */
export type ToolName = keyof typeof tools;

export const toolNames = Object.keys(tools) as ToolName[];

export const isToolName = (name: string): name is ToolName => name in tools;

/** The installation that a tool belongs to, and where the executable is in it. */
export function lookUpTool(name: ToolName): { installation: Installation; executable: string } {
  const tool: Tool = tools[name];
  return { installation: installations[tool.installation](), executable: tool.executable ?? `bin/${name}` };
}
