/** What an update says of pods that cannot pull while helm waits for them, on a real API server whose kubelet is this test. */
import { once } from "node:events";
import { request as send } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { createProject, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { realClusters } from "../support/providers/kubernetes";
import { startLocalApiServer, type LocalApiServer } from "../support/providers/kubernetes/localApiServer";
import { startRegistry, type TestRegistry } from "../support/registry";

jest.setTimeout(900_000);

const PASSWORDS = { ci: "push-secret-1", pods: "pull-secret-1" };
const PROGRAM = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const provider = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
  const registry = new ExistingRegistry("mirror", {
    host: config.require("mirrorHost"),
    credentials: { username: "ci", password: config.requireSecret("push") },
    pullCredentials: { username: "pods", password: config.requireSecret("pull") },
    plainHttp: true,
  });
  const sourceAccess = [{ host: "quay.io", location: config.require("sourceHost"), plainHttp: true }];
  new MirroredRelease("web", { chart: "./chart", name: "web", timeout: 30, registry, sourceAccess }, { providers: [provider] });
`;
const CHART = {
  "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  "chart/values.yaml": "image: quay.io/team/web:1\nimagePullSecrets: []\n",
  "chart/templates/pods.yaml": `
{{- range list "early" "refused" }}
---
apiVersion: v1
kind: Pod
metadata: { name: {{ . }} }
spec:
  imagePullSecrets: {{ toJson $.Values.imagePullSecrets }}
  containers: [{ name: main, image: "{{ $.Values.image }}" }]
{{- end }}
`,
};

interface ApiObject {
  readonly metadata: {
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly managedFields?: readonly { readonly time?: string }[];
  };
}

let server: LocalApiServer;
let source: TestRegistry;
let mirror: TestRegistry;
let project: Project;
beforeEach(async () => {
  server = await startLocalApiServer();
  source = await startRegistry();
  mirror = await startRegistry({ auth: { scheme: "basic", users: PASSWORDS } });
  await pushImage(source, "team/web:1", makeImage({ layers: [{ size: 500, seed: "web" }] }));
  project = await createProject({
    program: { "index.ts": PROGRAM, ...CHART },
    providers: [await realClusters()],
    config: {
      mirrorHost: mirror.host,
      sourceHost: source.host,
      push: { secret: PASSWORDS.ci },
      pull: { secret: PASSWORDS.pods },
      kubeconfig: { secret: server.kubeconfig },
    },
  });
});
afterEach(async () => {
  await project.dispose();
  await Promise.all([server.stop(), source.close(), mirror.close()]);
});

/** Asks the API server as a node would; undefined for what is not there. */
async function ask(method: string, path: string, body?: object): Promise<ApiObject | undefined> {
  const { clusters, users } = JSON.parse(server.kubeconfig) as {
    clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
    users: [{ user: { token: string } }];
  };
  const { cluster } = clusters[0];
  const call = send(`${cluster.server}/api/v1/namespaces/default/${path}`, {
    method,
    ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
    headers: {
      authorization: `Bearer ${users[0].user.token}`,
      "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
    },
  });
  call.end(body && JSON.stringify(body));
  const [answer] = (await once(call, "response")) as [NodeJS.ReadableStream & { statusCode: number }];
  const content = await text(answer);
  if (answer.statusCode === 404) return undefined;
  if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${content}`);
  return JSON.parse(content) as ApiObject;
}

async function madeObject(path: string): Promise<ApiObject> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(100)) {
    const object = await ask("GET", path);
    if (object) return object;
  }
  throw new Error(`nothing has made ${path}`);
}

/** Says of a pod what a kubelet does whose pull was refused at that time. */
async function refusePull(pod: string, at: number): Promise<void> {
  const { metadata } = await madeObject(`pods/${pod}`);
  const time = new Date(at).toISOString().replace(/\.\d+Z/, "Z");
  const image = `${mirror.host}/team/web:1`;
  await ask("POST", "events", {
    metadata: { name: `${pod}.refused`, namespace: "default" },
    involvedObject: {
      ...{ apiVersion: "v1", kind: "Pod", namespace: "default", name: pod, uid: metadata.uid },
      fieldPath: "spec.containers{main}",
    },
    ...{ type: "Warning", reason: "Failed", count: 1, source: { component: "kubelet" } },
    ...{ firstTimestamp: time, lastTimestamp: time },
    message: `Failed to pull image "${image}": pull access denied: 401 Unauthorized`,
  });
  const waiting = { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` };
  const status = { image, imageID: "", name: "main", ready: false, restartCount: 0, state: { waiting } };
  await ask("PATCH", `pods/${pod}/status`, { status: { phase: "Pending", containerStatuses: [status] } });
}

it("tells of a pull that was refused with the login that is there, and not of one that was refused before it was written", async () => {
  const update = project.up({ expectFailure: true });
  // Both are there before the release's pods are.
  await madeObject("pods/refused");
  const { metadata } = await madeObject("secrets/web-pull");
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).flatMap(({ time }) => time ?? [])];
  const written = Math.max(...times.map((time) => new Date(time).getTime()));
  await refusePull("early", written - 60_000);
  await refusePull("refused", written + 60_000);
  const failed = await update;
  expect(failed.errors).toMatch(/deadline exceeded|timed out/);
  const told = failed.warnings.split("\n").filter((line) => line.includes("waits for pod"));
  expect(told).toEqual([
    expect.stringMatching(
      /^The release default\/web waits for pod default\/refused, container main: .*401 Unauthorized.*Check that the Secret web-pull /,
    ),
  ]);
});
