/** Pull secrets over their life: made, rotated in place, merged, taken over from the form that earlier releases made. */
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { memoryCluster, type MemoryClusterHandle } from "../support/providers/kubernetes";

jest.setTimeout(300_000);

const SECRET = "kubernetes:core/v1:Secret::pull";
const LOGINS = "kubernetes:core/v1:SecretPatch::pull-logins";
const HEAD = `
  import * as pulumi from "@pulumi/pulumi";
  import * as k8s from "@pulumi/kubernetes";
  import { PullSecret } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const login = { host: "r.io", username: "pods", password: config.requireSecret("password") };
  const configOf = (host: string, username: string, password: string) =>
    Buffer.from(JSON.stringify({ auths: { [host]: { username, password } } })).toString("base64");
`;
const PROGRAM = `${HEAD}
  new PullSecret("pull", { name: "pull", namespace: "default", registries: [login] });
`;

let cluster: MemoryClusterHandle;
let project: Project;

afterEach(async () => {
  await project.dispose();
  await cluster.dispose();
});

async function start(program: string): Promise<void> {
  cluster = await memoryCluster();
  project = await createProject({
    program: { "index.ts": program },
    config: { password: { secret: "first-secret" } },
    providers: [cluster.provider],
  });
}

function secret(): { uid: unknown; auths: Record<string, { password?: string }> } {
  const object = cluster.object("Secret", "pull", "default") as unknown as {
    metadata: { uid?: string };
    data: Record<string, string>;
  };
  const text = Buffer.from(object.data[".dockerconfigjson"] ?? "", "base64").toString();
  return { uid: object.metadata.uid, ...(JSON.parse(text) as { auths: Record<string, { password?: string }> }) };
}

it("changes a rotated login in place, once, and shows it nowhere", async () => {
  await start(PROGRAM);
  await project.up();
  const before = secret();
  expect(before.auths["r.io"]?.password).toBe("first-secret");
  expect(before.uid).toBeDefined();
  expectUnchanged(await project.up());

  await project.setConfig({ password: { secret: "second-secret" } });
  const preview = await project.preview({ diff: true });
  expect(preview.changes).toEqual({ [LOGINS]: "update" });
  const up = await project.up();
  expect(up.changes).toEqual({ [LOGINS]: "update" });
  expect(secret()).toMatchObject({ uid: before.uid, auths: { "r.io": { password: "second-secret" } } });
  expectUnchanged(await project.up());
  const shown = preview.everything + up.everything + JSON.stringify(await project.exportState());
  for (const text of ["first-secret", "second-secret"]) {
    expect(shown).not.toContain(text);
    expect(shown).not.toContain(Buffer.from(text).toString("base64"));
  }

  await project.destroy();
  expect(cluster.objects("Secret")).toEqual([]);
});

it("takes over a Secret that holds its login itself, as earlier releases made it, without a moment without it", async () => {
  await start(`${HEAD}
    class Old extends pulumi.ComponentResource {
      constructor() {
        super("pulumi-chart-mirror:index:PullSecret", "pull", {});
        new k8s.core.v1.Secret("pull", {
          metadata: { name: "pull", namespace: "default" },
          type: "kubernetes.io/dockerconfigjson",
          data: { ".dockerconfigjson": login.password.apply((password) => configOf("r.io", "pods", password)) },
        }, { parent: this });
      }
    }
    new Old();
  `);
  await project.up();
  const before = secret();
  await project.write({ "index.ts": PROGRAM });
  await project.setConfig({ password: { secret: "second-secret" } });
  const up = await project.up();
  expect(up.changes).toEqual({ [LOGINS]: "create" });
  expect(up.changes[SECRET]).toBeUndefined();
  expect(secret()).toMatchObject({ uid: before.uid, auths: { "r.io": { password: "second-secret" } } });
  expectUnchanged(await project.up());
});

it("puts the logins of other Secrets into it, in every namespace that is named, and leaves those as they are", async () => {
  await start(`${HEAD}
    new k8s.core.v1.Namespace("jobs", { metadata: { name: "jobs" } });
    const own = new k8s.core.v1.Secret("own", {
      metadata: { name: "own", namespace: "default" },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": configOf("other.io", "me", "own-secret") },
    });
    new PullSecret("pull", { name: "pull", namespace: "default", namespaces: ["jobs"], registries: [login], include: ["own"] }, { dependsOn: own });
  `);
  await project.up();
  expect(Object.keys(secret().auths).sort()).toEqual(["other.io", "r.io"]);
  expect(cluster.object("Secret", "pull", "jobs")).toBeDefined();
  // Reading the other Secret anew is all that an update does.
  expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:Secret::pull/own": "read" });
});

const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const RENEWED = `${HEAD}
  import { PullSecretRefresher } from "pulumi-chart-mirror";
  const host = "${ECR}";
  const jobs = new k8s.core.v1.Namespace("jobs", { metadata: { name: "jobs" } });
  const secret = new PullSecret("pull", {
    name: "pull", namespace: "default", namespaces: ["jobs"], expires: true,
    registries: [{ host, username: "AWS", password: config.requireSecret("token") }],
  }, { dependsOn: jobs });
  new PullSecretRefresher("pull", {
    secretName: secret.secretName, namespace: "default", namespaces: ["jobs"], host, registries: [login],
    accessKey: { accessKeyId: "AKIATEST", secretAccessKey: config.requireSecret("accessKey") },
    image: config.require("image"),
  }, { dependsOn: secret });
`;

it("writes a login that ends once, leaves it to who renews it, and renews it with rights for that alone", async () => {
  await start(RENEWED);
  await project.setConfig({
    token: { secret: "first-token" },
    accessKey: { secret: "key-secret" },
    image: "r.io/aws-cli:1",
  });
  const up = await project.up();

  const job = cluster.object("Job", "pull-refresher") as unknown as { spec: { template: object } };
  const inputs = cluster.objects("Secret").find(({ metadata }) => metadata.name !== "pull");
  const cronJob = cluster.object("CronJob", "pull-refresher") as unknown as {
    spec: { schedule: string; jobTemplate: { spec: { template: object } } };
  };
  expect(cronJob.spec.schedule).toBe("17 */4 * * *");
  expect(cronJob.spec.jobTemplate.spec.template).toEqual(job.spec.template);
  expect(job.spec.template).toMatchObject({
    spec: {
      serviceAccountName: "pull-refresher",
      imagePullSecrets: [{ name: "pull" }],
      containers: [{ image: "r.io/aws-cli:1", envFrom: [{ secretRef: { name: inputs?.metadata.name } }] }],
    },
  });
  for (const namespace of ["default", "jobs"]) {
    expect(cluster.object("Role", "pull-refresher", namespace)).toMatchObject({
      rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["pull"], verbs: ["patch"] }],
    });
    expect(cluster.object("RoleBinding", "pull-refresher", namespace)).toMatchObject({
      subjects: [{ kind: "ServiceAccount", name: "pull-refresher", namespace: "default" }],
    });
  }
  // The SDK's debug log has every value.
  const shown = up.stdout + up.stderr + JSON.stringify([job, cronJob, await project.exportState()]);
  for (const text of ["key-secret", "first-secret", "first-token"]) {
    expect(shown).not.toContain(text);
    expect(shown).not.toContain(Buffer.from(text).toString("base64"));
  }

  // The CronJob has run, and the next update has a token of its own.
  const { uid } = secret();
  const renewed = Buffer.from('{"auths":{"renewed":{}}}').toString("base64");
  for (const namespace of ["default", "jobs"])
    await cluster.change(cluster.object("Secret", "pull", namespace), (object) => {
      (object as unknown as { data: object }).data = { ".dockerconfigjson": renewed };
    });
  await project.setConfig({ token: { secret: "second-token" } });
  expectUnchanged(await project.up({ args: ["--refresh"] }));
  expect(secret()).toEqual({ uid, auths: { renewed: {} } });

  // Another login of the Secret is written at once, by the Job.
  await project.setConfig({ password: { secret: "second-secret" } });
  const runsAgain = { "kubernetes:batch/v1:Job::pull": "replace", "kubernetes:batch/v1:CronJob::pull": "update" };
  expect((await project.up()).changes).toEqual({ "kubernetes:core/v1:Secret::pull": "replace", ...runsAgain });
  expect(secret()).toEqual({ uid, auths: { renewed: {} } });
  // The way out for a cluster that was down for longer than a login lasts.
  await cluster.remove(cluster.object("Secret", "pull"));
  await project.setConfig({ image: "r.io/aws-cli:2" });
  const again = await project.up({ args: ["--refresh"] });
  expect(again.changes).toEqual({ [SECRET]: "create", [LOGINS]: "create", ...runsAgain });
  expect(secret().auths).toMatchObject({ [ECR]: { password: "second-token" } });
  await project.destroy();
  expect(cluster.objects().map(({ kind }) => kind)).toEqual([]);
});
