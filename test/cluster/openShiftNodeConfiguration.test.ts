/** OpenShift's nodes are configured by objects: held to its own definitions of them, on a real API server. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../src/cli/main";
import { startLocalApiServer, type LocalApiServer } from "../support/providers/kubernetes/localApiServer";
import { ensureTool } from "../support/tools";
import { runCommand } from "../support/tools/command";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const CLUSTER = {
  apiVersion: "config.openshift.io/v1",
  kind: "Image",
  metadata: { name: "cluster", annotations: { "release.openshift.io/create-only": "true" } },
  spec: {
    additionalTrustedCA: { name: "theirs" },
    externalRegistryHostnames: ["apps.test"],
    registrySources: { insecureRegistries: ["old.test"], allowedRegistries: ["quay.io", "old.test"] },
  },
};
const THEIRS = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "theirs", namespace: "openshift-config" },
  data: { "old.test": "OLD" },
};

let scratch: string;
let server: LocalApiServer;
let kubectlCommand: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "openshift-"));
  const definitions = dirname(await ensureTool("openshift-crds"));
  kubectlCommand = await ensureTool("kubectl");
  server = await startLocalApiServer();
  writeFileSync(join(scratch, "kubeconfig"), server.kubeconfig);
  await kubectl("create", "-f", definitions);
  await kubectl("wait", "--for=condition=Established", "-f", definitions);
  await kubectl("create", "namespace", "openshift-config");
  await kubectl("create", "--validate=strict", "-f", write("cluster.json", CLUSTER));
  await kubectl("create", "-f", write("theirs.json", THEIRS));
}, 15 * 60_000);

afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

const kubectl = (...args: string[]): Promise<string> =>
  runCommand(kubectlCommand, ["--kubeconfig", join(scratch, "kubeconfig"), ...args]);

function write(name: string, content: unknown): string {
  const file = join(scratch, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** The files that the command writes for what the cluster has now. */
async function nodeConfig(name: string, ...args: string[]): Promise<string> {
  const image = await kubectl("get", "images.config.openshift.io", "cluster", "-o", "yaml");
  const certificates = await kubectl("get", "configmaps", "--namespace", "openshift-config", "-o", "yaml");
  const existing = write(`${name}.yaml`, `${image}---\n${certificates}`);
  const out = join(scratch, name);
  let said = "";
  const streams = { out: (text: string) => (said += text), err: (text: string) => (said += text) };
  const code = await main(["node-config", "openshift", ...args, "--existing", existing, "--out", out], streams);
  if (code !== 0) throw new Error(said);
  return out;
}

const get = async (...args: string[]): Promise<unknown> => JSON.parse(await kubectl("get", ...args, "-o", "json"));

test.each<[string, string[]]>([
  [
    "http",
    ["--to", "plain.test:8083/team/mirror", "--plain-http", "--upstream", "docker.io", "quay.io", "r.test:5000"],
  ],
  ["an own CA", ["--to", "tls.test:5000", "--keep-host", "--ca-file", "CA", "--upstream", "docker.io", "r.test:5000"]],
])("the cluster takes the objects for %s, keeps what it has, and a second time changes nothing", async (name, args) => {
  const ca = write("ca.pem", PEM);
  const options = args.map((arg) => (arg === "CA" ? ca : arg));
  await kubectl("apply", "--validate=strict", "-f", await nodeConfig(name.replace(/ /g, "-"), ...options));
  const again = await nodeConfig(`${name.replace(/ /g, "-")}-again`, ...options);
  // Its exit code is 1 when anything would change.
  await kubectl("diff", "-f", again);
});

test("all of them together are in the cluster's one object", async () => {
  expect(await get("images.config.openshift.io", "cluster")).toMatchObject({
    metadata: CLUSTER.metadata,
    spec: {
      ...CLUSTER.spec,
      registrySources: {
        insecureRegistries: ["old.test", "plain.test:8083"],
        allowedRegistries: ["quay.io", "old.test", "plain.test:8083", "tls.test:5000"],
      },
    },
  });
  expect(await get("configmap", "theirs", "--namespace", "openshift-config")).toMatchObject({
    data: { "old.test": "OLD", "tls.test..5000": PEM },
  });
  for (const kind of ["imagedigestmirrorsets", "imagetagmirrorsets"])
    expect(await get(kind)).toMatchObject({
      items: [
        { metadata: { name: "chart-mirror-plain-test-8083-team-mirror" } },
        { metadata: { name: "chart-mirror-tls-test-5000" } },
      ],
    });
});
