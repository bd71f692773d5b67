/** A registry without TLS: a real node refuses it, until it has the configuration that is generated for it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { containerdHosts } from "../../src/kubernetes/nodeConfiguration/containerdHosts";
import { serveRegistry, startCluster, type Cluster } from "../support/cluster";
import { makeRunnableImage, pushImage } from "../support/images";
import { startRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const startMs = 20 * 60_000;
const testMs = 3 * 60_000;

const mirrorHost = "registry.spacetech.test:8083";

let scratch: string;
let cluster: Cluster;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "insecure-registry-"));
  const filled = await startRegistry({ storage: { folder: join(scratch, "mirror") } });
  await pushImage(
    filled,
    "appcircle/team/app:1",
    makeRunnableImage({ binary: readFileSync(await ensureTool("pause")), args: ["-http"] }),
  );
  await filled.close();
  cluster = await startCluster({ hosts: ["registry.spacetech.test"], log: () => undefined });
  await serveRegistry(cluster, scratch, "mirror", { port: 8083 });
}, startMs);

afterAll(async () => {
  await cluster?.stop();
  rmSync(scratch, { recursive: true });
}, testMs);

async function pod(name: string, image: string): Promise<void> {
  const file = join(scratch, `${name}.json`);
  const containers = [
    {
      name: "main",
      image,
      imagePullPolicy: "Always",
      readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
    },
  ];
  const spec = { terminationGracePeriodSeconds: 0, containers };
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec }));
  await cluster.kubectl("apply", "--filename", file);
}

test(
  "it is refused without the generated hosts.toml, and with it serves its own name and its upstream's",
  async () => {
    await pod("refused", `${mirrorHost}/appcircle/team/app:1`);
    const waiting = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull";
    await cluster.kubectl("wait", `--for=${waiting}`, "pod/refused", "--timeout=60s");
    const events = await cluster.kubectl(
      "get", "events", "--field-selector=involvedObject.name=refused,reason=Failed", "-o", "jsonpath={.items[*].message}",
    ); // prettier-ignore
    expect(events).toContain("server gave HTTP response to HTTPS client");

    const files = containerdHosts({
      mirror: { host: mirrorHost, path: "appcircle" },
      plainHttp: true,
      upstreams: ["quay.io"],
      layout: {},
    });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cluster.certsFolder, path)), { recursive: true });
      writeFileSync(join(cluster.certsFolder, path), text);
    }
    await pod("own-name", `${mirrorHost}/appcircle/team/app:1`);
    await pod("upstream-name", "quay.io/team/app:1");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/own-name", "pod/upstream-name", "--timeout=60s");
  },
  testMs,
);
