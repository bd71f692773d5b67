/** The main job on a real cluster: the pods run only if their images came from the mirror, with the pull secret. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterStage } from "../support/cluster";
import { expectUnchanged } from "../support/engine";
import { makeRunnableImage, type SyntheticImage } from "../support/images";
import { startRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const testMs = 5 * 60_000;

const mirrorHost = "mirror.test:5443";
const sourceHost = "127.0.0.1:5001";
const passwords = { reader: "reader-secret", ci: "push-secret", pods: "pull-secret" };

const program = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { ExistingRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const provider = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
  const registry = new ExistingRegistry("mirror", {
    host: "${mirrorHost}",
    path: "platform",
    credentials: { username: "ci", password: config.requireSecret("pushPassword") },
    pullCredentials: { username: "pods", password: config.requireSecret("pullPassword") },
    caCertificate: config.require("ca"),
  });
  const release = new MirroredRelease("shop", {
    chart: "./chart",
    namespace: "shop",
    createNamespace: true,
    timeout: 120,
    registry,
    sourceAccess: ["quay.io", "docker.io"].map((host) => ({
      host, location: "${sourceHost}", username: "reader", password: config.requireSecret("readerPassword"), plainHttp: true,
    })),
  }, { providers: { kubernetes: provider } });
  export const images = release.images;
`;

const deployment = (name: string, image: string, more = ""): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      ${more}
      containers:
        - name: main
          image: ${image}
          args: ["-http"]
          imagePullPolicy: Always
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
`;
const secrets = "imagePullSecrets: {{ toJson .Values.global.imagePullSecrets }}";
const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{ name: cache, version: 0.1.0 }]\n",
  "chart/values.yaml": `
global: { imageRegistry: quay.io, imagePullSecrets: [] }
api: { image: { repository: shop/api, tag: "2.0" } }
proxy: { image: nginx, tag: "1.27" }
cache: { image: { registry: docker.io, repository: bitnami/redis, tag: "7.2" } }
`,
  "chart/templates/api.yaml": deployment(
    "api",
    "{{ .Values.global.imageRegistry }}/{{ .Values.api.image.repository }}:{{ .Values.api.image.tag }}",
    secrets,
  ),
  // No value reaches the pull secrets of this pod: the chart itself has to be patched.
  "chart/templates/proxy.yaml": deployment("proxy", '"{{ .Values.proxy.image }}:{{ .Values.proxy.tag }}"'),
  "chart/charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n",
  "chart/charts/cache/templates/cache.yaml": deployment(
    "cache",
    "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}",
    secrets,
  ),
};

const images: Record<string, SyntheticImage> = {};
const stage = new ClusterStage("mirror.test", async () => {
  const binary = readFileSync(await ensureTool("pause"));
  for (const name of ["shop/api:2.0", "library/nginx:1.27", "bitnami/redis:7.2"])
    images[name] = makeRunnableImage({ binary, platforms: ["linux/amd64", "linux/arm64"], seed: name });
  const users = { reader: passwords.reader };
  await stage.serve("source", { port: 5001, auth: { scheme: "basic", users } }, images);
  await stage.serve("mirror", {
    port: 5443,
    tls: { certificate: stage.certificate },
    auth: { scheme: "bearer", users: { ci: passwords.ci, pods: passwords.pods } },
  });
  await stage.createProject({
    program: { "index.ts": program, ...chart },
    config: {
      pushPassword: { secret: passwords.ci },
      pullPassword: { secret: passwords.pods },
      readerPassword: { secret: passwords.reader },
    },
  });
});

const target = (name: string): string => `${mirrorHost}/platform/${name.replace("library/", "")}`;

/** A pod that pulls an image with or without a secret; answers why the kubelet could not. */
async function pullFailure(name: string, image: string, secret?: string): Promise<string> {
  const spec = {
    containers: [{ name: "main", image, imagePullPolicy: "Always" }],
    terminationGracePeriodSeconds: 0,
    ...(secret !== undefined && { imagePullSecrets: [{ name: secret }] }),
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" }, spec };
  await stage.cluster.kubectl("apply", "--filename", stage.write(name, pod));
  const reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull";
  await stage.cluster.kubectl("wait", "-n", "shop", `--for=${reason}`, `pod/${name}`, "--timeout=60s");
  const events = await stage.cluster.kubectl(
    "get", "events", "-n", "shop", `--field-selector=involvedObject.name=${name},reason=Failed`,
    "-o", "jsonpath={.items[*].message}",
  ); // prettier-ignore
  await stage.cluster.kubectl("delete", "-n", "shop", `pod/${name}`, "--wait=false");
  return events;
}

test(
  "one update copies the images, makes the secret and deploys; the pods get ready",
  async () => {
    const preview = await stage.project.preview({ diff: true });
    for (const name of Object.keys(images)) expect(preview.stdout).toContain(target(name));
    await stage.project.up();

    const pods = JSON.parse(await stage.cluster.kubectl("get", "pods", "-n", "shop", "-o", "json")) as {
      items: { status: { containerStatuses: { ready: boolean; image: string; imageID: string }[] } }[];
    };
    const running = pods.items.flatMap(({ status }) => status.containerStatuses);
    expect(running.map(({ image, ready }) => [image, ready]).sort()).toEqual(
      Object.keys(images).map((name) => [target(name), true]).sort(),
    ); // prettier-ignore
    for (const { image, imageID } of running) {
      const name = Object.keys(images).find((candidate) => target(candidate) === image) ?? "";
      expect(imageID).toContain(images[name]?.digest);
    }
  },
  testMs,
);

test(
  "a second update changes nothing, on another machine either",
  async () => {
    expectUnchanged(await stage.project.up());
    expectUnchanged(await (await stage.project.onAnotherMachine()).up());
  },
  testMs,
);

test(
  "the kubelet pulls with the secret alone, and reaches no registry but the mirror",
  async () => {
    const image = target("shop/api:2.0");
    expect(await pullFailure("no-secret", image)).toMatch(/401 Unauthorized|authorization failed/);
    await stage.cluster.kubectl(
      "create", "secret", "docker-registry", "wrong", "-n", "shop",
      `--docker-server=${mirrorHost}`, "--docker-username=pods", "--docker-password=wrong",
    ); // prettier-ignore
    expect(await pullFailure("wrong-secret", image, "wrong")).toMatch(/401 Unauthorized|authorization failed/);
    expect(await pullFailure("upstream", "quay.io/shop/api:2.0", "shop-pull")).toMatch(
      /dial tcp: lookup quay\.io|no such host|network is unreachable|Temporary failure/,
    );
  },
  testMs,
);

test(
  "destroying removes the release and the secret, and leaves the namespace and the images",
  async () => {
    await stage.project.destroy();
    expect(await stage.cluster.kubectl("get", "deployments,secrets", "-n", "shop", "-o", "name")).toBe(
      "secret/wrong\n",
    );
    const mirror = await startRegistry({ storage: { folder: join(stage.scratch, "mirror") } });
    for (const name of Object.keys(images)) {
      const [repository = "", tag = ""] = target(name)
        .slice(mirrorHost.length + 1)
        .split(":");
      expect(mirror.tag(repository, tag)).toBe(images[name]?.digest);
    }
    await mirror.close();
  },
  testMs,
);
