/** A release whose pods cannot pull, on a real kubelet: helm ends with a deadline, and the update says why. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterStage } from "../support/cluster";
import { expectUnchanged } from "../support/engine";
import { makeRunnableImage } from "../support/images";
import { ensureTool } from "../support/tools";

const testMs = 5 * 60_000;

const mirrorHost = "mirror.test:5443";
const sourceHost = "127.0.0.1:5001";
const passwords = { ci: "push-secret", pods: "pull-secret" };

const program = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const kubernetes = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig"), namespace: "default" });
  const registry = new ExistingRegistry("mirror", {
    host: "${mirrorHost}",
    path: "platform",
    credentials: { username: "ci", password: "${passwords.ci}" },
    pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
    caCertificate: config.require("ca"),
  });
  const common = {
    chart: "./chart",
    timeout: config.requireNumber("timeout"),
    registry,
    sourceAccess: [{ host: "quay.io", location: "${sourceHost}", plainHttp: true }],
  };
  // Its name is for the provider to make.
  new MirroredRelease("refused", { ...common, pullSecret: { create: false, name: config.require("secret") } }, { providers: { kubernetes } });
  new MirroredRelease("lost", {
    ...common, name: "lost", pullSecret: { create: false, name: config.require("lostSecret") },
  }, { providers: { kubernetes } });
  new MirroredRelease("missing", {
    ...common,
    name: "missing",
    values: { second: config.require("second") },
    ignoreImages: ["${mirrorHost}/gone/*"],
  }, { providers: { kubernetes } });
`;

const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": "image: quay.io/shop/api:2.0\nsecond: ''\nimagePullSecrets: []\n",
  "chart/templates/api.yaml": `
{{- range $i, $image := compact (list .Values.image .Values.second) }}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ $.Release.Name }}-{{ $i }}" }
spec:
  selector: { matchLabels: { app: "{{ $.Release.Name }}-{{ $i }}" } }
  template:
    metadata: { labels: { app: "{{ $.Release.Name }}-{{ $i }}" } }
    spec:
      terminationGracePeriodSeconds: 0
      imagePullSecrets: {{ toJson $.Values.imagePullSecrets }}
      containers:
        - { name: main, image: "{{ $image }}", imagePullPolicy: Always }
{{- end }}
`,
};

const stage = new ClusterStage("mirror.test", async () => {
  const api = makeRunnableImage({ binary: readFileSync(await ensureTool("pause")) });
  await stage.serve("source", { port: 5001 }, { "shop/api:2.0": api });
  await stage.serve("mirror", {
    port: 5443,
    tls: { certificate: stage.certificate },
    auth: { scheme: "bearer", users: passwords },
  });
  await stage.cluster.kubectl(
    "create", "secret", "docker-registry", "wrong",
    `--docker-server=${mirrorHost}`, "--docker-username=pods", "--docker-password=wrong",
  ); // prettier-ignore
  await stage.createProject({
    program: { "index.ts": program, ...chart },
    config: {
      pullPassword: { secret: passwords.pods },
      timeout: "30",
      secret: "wrong",
      lostSecret: "nowhere",
      second: `${mirrorHost}/gone/app:1`,
    },
  });
});

test(
  "an update that helm gives up says which pod cannot pull which image, the event's words and what to do",
  async () => {
    const failed = await stage.project.up({ expectFailure: true });
    expect(failed.errors).toContain("context deadline exceeded");
    const told = failed.warnings.split("\n").filter((line) => line.includes("waits for pod"));
    const [lost, missing, refused] = told.sort();
    expect(told).toHaveLength(3);
    expect(lost).toMatch(
      /default\/lost waits for pod default\/lost-0-\S+, .*; there is no Secret nowhere\. Make the Secret nowhere in the namespace default/,
    );
    expect(missing).toMatch(
      new RegExp(
        `release default/missing waits for pod default/missing-1-\\w+-\\w+, container main: ${mirrorHost}/gone/app:1 .*` +
          `(ErrImagePull|ImagePullBackOff).*not found.*Nothing has brought this image to ${mirrorHost}`,
      ),
    );
    expect(refused).toMatch(
      new RegExp(
        `release default/refused-[0-9a-f]{8} waits for pod default/refused-\\w+-0-\\S+, container main: ` +
          `${mirrorHost}/platform/shop/api:2.0 .*(401 Unauthorized|authorization failed).*Check that the Secret wrong `,
      ),
    );
    expect(failed.stdout).toContain("Nothing has brought this image");
    expect(failed.everything).not.toContain(passwords.pods);
  },
  testMs,
);

test(
  "the command line says the same afterwards, and nothing of a release that is not there",
  async () => {
    const command = join(__dirname, "../../bin/chart-mirror");
    const why = (...args: string[]) => stage.cluster.exec(process.execPath, [command, "why", ...args]);
    expect(await why("missing", "--namespace", "default", "--kubeconfig", stage.cluster.kubeconfig)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(
        /^pod default\/missing-1-\S+, container main: \S+\/gone\/app:1 .*not found\. Look in .*\n$/,
      ) as string,
      stderr: "release default/missing, revision 1: failed\n",
    });
    // Helm's records alone are asked: the cluster is found as kubectl finds it.
    expect(await why("none")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("the release none in the namespace default") as string,
    });
  },
  testMs,
);

test(
  "what is mended says nothing more, and nothing of it is in the state",
  async () => {
    await stage.project.setConfig({ secret: "missing-pull", lostSecret: "missing-pull", second: "", timeout: "120" });
    const up = await stage.project.up();
    expect(up.warnings).not.toContain("waits for pod");
    expectUnchanged(await stage.project.up());
    expect(JSON.stringify(await stage.project.exportState())).not.toContain("waits for");
  },
  testMs,
);
