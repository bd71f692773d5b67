import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificateAuthority } from "../registry/transport/certificates";
import { addresses, nodeName } from "./addresses";

/** Who speaks to the API server: its user name and groups there. */
const users = {
  admin: { name: "admin", groups: "system:masters" },
  controllerManager: { name: "system:kube-controller-manager", groups: "" },
  scheduler: { name: "system:kube-scheduler", groups: "" },
  kubelet: { name: `system:node:${nodeName}`, groups: "system:nodes" },
};

type User = keyof typeof users;

/** Files by which the parts of a cluster know each other. */
export interface Credentials {
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The key that signs service account tokens. */
  readonly serviceAccountKeyFile: string;
  /** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file */
  readonly tokenFile: string;
  readonly kubeconfigs: Readonly<Record<User, string>>;
}

/** Makes them anew. Tokens, not client certificates: they say who a user is in one line. */
export async function createCredentials(folder: string): Promise<Credentials> {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", addresses.api];
  const { certificate, key, ca } = await (await certificateAuthority()).issue(names);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const tokens = Object.entries(users).map(([id, user]) => ({ id, ...user, token: randomBytes(24).toString("hex") }));
  const kubeconfigs = tokens.map(({ id, token }) => [id, write(`${id}.kubeconfig`, kubeconfig(ca, token))]);
  return {
    caFile: write("ca.crt", ca),
    certificateFile: write("apiserver.crt", certificate),
    keyFile: write("apiserver.key", key),
    serviceAccountKeyFile: write("service-account.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
    tokenFile: write("tokens.csv", tokens.map((u) => `${u.token},${u.name},${u.id},"${u.groups}"\n`).join("")),
    kubeconfigs: Object.fromEntries(kubeconfigs) as Record<User, string>,
  };
}

/** JSON is YAML. */
function kubeconfig(ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "test",
        cluster: {
          server: `https://${addresses.api}`,
          "certificate-authority-data": Buffer.from(ca).toString("base64"),
        },
      },
    ],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}
