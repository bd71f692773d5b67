/** Pods that get their pull secret from a service account, on a real kubelet: of the release, and made by others later. */
import { readFileSync } from "node:fs";
import { ClusterStage } from "../support/cluster";
import { expectUnchanged } from "../support/engine";
import { makeRunnableImage } from "../support/images";
import { ensureTool } from "../support/tools";

const testMs = 5 * 60_000;

const mirrorHost = "mirror.test:5443";
const program = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const cluster = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
  const registry = new ExistingRegistry("mirror", {
    host: "${mirrorHost}",
    credentials: { username: "pods", password: config.requireSecret("password") },
    caCertificate: config.require("ca"),
  });
  new MirroredRelease("shop", {
    chart: "./chart",
    namespace: "shop",
    timeout: 120,
    registry,
    pullSecret: { serviceAccounts: ["default", "operator"] },
  }, { providers: { kubernetes: cluster } });
`;
// The image is in the mirror already. No value reaches the pull secrets of the pod.
const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": `registry: ${mirrorHost}\n`,
  "chart/templates/shop.yaml": `
apiVersion: v1
kind: ServiceAccount
metadata: { name: operator }
imagePullSecrets: [{ name: of-the-chart }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: "{{ .Values.registry }}/team/app:1"
          args: ["-http"]
          imagePullPolicy: Always
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
`,
};

const stage = new ClusterStage("mirror.test", async () => {
  const app = makeRunnableImage({ binary: readFileSync(await ensureTool("pause")) });
  await stage.serve(
    "mirror",
    { port: 5443, tls: { certificate: stage.certificate }, auth: { scheme: "bearer", users: { pods: "pull-secret" } } },
    { "team/app:1": app },
  );
  const { cluster } = stage;
  await cluster.kubectl("create", "namespace", "shop");
  await cluster.kubectl("wait", "-n", "shop", "--for=create", "serviceaccount/default", "--timeout=60s");
  const theirs = JSON.stringify({ imagePullSecrets: [{ name: "theirs" }] });
  await cluster.kubectl("patch", "-n", "shop", "serviceaccount", "default", "--type=merge", "--patch", theirs);
  await stage.createProject({
    program: { "index.ts": program, ...chart },
    config: { password: { secret: "pull-secret" } },
  });
});

/** As an operator makes it: without a word of pull secrets. */
async function makePod(name: string, serviceAccountName: string): Promise<void> {
  const spec = {
    serviceAccountName,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "main",
        image: `${mirrorHost}/team/app:1`,
        args: ["-http"],
        imagePullPolicy: "Always",
        readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
      },
    ],
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" }, spec };
  await stage.cluster.kubectl("create", "--filename", stage.write(name, pod));
}

const secretsOf = (account: string): Promise<string> =>
  stage.cluster.kubectl("get", "serviceaccount", account, "-n", "shop", "-o", "jsonpath={.imagePullSecrets[*].name}");

test(
  "the release's pods pull with the secret of their account, and the chart stays as it is",
  async () => {
    const preview = await stage.project.preview();
    expect(preview.changes).toMatchObject({
      "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution::shop-pull/default": "create",
      "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution::shop-pull/operator": "create",
    });
    const up = await stage.project.up();
    expect(up.step("kubernetes:helm.sh/v3:Release::shop").inputs).toMatchObject({
      chart: expect.stringMatching(/^\.\/\.chart-mirror\/shop\/[0-9a-f]{12}\/shop$/) as unknown,
      version: "1.0.0",
    });
    expect(preview.everything).not.toMatch(/templates\/\S+:\d+/);
    expect(await secretsOf("default")).toBe("theirs shop-pull");
    await stage.cluster.kubectl("wait", "-n", "shop", "--for=condition=Available", "deployment/web", "--timeout=60s");
  },
  testMs,
);

test(
  "pods that others make later pull with accounts of the release, and with no other",
  async () => {
    expect(await secretsOf("operator")).toBe("of-the-chart shop-pull");
    await stage.cluster.kubectl("create", "serviceaccount", "stranger", "-n", "shop");
    await makePod("of-the-operator", "operator");
    await makePod("of-a-stranger", "stranger");
    await stage.cluster.kubectl("wait", "-n", "shop", "--for=condition=Ready", "pod/of-the-operator", "--timeout=60s");
    const reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull";
    await stage.cluster.kubectl("wait", "-n", "shop", `--for=${reason}`, "pod/of-a-stranger", "--timeout=60s");
  },
  testMs,
);

test(
  "a second update changes nothing, and destroying leaves the account what others gave it",
  async () => {
    expectUnchanged(await stage.project.up());
    await stage.project.destroy();
    expect(await secretsOf("default")).toBe("theirs");
  },
  testMs,
);
