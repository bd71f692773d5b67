/** The cluster itself, apart from the product: what the other suites in this folder take for granted. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses, startCluster, type Cluster } from "../support/cluster";
import { makeRunnableImage, writeImageLayout } from "../support/images";
import { certificateAuthority } from "../support/registry";
import { ensureTool, pins } from "../support/tools";

/** Installing the tools takes most of it, once. */
const startMs = 20 * 60_000;
const podMs = 120_000;

const registryHost = "registry.test";
/** Listens for plain http: refused unless a hosts.toml says so. */
const plainRegistry = "plain.test:5000";

let scratch: string;
let cluster: Cluster;
let crashedFolder: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "cluster-test-"));
  crashedFolder = await crashedCluster();
  const { certificate, key, ca } = await (await certificateAuthority()).issue([registryHost]);
  cluster = await startCluster({
    hosts: [registryHost, "plain.test"],
    certificateAuthorities: [ca],
    certs: { [`${plainRegistry}/hosts.toml`]: `[host."http://${plainRegistry}"]\n` },
    log: () => undefined,
  });
  writeFileSync(join(scratch, "server.crt"), certificate);
  writeFileSync(join(scratch, "server.key"), key);
}, startMs);

afterAll(async () => {
  await cluster?.stop();
  rmSync(scratch, { recursive: true });
}, podMs);

/** Runs a cluster in another process and kills that process; returns the folder that it had to leave behind. */
async function crashedCluster(): Promise<string> {
  const support = join(__dirname, "..", "support");
  const main = join(support, "cluster", "main.ts");
  const other = spawn(process.execPath, ["--require", join(support, "typescript.js"), main]);
  const kubeconfig = await new Promise<string>((resolve, reject) => {
    let said = "";
    const listen = (text: Buffer): void => {
      said += text.toString();
      const found = /KUBECONFIG=(\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    };
    other.stdout.on("data", listen);
    other.stderr.on("data", listen);
    other.on("exit", () => reject(new Error(`the other cluster ended: ${said}`)));
  });
  other.kill("SIGKILL");
  const folder = join(kubeconfig, "..", "..");
  expect(existsSync(folder)).toBe(true);
  return folder;
}

const workload = async (seed: string) =>
  makeRunnableImage({ binary: readFileSync(await ensureTool("pause")), args: ["-http"], seed });

/** A pod that is ready only when its program answers over the pod network. */
async function runPod(name: string, image: string): Promise<void> {
  const container = { name, image, readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 } };
  const spec = { containers: [container], terminationGracePeriodSeconds: 0 };
  const file = join(scratch, `${name}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec }));
  await cluster.kubectl("apply", "--filename", file);
}

async function podReady(name: string): Promise<void> {
  try {
    await cluster.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s");
  } catch (e) {
    throw new Error(await cluster.kubectl("describe", "pod", name), { cause: e });
  }
}

test("what a crashed run left is cleared away by the next one", () => {
  expect(existsSync(crashedFolder)).toBe(false);
  expect(processesNaming(crashedFolder)).toEqual([]);
});

/** Ids of the processes that have a text in their command line. */
const processesNaming = (text: string): string[] =>
  processes((folder) => readFileSync(join(folder, "cmdline"), "utf8").includes(text));

test(
  "a pod of an imported image gets ready, answers, and can reach the API server as every pod expects",
  async () => {
    await cluster.importImages({ "never.invalid/imported:1": await workload("imported") });
    await runPod("imported", "never.invalid/imported:1");
    await podReady("imported");
    const ip = await cluster.kubectl("get", "pod", "imported", "-o", "jsonpath={.status.podIP}");
    const get = (url: string): string[] => [
      process.execPath,
      "-e",
      `fetch("${url}").then((r) => r.text()).then(console.log)`,
    ];
    const answer = await cluster.exec("env", get(`http://${ip}:8080/`));
    expect(answer.stdout.trim()).toBe("ok");

    const network = (await cluster.exec("ls", ["/run/netns"])).stdout.split("\n")[0] ?? "";
    const url = `https://${addresses.api}:443/version`;
    const asked = await cluster.exec("ip", ["netns", "exec", network, ...get(url)], {
      env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    });
    expect(JSON.parse(asked.stdout)).toMatchObject({ gitVersion: `v${pins.kubernetes}` });
  },
  podMs,
);

test(
  "pods pull from registries inside: over https by the given authority, over http where a hosts.toml allows it",
  async () => {
    const tls = { certificate: join(scratch, "server.crt"), key: join(scratch, "server.key") };
    await startDockerRegistry("https", "127.0.0.1:443", tls);
    await startDockerRegistry("http", "127.0.0.1:5000");
    await push(`${registryHost}/team/app:1`, "https");
    await push(`${plainRegistry}/team/app:1`, "http");
    await Promise.all([runPod("https", `${registryHost}/team/app:1`), runPod("http", `${plainRegistry}/team/app:1`)]);
    await Promise.all([podReady("https"), podReady("http")]);

    await runPod("missing", `${registryHost}/team/missing:1`);
    const reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull";
    await cluster.kubectl("wait", `--for=${reason}`, "pod/missing", "--timeout=60s");
    const events = await cluster.kubectl("get", "events", "-o", "jsonpath={.items[*].message}");
    expect(events).toContain(`${registryHost}/team/missing:1: not found`);
  },
  podMs,
);

async function startDockerRegistry(name: string, addr: string, tls?: { certificate: string; key: string }) {
  const storage = { filesystem: { rootdirectory: join(scratch, name) } };
  const file = join(scratch, `${name}.json`);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ version: "0.1", storage, http: { addr, ...(tls && { tls }) } }));
  const registry = cluster.spawn(await ensureTool("docker-registry"), ["serve", file]);
  await registry.said(/listening on/);
}

async function push(reference: string, seed: string): Promise<void> {
  const layout = join(scratch, `layout-${seed}`);
  await writeImageLayout(layout, { [reference]: await workload(seed) });
  const args = ["--insecure-policy", "copy", "--dest-tls-verify=" + String(!reference.startsWith("plain"))];
  const copied = await cluster.exec(await ensureTool("skopeo"), [...args, `oci:${layout}:1`, `docker://${reference}`]);
  expect(copied).toMatchObject({ exitCode: 0 });
}

test("nothing outside can be reached: neither the machine's own servers nor any other address", async () => {
  const server = createServer((socket) => socket.end("outside\n")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const connect = (host: string, port: number): string =>
      `require("net").connect(${port}, "${host}").on("connect", function () { console.log("connected"); this.end(); })` +
      `.on("error", (e) => console.log(e.code))`;
    const reach = async (host: string, port: number): Promise<string> =>
      (await cluster.exec(process.execPath, ["-e", connect(host, port)])).stdout.trim();

    expect(await reach("127.0.0.1", port)).toBe("ECONNREFUSED");
    // An address for documentation: nobody has it. https://www.rfc-editor.org/rfc/rfc5737
    expect(await reach("192.0.2.1", 443)).toBe("ENETUNREACH");
    expect(await reach("outside.test", 443)).toBe("EAI_AGAIN");
    expect(await reach(addresses.api, 443)).toBe("connected");
  } finally {
    server.close();
  }
});

test("stopping ends every process inside and leaves nothing on the machine", async () => {
  const namespace = (await cluster.exec("readlink", ["/proc/self/ns/pid"])).stdout.trim();
  expect(processesIn(namespace)).not.toEqual([]);
  const folder = join(cluster.kubeconfig, "..", "..");
  await cluster.stop();
  expect(processesIn(namespace)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(folder);
  const cgroups = readdirSync("/sys/fs/cgroup").map((name) => join("/sys/fs/cgroup", name, "pulumi-chart-mirror"));
  expect([...cgroups, "/sys/fs/cgroup/pulumi-chart-mirror"].filter((path) => existsSync(path))).toEqual([]);
});

/** Ids of the processes of a process-id namespace, such as `pid:[4026531836]`. */
const processesIn = (namespace: string): string[] =>
  processes((folder) => readlinkSync(join(folder, "ns", "pid")) === namespace);

/** Ids of the processes whose folder below /proc matches; one that ends while it is looked at does not. */
function processes(matches: (folder: string) => boolean): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && matches(join("/proc", pid));
    } catch {
      return false;
    }
  });
}
