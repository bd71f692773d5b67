import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { addresses } from "./addresses";
import { cgroupRoot } from "./cgroup";

/** The image of every pod's sandbox container. It is imported, never pulled: no registry has this name. */
export const sandboxImage = "sandbox.invalid/pause:1";

const OVERLAYFS_SUPER_MAGIC = 0x794c7630;

/** Files and folders of the node's two programs, containerd and kubelet. */
export interface NodeFiles {
  readonly containerdConfig: string;
  readonly containerdSocket: string;
  /** containerd's folder of `HOST/hosts.toml` files; it reads them anew for each pull. */
  readonly certsFolder: string;
  readonly snapshotter: string;
  readonly kubeletConfig: string;
  readonly kubeletFolder: string;
}

export interface NodeTools {
  readonly runc: string;
  /** One of CNI's plugins, which are all in one folder. */
  readonly cniPlugin: string;
}

export function writeNodeFiles(folder: string, tools: NodeTools): NodeFiles {
  const containerd = join(folder, "containerd");
  const cni = join(folder, "cni");
  const kubelet = join(folder, "kubelet");
  const files: NodeFiles = {
    containerdConfig: join(containerd, "config.toml"),
    containerdSocket: join(containerd, "containerd.sock"),
    certsFolder: join(containerd, "certs.d"),
    // Overlays do not stack on an overlay, which is what a container's own root is.
    snapshotter: statfsSync(folder).type === OVERLAYFS_SUPER_MAGIC ? "native" : "overlayfs",
    kubeletConfig: join(folder, "kubelet.json"),
    kubeletFolder: kubelet,
  };
  for (const path of [files.certsFolder, cni, kubelet]) mkdirSync(path, { recursive: true });
  const binFolder = dirname(tools.cniPlugin);
  const cri = criConfig({ binFolder, confFolder: cni, certsFolder: files.certsFolder, snapshotter: files.snapshotter });
  writeFileSync(files.containerdConfig, containerdConfig(containerd, files.containerdSocket, cri, tools.runc));
  writeFileSync(join(cni, "10-pods.conflist"), JSON.stringify(podNetwork(join(folder, "ipam"))));
  writeFileSync(files.kubeletConfig, JSON.stringify(kubeletConfiguration(folder, files.containerdSocket)));
  return files;
}

/** Version 2 is what containerd 1.6 and 1.7 read. The oom settings spare a machine that forbids negative scores. */
function containerdConfig(folder: string, socket: string, cri: string, runc: string): string {
  const runtime = `plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc`;
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
address = "${socket}"

${cri}
[${runtime}]
runtime_type = "io.containerd.runc.v2"
[${runtime}.options]
BinaryName = "${runc}"
SystemdCgroup = false
`;
}

interface CriOptions {
  binFolder: string;
  confFolder: string;
  certsFolder: string;
  snapshotter: string;
}

function criConfig({ binFolder, confFolder, certsFolder, snapshotter }: CriOptions): string {
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return `[${cri}]
sandbox_image = "${sandboxImage}"
restrict_oom_score_adj = true
disable_apparmor = true
[${cri}.cni]
bin_dir = "${binFolder}"
conf_dir = "${confFolder}"
[${cri}.registry]
config_path = "${certsFolder}"
[${cri}.containerd]
snapshotter = "${snapshotter}"
default_runtime_name = "runc"
`;
}

const podNetwork = (dataDir: string): unknown => ({
  cniVersion: "0.4.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      ipam: {
        type: "host-local",
        dataDir,
        ranges: [[{ subnet: addresses.pods }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
});

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
const kubeletConfiguration = (folder: string, socket: string): unknown => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  // Only the cluster itself can reach it.
  address: addresses.node,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
  containerRuntimeEndpoint: `unix://${socket}`,
  cgroupDriver: "cgroupfs",
  cgroupRoot,
  failCgroupV1: false,
  failSwapOn: false,
  makeIPTablesUtilChains: false,
  resolvConf: "",
  podLogsDir: join(folder, "pod-logs"),
  oomScoreAdj: 0,
  // The machine's disk may be nearly full for reasons of its own.
  evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  imageGCHighThresholdPercent: 100,
  serializeImagePulls: false,
});
