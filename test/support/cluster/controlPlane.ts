import { addresses } from "./addresses";
import type { Credentials } from "./credentials";

const etcdUrl = "http://127.0.0.1:2379";
const etcdPeerUrl = "http://127.0.0.1:2380";

/** Flags of the programs that make a control plane, for one machine that will be thrown away. */
export const controlPlaneFlags = {
  etcd: (dataFolder: string): string[] => [
    `--data-dir=${dataFolder}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${etcdPeerUrl}`,
    `--initial-advertise-peer-urls=${etcdPeerUrl}`,
    `--initial-cluster=default=${etcdPeerUrl}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ],

  apiServer: (credentials: Credentials): string[] => [
    `--etcd-servers=${etcdUrl}`,
    `--bind-address=${addresses.api}`,
    "--secure-port=443",
    `--service-cluster-ip-range=${addresses.services}`,
    `--tls-cert-file=${credentials.certificateFile}`,
    `--tls-private-key-file=${credentials.keyFile}`,
    `--token-auth-file=${credentials.tokenFile}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged=true",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${credentials.serviceAccountKeyFile}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKeyFile}`,
    // For `kubectl logs`: the node's name resolves nowhere but on the node.
    "--kubelet-preferred-address-types=InternalIP",
  ],

  controllerManager: ({ kubeconfigs, serviceAccountKeyFile, caFile }: Credentials): string[] => [
    ...component(kubeconfigs.controllerManager),
    `--service-account-private-key-file=${serviceAccountKeyFile}`,
    `--root-ca-file=${caFile}`,
    "--use-service-account-credentials=true",
  ],

  scheduler: ({ kubeconfigs }: Credentials): string[] => component(kubeconfigs.scheduler),
};

const component = (kubeconfig: string): string[] => [
  `--kubeconfig=${kubeconfig}`,
  `--authentication-kubeconfig=${kubeconfig}`,
  `--authorization-kubeconfig=${kubeconfig}`,
  "--bind-address=127.0.0.1",
  "--leader-elect=false",
];
