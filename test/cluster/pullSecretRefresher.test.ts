/** A login of ECR over its life on a real kubelet: the renewing pods run, pods pull with what they write, and only with that. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerConfigJson } from "../../src/cluster/dockerConfigSecret";
import { ecrHostName } from "../support/cloud";
import type { CloudConfig } from "../support/cloud/main";
import { addresses, ClusterStage, serveInside } from "../support/cluster";
import { expectUnchanged } from "../support/engine";
import { awsCliImage, makeRunnableImage } from "../support/images";
import { awsOn } from "../support/providers/aws";
import { ensureTool } from "../support/tools";

const testMs = 5 * 60_000;

const ecrHost = ecrHostName();
const sourceHost = "127.0.0.1:5001";
const moto = { host: addresses.node, port: 5000 };
const motoUrl = `http://${moto.host}:${moto.port}`;
const accessKey = "access-key-secret";

const program = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { EcrRegistry, MirroredRelease } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const registry = new EcrRegistry("mirror", { path: "platform", pullSecret: true, forceDelete: true });
  new MirroredRelease("shop", {
    chart: "./chart",
    namespace: "shop",
    createNamespace: true,
    timeout: 120,
    registry,
    pullSecret: {
      name: "pull",
      registries: [{ host: "other.test", username: "robot", password: config.requireSecret("otherPassword") }],
      refresh: {
        image: "quay.io/tools/aws-cli:2",
        schedule: "* * * * *",
        accessKey: { accessKeyId: "AKIATEST", secretAccessKey: config.requireSecret("accessKey") },
      },
    },
    sourceAccess: [{ host: "quay.io", location: "${sourceHost}", plainHttp: true }],
  }, { providers: { kubernetes: new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") }) } });
`;

const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": "image: quay.io/shop/api:2.0\nimagePullSecrets: []\n",
  "chart/templates/api.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      terminationGracePeriodSeconds: 0
      imagePullSecrets: {{ toJson .Values.imagePullSecrets }}
      containers:
        - { name: main, image: "{{ .Values.image }}", imagePullPolicy: Always }
`,
};

const stage = new ClusterStage(ecrHost, async () => {
  const api = makeRunnableImage({ binary: readFileSync(await ensureTool("pause")) });
  const images = { "shop/api:2.0": api, "tools/aws-cli:2": await awsCliImage(motoUrl) };
  await stage.serve("source", { port: 5001 }, images);
  const { scratch, certificate } = stage;
  writeFileSync(join(scratch, "ca.pem"), certificate.ca);
  const cloud: CloudConfig = { moto, ecr: { port: 443, tls: { certificate } }, clock: join(scratch, "clock") };
  await serveInside(stage.cluster, join("cloud", "main.ts"), ["--config", stage.write("cloud", cloud)]);
  await stage.createProject({
    program: { "index.ts": program, ...chart },
    config: {
      "aws:region": "us-east-1",
      otherPassword: { secret: "other-secret" },
      accessKey: { secret: accessKey },
    },
    env: { NODE_EXTRA_CA_CERTS: join(scratch, "ca.pem") },
    providers: [awsOn({ url: motoUrl })],
  });
});

const inShop = (...args: string[]): Promise<string> => stage.cluster.kubectl(...args, "--namespace", "shop");

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly ownerReferences?: readonly { readonly kind: string }[] };
    readonly status: { readonly succeeded?: number };
  }[];
}

/** The Secret, and when its login of ECR ends, in seconds since 1970. Logins of the double say so; see ecr_extension.py. */
async function login(): Promise<{ uid: string; password: string; expiry: number; hosts: string[] }> {
  const secret = JSON.parse(await inShop("get", "secret", "pull", "-o", "json")) as {
    metadata: { uid: string };
    data: Record<string, string>;
  };
  const { auths } = JSON.parse(Buffer.from(secret.data[".dockerconfigjson"] ?? "", "base64").toString()) as {
    auths: Record<string, { password: string }>;
  };
  const password = auths[ecrHost]?.password ?? "";
  return {
    uid: secret.metadata.uid,
    password,
    expiry: Number(password.split(".")[2]),
    hosts: Object.keys(auths).sort(),
  };
}

async function apply(object: object): Promise<void> {
  await inShop("apply", "--filename", stage.write("object", object));
}

const pod = (name: string, pullSecret: string): Promise<void> =>
  apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image: `${ecrHost}/platform/shop/api:2.0`, imagePullPolicy: "Always" }],
      imagePullSecrets: [{ name: pullSecret }],
    },
  });

/** Asks again and again until there is an answer. */
async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(500)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

let first: Awaited<ReturnType<typeof login>>;

test(
  "a Job renews the login at once, by an image that its own pod pulls with it; the release's pods pull",
  async () => {
    const up = await stage.project.up();
    first = await login();
    expect(first.hosts).toEqual([ecrHost, "other.test"]);
    const { items } = JSON.parse(await inShop("get", "jobs", "-o", "json")) as Listed;
    // The CronJob's runs, which come at every full minute, may be on their way.
    const [job] = items.filter(({ metadata }) => metadata.ownerReferences === undefined);
    const log = await inShop("logs", `job/${job?.metadata.name}`, "--tail=-1");
    expect(log).toContain(`writing a new login of ${ecrHost} into secret shop/pull`);
    // Neither what it wrote nor what the API server answered.
    for (const secret of [first.password, accessKey, "other-secret"]) {
      expect(log).not.toContain(secret);
      expect(log).not.toContain(Buffer.from(secret).toString("base64"));
      expect(up.stdout).not.toContain(secret);
    }
  },
  testMs,
);

test(
  "its service account may patch that Secret and do nothing else with it or with others",
  async () => {
    const may = async (...verb: string[]): Promise<string> => {
      const account = "--as=system:serviceaccount:shop:pull-refresher";
      const kubectl = await ensureTool("kubectl");
      const { stdout } = await stage.cluster.exec(kubectl, ["auth", "can-i", ...verb, account, "--namespace", "shop"]);
      return stdout.trim();
    };
    expect(await may("patch", "secret/pull")).toBe("yes");
    for (const verb of ["get", "delete", "update"]) expect(await may(verb, "secret/pull")).toBe("no");
    expect(await may("patch", "secret/other")).toBe("no");
    expect(await may("list", "secrets")).toBe("no");
  },
  testMs,
);

test(
  "the CronJob's run changes the Secret in place; pods pull with the new login after the old one has ended",
  async () => {
    const old = first;
    // The first login may already be that of a run, which comes at every full minute.
    const renewed = await until("a run of the CronJob that succeeded and renewed", 180, async () => {
      const { items } = JSON.parse(await inShop("get", "jobs", "-o", "json")) as Listed;
      const ran = items.some(
        ({ metadata, status }) => metadata.ownerReferences?.[0]?.kind === "CronJob" && status.succeeded === 1,
      );
      const now = await login();
      return ran && now.expiry > old.expiry ? now : undefined;
    });
    expect(renewed.uid).toBe(old.uid);
    expect(renewed.hosts).toEqual([ecrHost, "other.test"]);

    // Twelve hours later, as far as ECR is concerned.
    writeFileSync(join(stage.scratch, "clock"), String(renewed.expiry * 1000 - 1));
    await apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "old" },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": dockerConfigJson([{ host: ecrHost, username: "AWS", password: old.password }]) },
    });
    await pod("with-old", "old");
    await pod("with-renewed", "pull");
    await inShop("wait", "--for=condition=Ready", "pod/with-renewed", "--timeout=60s");
    await inShop(
      "wait", "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull", "pod/with-old", "--timeout=60s",
    ); // prettier-ignore
    const events = await inShop(
      "get", "events", "--field-selector=involvedObject.name=with-old,reason=Failed", "-o", "jsonpath={.items[*].message}",
    ); // prettier-ignore
    expect(events).toMatch(/40[13] (Unauthorized|Forbidden)/);
    await inShop("delete", "pod/with-old", "pod/with-renewed", "secret/old");
    rmSync(join(stage.scratch, "clock"));
  },
  testMs,
);

test(
  "a second update, with a token of its own, changes nothing and leaves the renewed login",
  async () => {
    const before = await login();
    expectUnchanged(await stage.project.up());
    const after = await login();
    expect(after.uid).toBe(before.uid);
    // It may have been renewed once more meanwhile, but never gone back to what an update wrote.
    expect(after.expiry).toBeGreaterThanOrEqual(before.expiry);
  },
  testMs,
);

test(
  "without its right it fails, says what the API server says, and leaves the Secret",
  async () => {
    await inShop("delete", "rolebinding", "pull-refresher");
    await inShop("create", "job", "refused", "--from=cronjob/pull-refresher");
    const said = await until("the pod's last word", 60, async () => {
      const words = await inShop(
        "get", "pods", "--selector=batch.kubernetes.io/job-name=refused", "-o", "jsonpath={.items[*].status.containerStatuses[*].state.terminated.message}",
      ); // prettier-ignore
      return words === "" ? undefined : words;
    });
    expect(said).toMatch(
      /the login was not written: secrets .*pull.* is forbidden: User .*system:serviceaccount:shop:pull-refresher.* cannot patch/,
    );
    expect((await login()).hosts).toEqual([ecrHost, "other.test"]);
    await inShop("delete", "job", "refused");
  },
  testMs,
);

test(
  "destroying removes all of it, and the Jobs that the CronJob has made",
  async () => {
    await stage.project.destroy();
    const kinds = "cronjobs,jobs,pods,secrets,roles,rolebindings,serviceaccounts,deployments";
    await until("all to be gone", 60, async () => {
      const left = await inShop("get", kinds, "-o", "name");
      return left === "serviceaccount/default\n" ? true : undefined;
    });
  },
  testMs,
);
