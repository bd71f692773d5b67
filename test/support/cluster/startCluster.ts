import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeRunnableImage } from "../images";
import { ensureTool, ensureTools, kubernetesTool, type Log } from "../tools";
import { toStandardError } from "../tools/log";
import { addresses, nodeName } from "./addresses";
import { createCgroup } from "./cgroup";
import { RunningCluster, type Cluster } from "./cluster";
import { ClusterError } from "./clusterError";
import { controlPlaneFlags } from "./controlPlane";
import { createCredentials } from "./credentials";
import type { InsideProcess } from "./insideProcess";
import { claimMachine, type MachineClaim } from "./machine";
import { Namespace } from "./namespace";
import { sandboxImage, writeNodeFiles } from "./node";

export interface ClusterOptions {
  /** Host names that resolve to 127.0.0.1 inside, such as those of registries that are played there. */
  readonly hosts?: readonly string[];
  /** PEM certificates that containerd and every other program inside trusts beside the machine's. */
  readonly certificateAuthorities?: readonly string[];
  /** Files for containerd's certs.d folder: path such as `mirror.test:5000/hosts.toml` → content. */
  readonly certs?: Readonly<Record<string, string>>;
  /**
   * An executable that gives the kubelet logins for images of these names, as nodes of clouds have one.
   * {@link https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/}
   */
  readonly credentialProvider?: { readonly executable: string; readonly images: readonly string[] };
  /** Of the API server, besides its own: gates of features, versions of its APIs. */
  readonly apiServerFlags?: readonly string[];
  readonly log?: Log;
}

/**
 * Starts a real Kubernetes (API server, controllers, scheduler, kubelet, containerd) of one node, in namespaces of its own
 * from which nothing outside can be reached. Needs Linux and root. There is one at a time on a machine: a second call waits.
 *
 * @example
 * ```ts
 * const cluster = await startCluster({ hosts: ["registry.test"], certificateAuthorities: [ca] });
 * cluster.spawn(dockerRegistry, ["serve", config]);
 * await cluster.kubectl("apply", "-f", file);
 * await cluster.stop();
 * ```
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new ClusterError("a test cluster needs Linux and root: it makes namespaces, mounts and cgroups");
  }
  const log = options.log ?? toStandardError;
  const tools = await clusterTools(log);
  const claim = await claimMachine(log);
  try {
    return await startOn(claim, tools, options);
  } catch (e) {
    await claim.release();
    throw e;
  }
}

const kubernetesNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kubectl",
] as const;
const nodeNames = ["containerd", "ctr", "runc", "cni-plugins", "pause"] as const;

type Tools = Readonly<Record<(typeof kubernetesNames)[number] | (typeof nodeNames)[number], string>>;

async function clusterTools(log: Log): Promise<Tools> {
  const paths: [string, string][] = [];
  for (const name of kubernetesNames) paths.push([name, await ensureTool(kubernetesTool(name), log)]);
  for (const name of nodeNames) paths.push([name, await ensureTool(name, log)]);
  return Object.fromEntries(paths) as Tools;
}

async function startOn(claim: MachineClaim, tools: Tools, options: ClusterOptions): Promise<Cluster> {
  const { folder } = claim;
  const { hosts = [], certificateAuthorities = [], certs = {} } = options;
  createCgroup();
  const namespace = await Namespace.start({ state: join(folder, "namespace"), hosts, certificateAuthorities });
  claim.recordInit(namespace.init);
  const credentials = await createCredentials(join(folder, "credentials"));
  const node = writeNodeFiles(folder, { runc: tools.runc, cniPlugin: tools["cni-plugins"] });
  for (const [path, content] of Object.entries(certs)) {
    mkdirSync(dirname(join(node.certsFolder, path)), { recursive: true });
    writeFileSync(join(node.certsFolder, path), content);
  }
  const cluster = new RunningCluster({
    namespace,
    folder,
    environment: trustInNode(folder, certificateAuthorities),
    kubeconfig: credentials.kubeconfigs.admin,
    certsFolder: node.certsFolder,
    logsFolder: join(folder, "logs"),
    kubectl: tools.kubectl,
    ctr: [tools.ctr, "--address", node.containerdSocket, "--namespace", "k8s.io"],
    snapshotter: node.snapshotter,
    release: () => claim.release(),
  });

  const programs = new Map<string, InsideProcess>();
  const start = (program: keyof Tools, flags: readonly string[], env: NodeJS.ProcessEnv = {}): void =>
    void programs.set(program, cluster.spawn(tools[program], flags, { cwd: "/", env }));
  const ready = (what: string, command: string, args: readonly string[], expected?: RegExp): Promise<void> =>
    waitUntil(cluster, programs, what, command, args, expected);

  const path = `${await ensureTools("containerd", "runc")}:${process.env["PATH"]}`;
  start("etcd", controlPlaneFlags.etcd(join(folder, "etcd")));
  start("kube-apiserver", [...controlPlaneFlags.apiServer(credentials), ...(options.apiServerFlags ?? [])]);
  start("containerd", ["--config", node.containerdConfig], { PATH: path });
  await ready("containerd", tools.ctr, ["--address", node.containerdSocket, "version"]);
  await cluster.importImages({ [sandboxImage]: makeRunnableImage({ binary: readFileSync(tools.pause) }) });
  await ready("the API server", tools.kubectl, ["get", "--raw=/readyz"]);
  start("kube-controller-manager", controlPlaneFlags.controllerManager(credentials));
  start("kube-scheduler", controlPlaneFlags.scheduler(credentials));
  const kubeletFlags = [
    `--config=${node.kubeletConfig}`,
    `--kubeconfig=${credentials.kubeconfigs.kubelet}`,
    `--root-dir=${node.kubeletFolder}`,
    `--cert-dir=${join(node.kubeletFolder, "pki")}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${addresses.node}`,
    ...(options.credentialProvider ? credentialProviderFlags(folder, options.credentialProvider) : []),
  ];
  start("kubelet", kubeletFlags, { PATH: path });
  const readyCondition = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  await ready("the node", tools.kubectl, ["get", "node", nodeName, "-o", readyCondition], /^True$/);
  // Pods are refused until their namespace's default service account is there.
  await ready("the default service account", tools.kubectl, ["get", "serviceaccount", "default"]);
  return cluster;
}

function credentialProviderFlags(
  folder: string,
  { executable, images }: NonNullable<ClusterOptions["credentialProvider"]>,
): string[] {
  const config = join(folder, "credential-providers.json");
  const provider = {
    name: basename(executable),
    matchImages: images,
    defaultCacheDuration: "1m",
    apiVersion: "credentialprovider.kubelet.k8s.io/v1",
  };
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: "kubelet.config.k8s.io/v1",
      kind: "CredentialProviderConfig",
      providers: [provider],
    }),
  );
  return [`--image-credential-provider-config=${config}`, `--image-credential-provider-bin-dir=${dirname(executable)}`];
}

/** Node has certificates of its own and does not read the system's. */
function trustInNode(folder: string, certificateAuthorities: readonly string[]): NodeJS.ProcessEnv {
  if (certificateAuthorities.length === 0) return {};
  const file = join(folder, "certificate-authorities.crt");
  writeFileSync(file, certificateAuthorities.join("\n"));
  return { NODE_EXTRA_CA_CERTS: file };
}

/** Asks again and again until the command succeeds and says what is expected; gives up when a program has ended. */
async function waitUntil(
  cluster: Cluster,
  programs: ReadonlyMap<string, InsideProcess>,
  what: string,
  command: string,
  args: readonly string[],
  expected = /(?:)/,
): Promise<void> {
  for (const end = Date.now() + 180_000; ; await sleep(200)) {
    const { exitCode, stdout, stderr } = await cluster.exec(command, args);
    if (exitCode === 0 && expected.test(stdout)) return;
    for (const [program, running] of programs) {
      if (!running.isRunning) throw new ClusterError(`${program} ended before ${what} was ready:\n${running.tail()}`);
    }
    if (Date.now() > end) throw new ClusterError(`${what} did not get ready within 3 minutes:\n${stdout}${stderr}`);
  }
}
