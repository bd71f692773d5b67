/** Images copied by an Indexed Job on a real kubelet, between two registries that demand passwords. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyJob, copyJobName } from "../../src/copy/kubernetesJob/copyJob";
import { addresses, serveRegistry, startCluster, type Cluster } from "../support/cluster";
import { createProject, expectUnchanged, type Project } from "../support/engine";
import { makeImage, pushImage } from "../support/images";
import { certificateAuthority, startRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const startMs = 20 * 60_000;
const testMs = 5 * 60_000;

/** Pods have no DNS here, so the registries go by the node's address. */
const sourceHost = `${addresses.node}:5001`;
const mirrorHost = `${addresses.node}:5443`;
/** As an Azure Container Registry: its login is a token of Microsoft Entra. */
const azureHost = `${addresses.node}:5444`;
const regctlImage = "never.invalid/regctl:1";
const passwords = { reader: "reader-secret", ci: "push-secret", entra: "entra-secret" };

const program = `
  import * as pulumi from "@pulumi/pulumi";
  import { ImageCopyJob } from "pulumi-chart-mirror";
  const config = new pulumi.Config();
  const copied = new ImageCopyJob("images", {
    images: config.requireObject("images"),
    namespace: "default",
    kubeconfig: config.requireSecret("kubeconfig"),
    image: "${regctlImage}",
    parallelism: 8,
    retries: 0,
    access: [
      { host: "${sourceHost}", username: "reader", password: config.requireSecret("readerPassword"), plainHttp: true },
      { host: "${mirrorHost}", username: "ci", password: config.requireSecret("pushPassword"), caCertificate: config.require("ca") },
      { host: "${azureHost}", azureToken: { accessToken: config.requireSecret("entraToken") }, caCertificate: config.require("ca") },
    ],
  });
  export const images = copied.images;
`;

interface Listed {
  readonly source: string;
  readonly target: string;
  readonly digest: string;
  readonly size: number;
}

let scratch: string;
let cluster: Cluster;
let project: Project;
const images: Listed[] = [];
const set = (list: readonly Listed[]): Promise<void> => project.setConfig({ images: JSON.stringify(list) });

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "copy-job-"));
  const source = await startRegistry({ storage: { folder: join(scratch, "source") } });
  for (let i = 0; i < 20; i++) {
    const image = makeImage({
      platforms: ["linux/amd64", "linux/arm64"],
      layers: [
        { size: 20_000, seed: "shared" },
        { size: 1_000 * (i + 1), seed: i },
      ],
    });
    await pushImage(source, `team/app-${i}:1`, image);
    images.push({
      source: `${sourceHost}/team/app-${i}:1`,
      target: `${mirrorHost}/mirror/app-${i}:1`,
      digest: image.digest,
      size: image.size,
    });
  }
  await source.close();
  const certificate = await (await certificateAuthority()).issue([addresses.node]);
  cluster = await startCluster({ log: () => undefined });
  await cluster.importImages({ [regctlImage]: await regctl() });
  await serveRegistry(cluster, scratch, "source", {
    host: "0.0.0.0",
    port: 5001,
    auth: { scheme: "basic", users: { reader: passwords.reader } },
  });
  await serveRegistry(cluster, scratch, "mirror", {
    host: "0.0.0.0",
    port: 5443,
    tls: { certificate },
    auth: { scheme: "basic", users: { ci: passwords.ci } },
  });
  await serveRegistry(cluster, scratch, "azure", {
    host: "0.0.0.0",
    port: 5444,
    tls: { certificate },
    behaviour: "acr",
    auth: {
      scheme: "bearer",
      users: {},
      exchange: { [passwords.entra]: [{ repositories: "*", actions: ["pull", "push"] }] },
    },
  });
  project = await createProject({
    program: { "index.ts": program },
    config: {
      images: JSON.stringify(images),
      kubeconfig: { secret: readFileSync(cluster.kubeconfig, "utf8") },
      ca: certificate.ca,
      pushPassword: { secret: passwords.ci },
      entraToken: { secret: passwords.entra },
      readerPassword: { secret: passwords.reader },
    },
    providers: [],
    enter: (command, args, cwd) => cluster.enter(command, args, cwd),
  });
}, startMs);

afterAll(async () => {
  await project?.dispose();
  await cluster?.stop();
  rmSync(scratch, { recursive: true });
}, testMs);

/** What regclient's own image holds for this: the program, and a shell with its commands. */
async function regctl() {
  const busybox = readFileSync(await ensureTool("busybox"));
  const program = readFileSync(await ensureTool("regctl"));
  return makeImage({
    layers: [{ files: { "bin/sh": busybox, "bin/sed": busybox, "bin/regctl": program, "tmp/.keep": "" }, mode: 0o755 }],
    config: { Env: ["PATH=/bin", "HOME=/tmp"], User: "1000" },
  });
}

interface Jobs {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}
const jobs = async (): Promise<Jobs["items"]> =>
  (JSON.parse(await cluster.kubectl("get", "jobs", "-o", "json")) as Jobs).items;

test(
  "an update waits for the Job that an interrupted one left; pods copy 20 images, digests as planned",
  async () => {
    const settings = { namespace: "default", parallelism: 8, image: regctlImage, retries: 0, ttlSeconds: 3600 };
    const left = join(scratch, "left.json");
    writeFileSync(left, JSON.stringify(copyJob(images, settings)));
    await cluster.kubectl("create", "--filename", left);
    const before = await jobs();
    expect(before.map(({ metadata }) => metadata.name)).toEqual([copyJobName(images)]);

    const preview = await project.preview();
    expect(preview.changes).toMatchObject({ [`${imageCopyJob}::images`]: "create" });
    const up = await project.up();
    expect((await jobs()).map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
    expect(up.everything).not.toContain(passwords.ci);
    const list = await cluster.kubectl("get", "job", copyJobName(images), "-o", "jsonpath={.status.succeeded}");
    expect(list).toBe("20");
  },
  testMs,
);

const imageCopyJob = "pulumi-nodejs:dynamic/chart-mirror:ImageCopyJob";

test(
  "a second update changes nothing: this machine asked the registry for every digest",
  async () => expectUnchanged(await project.up()),
  testMs,
);

test(
  "an image that fails is named with its pod's last lines, and the others are copied all the same",
  async () => {
    const more = (name: string, like: number): Listed => ({
      ...(images[like] as Listed),
      target: `${mirrorHost}/more/${name}:1`,
    });
    const missing = { ...more("missing", 0), source: `${sourceHost}/team/none:1` };
    await set([...images, more("fine", 1), missing]);
    const failed = await project.up({ expectFailure: true });
    const said = failed.errors;
    expect(said).toContain(`Copying ${missing.source} to ${missing.target} in the cluster failed: pod default/`);
    expect(said).toMatch(/not found|404/);
    expect(said).not.toContain("more/fine");

    // Nothing but the missing one is left to do.
    await set([...images, more("fine", 1)]);
    await project.up();
    const names = (await jobs()).map(({ metadata }) => metadata.name);
    expect(names).not.toContain(copyJobName([more("fine", 1)]));
  },
  testMs,
);

test(
  "pods log in to an Azure registry with a password that a token of Microsoft Entra was exchanged for",
  async () => {
    const [first] = images;
    if (!first) throw new Error("no images");
    const toAzure = { ...first, target: `${azureHost}/mirror/app:1` };
    await set([...images, toAzure]);
    await project.up();
    // All was there but this one, which a Job of its own has copied and compared.
    const copied = await cluster.kubectl("get", "job", copyJobName([toAzure]), "-o", "jsonpath={.status.succeeded}");
    expect(copied).toBe("1");
    const login = await cluster.kubectl(
      "get",
      "secret",
      copyJobName([toAzure]),
      "-o",
      "jsonpath={.data.regctl\\.json}",
    );
    expect(Buffer.from(login, "base64").toString()).not.toContain(passwords.entra);
  },
  testMs,
);

test(
  "logins are in Secrets that go with their Job, and nowhere else",
  async () => {
    const objects = await cluster.kubectl("get", "jobs,pods,configmaps", "-o", "json");
    for (const password of Object.values(passwords)) expect(objects).not.toContain(password);
    for (const { metadata } of await jobs()) await cluster.kubectl("delete", "job", metadata.name);
    await cluster.kubectl("wait", "--for=delete", `secret/${copyJobName(images)}`, "--timeout=60s");
  },
  testMs,
);
