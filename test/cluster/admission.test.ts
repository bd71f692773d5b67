/** Pods that no chart shows, kept on the mirror by a real API server: programs on the real engine, pods on a real kubelet. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMISSION_FLAGS } from "../support/admission";
import { ClusterStage } from "../support/cluster";
import { expectUnchanged } from "../support/engine";
import { makeRunnableImage, type SyntheticImage } from "../support/images";
import { ensureTool } from "../support/tools";

const testMs = 5 * 60_000;

const mirrorHost = "mirror.test:5443";
const mirrored = `${mirrorHost}/platform`;

const program = (digest: string): string => `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { AdmissionMode, ExistingRegistry, MirrorAdmission, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const provider = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
  const registry = new ExistingRegistry("mirror", {
    host: "${mirrorHost}",
    path: "platform",
    credentials: { username: "pods", password: config.requireSecret("password") },
    caCertificate: config.require("ca"),
  });
  const providers = { kubernetes: provider };
  // The chart names no image: an operator would, as it runs.
  if (config.getBoolean("release") ?? true)
    new MirroredRelease("shop", {
      chart: "./chart",
      namespace: "shop",
      createNamespace: true,
      registry,
      sourceAccess: ["quay.io", "docker.io"].map((host) => ({ host, location: "127.0.0.1:5001", plainHttp: true })),
      extraImages: ["nginx", "quay.io/x/y:1@${digest}"],
      admission: AdmissionMode.Rewrite,
    }, { providers });
  if (config.getBoolean("strict"))
    new MirrorAdmission("strict", {
      registry,
      mode: AdmissionMode.Deny,
      namespaces: ["strict", "excepted"],
      exceptions: { images: ["busybox:*"], namespaces: ["excepted"] },
    }, { providers });
`;
const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": "{}\n",
  "chart/templates/operator.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: operator }\ndata: { a: b }\n",
};

let app: SyntheticImage;
const stage = new ClusterStage(
  "mirror.test",
  async () => {
    app = makeRunnableImage({ binary: readFileSync(await ensureTool("pause")) });
    await stage.serve("source", { port: 5001 }, { "library/nginx:latest": app, "x/y:1": app });
    const users = { pods: "pull-secret" };
    await stage.serve("mirror", {
      port: 5443,
      tls: { certificate: stage.certificate },
      auth: { scheme: "bearer", users },
    });
    for (const namespace of ["strict", "excepted"]) await stage.cluster.kubectl("create", "namespace", namespace);
    await stage.createProject({
      program: { "index.ts": program(app.digest), ...chart },
      config: { password: { secret: "pull-secret" }, strict: "true" },
    });
  },
  { apiServerFlags: ADMISSION_FLAGS },
);

const kubectl = (...args: string[]): Promise<string> => stage.cluster.kubectl(...args);

/** As an operator makes it: without a word of mirrors and pull secrets. */
async function makePod(namespace: string, name: string, ...images: string[]): Promise<void> {
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: images.map((image, i) => ({
      name: `c${i}`,
      image,
      args: i === 0 ? ["-http"] : [],
      imagePullPolicy: "Always",
    })),
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
  await kubectl("create", "--filename", stage.write(name, pod));
}

/** Waits until the API server has learnt that a mode holds: what it makes of a pod, in a dry run, is as it shall be. */
async function settled(namespace: string, image: string, isSo: (answer: string) => boolean): Promise<void> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "probe", namespace },
    spec: { containers: [{ name: "c0", image }] },
  };
  const file = stage.write("probe", pod);
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const made = kubectl(
      "create",
      "--dry-run=server",
      "--filename",
      file,
      "-o",
      "jsonpath={.spec.containers[0].image}",
    );
    if (isSo(await made.catch(String))) return;
  }
  throw new Error(`The API server has not learnt what holds in ${namespace}`);
}

const imagesOf = async (namespace: string, pod: string): Promise<string[]> =>
  (await kubectl("get", "pod", pod, "-n", namespace, "-o", "jsonpath={.spec.containers[*].image}")).split(" ");

test(
  "pods that an operator makes start from the mirror, with its login",
  async () => {
    const preview = await stage.project.preview();
    expect(preview.changes).toMatchObject({
      "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution::shop-admission/shop": "create",
      "pulumi-nodejs:dynamic/chart-mirror:ObjectContribution::strict/strict": "create",
    });
    await stage.project.up();
    await kubectl("wait", "-n", "shop", "--for=create", "serviceaccount/default", "--timeout=60s");
    await settled("shop", "nginx", (image) => image === `${mirrored}/nginx`);
    await makePod("shop", "of-the-operator", "nginx", `quay.io/x/y:1@${app.digest}`);
    expect(await imagesOf("shop", "of-the-operator")).toEqual([`${mirrored}/nginx`, `${mirrored}/x/y:1@${app.digest}`]);
    await kubectl("wait", "-n", "shop", "--for=condition=Ready", "pod/of-the-operator", "--timeout=120s");
    const forms = [
      "nginx:latest",
      "library/nginx",
      "docker.io/nginx:latest",
      `nginx@${app.digest}`,
      "quay.io:443/x/y:1",
    ];
    await makePod("shop", "other-forms", ...forms);
    expect(await imagesOf("shop", "other-forms")).toEqual([
      `${mirrored}/nginx:latest`,
      `${mirrored}/nginx`,
      `${mirrored}/nginx:latest`,
      `${mirrored}/nginx@${app.digest}`,
      `${mirrored}/x/y:1`,
    ]);
  },
  testMs,
);

test(
  "denies in the namespaces that it is for, and leaves excepted images and namespaces alone",
  async () => {
    await settled("strict", "nginx:1", (answer) => answer.includes("denied request"));
    await expect(makePod("strict", "outside", "nginx:1", `${mirrored}/nginx`)).rejects.toThrow(
      /container c0 would pull nginx:1, outside the mirror \(mirror\.test:5443\/platform\/\)\. Name the image there/,
    );
    await makePod("strict", "excepted-image", "busybox:1");
    await makePod("excepted", "excepted-namespace", "nginx:1");
    expect(await imagesOf("excepted", "excepted-namespace")).toEqual(["nginx:1"]);
    // Nothing of an update but the images that it sets is judged.
    await kubectl("label", "pod", "excepted-image", "-n", "strict", "a=b");
    await expect(kubectl("set", "image", "pod/excepted-image", "-n", "strict", "c0=nginx:2")).rejects.toThrow(
      /container c0 would pull nginx:2/,
    );
  },
  testMs,
);

test(
  "what runs outside the mirror is told, with who has made it",
  async () => {
    const command = join(__dirname, "../../bin/chart-mirror");
    const ask = (...args: string[]) => stage.cluster.exec(process.execPath, [command, ...args]);
    await kubectl("create", "deployment", "resting", "-n", "shop", "--image", "busybox:2", "--replicas=0");
    // The mirror and what is excepted are read from the namespaces.
    const listed = await ask("images", "--cluster", "-o", "json");
    expect(JSON.parse(listed.stdout)).toMatchObject([
      {
        reference: "busybox:2",
        uses: [{ pods: [], owners: ["Deployment resting"], origin: { setBy: "kubectl-create" } }],
      },
    ]);
    expect([listed.exitCode, listed.stderr.split("\n")]).toEqual([
      3,
      [
        "1 images outside the mirror, 1 excepted",
        "1 images stand in namespaces that no MirrorAdmission is for: --to HOST[/PATH] holds them against the mirror, too",
        "",
      ],
    ]);
    const pasted = await ask("images", "--cluster", "--extra-images", "yaml", "-n", "shop", "--to", mirrored);
    expect(pasted.stdout).toBe(`extraImages:\n  - "busybox:2" # container busybox of shop/Deployment resting\n`);
    const why = await ask("why", `${mirrored}/nginx`, "--cluster");
    expect(why.stdout).toContain(
      `${mirrored}/nginx: in the mirror, running ${app.digest}\n  pod shop/of-the-operator, container c0\n    nothing else owns it\n    set by kubectl-create\n`,
    );
  },
  testMs,
);

test(
  "a second update changes nothing; removing a release removes what it added, and the last one all of it",
  async () => {
    expectUnchanged(await stage.project.up());
    const policies = async (): Promise<string> =>
      kubectl(
        "get",
        "validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingadmissionpolicies",
        "-o",
        "name",
      );
    await stage.project.setConfig({ release: "false" });
    await stage.project.up();
    expect(await policies()).toMatch(
      /^validatingadmissionpolicy\S+chart-mirror-\w+\nvalidatingadmissionpolicybinding\S+chart-mirror-\w+-deny\n$/,
    );
    expect(await kubectl("get", "namespace", "shop", "-o", "json")).not.toContain("pulumi-chart-mirror");
    await expect(makePod("strict", "still", "nginx:1")).rejects.toThrow(/would pull nginx:1/);
    await stage.project.destroy();
    expect(await policies()).toBe("");
    expect(await kubectl("get", "namespace", "strict", "-o", "json")).not.toContain("pulumi-chart-mirror");
  },
  testMs,
);
