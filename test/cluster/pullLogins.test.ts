/** The logins of each kind of registry in a pull secret of ours, tried by a real kubelet: with it, without, with a wrong one. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerConfigJson } from "../../src/cluster/dockerConfigSecret";
import { serveRegistry, startCluster, type Cluster } from "../support/cluster";
import { makeRunnableImage, pushImage } from "../support/images";
import { certificateAuthority, startRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

const startMs = 20 * 60_000;
const testMs = 5 * 60_000;

/** As Google hands it out: longer than the 72 bytes that bcrypt, and so an htpasswd file, looks at. */
const jsonKey = JSON.stringify({
  type: "service_account",
  project_id: "appcircle",
  private_key: generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey,
});

/** Registries by how they let pods in; ACR by a token of a scope map, which lasts. A wrong password differs at its end alone. */
const kinds = (
  [
    {
      kind: "ecr",
      scheme: "basic",
      behaviour: "ecr",
      username: "AWS",
      password: Buffer.from("ecr token ".repeat(120)).toString("base64"),
    },
    {
      kind: "acr",
      scheme: "bearer",
      behaviour: "acr",
      username: "mirror-pull",
      password: "passwordOfAScopeMapsToken",
    },
    { kind: "google", scheme: "bearer", behaviour: "artifactRegistry", username: "_json_key", password: jsonKey },
    {
      kind: "quay",
      scheme: "bearer",
      behaviour: "quay",
      username: "appcircle+puller",
      password: "ROBOTTOKEN0123456789",
    },
  ] as const
).map((kind, i) => ({ ...kind, port: 5101 + i, host: `${kind.kind}.test:${5101 + i}` }));

let scratch: string;
let cluster: Cluster;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "pull-logins-"));
  const image = makeRunnableImage({ binary: readFileSync(await ensureTool("pause")), args: ["-http"] });
  const names = kinds.map(({ kind }) => `${kind}.test`);
  const certificate = await (await certificateAuthority()).issue(names);
  cluster = await startCluster({ hosts: names, certificateAuthorities: [certificate.ca], log: () => undefined });
  for (const { kind, scheme, behaviour, username, password, port } of kinds) {
    const filled = await startRegistry({ storage: { folder: join(scratch, kind) } });
    await pushImage(filled, "team/app:1", image);
    await filled.close();
    const auth = { scheme, users: { [username]: password } };
    await serveRegistry(cluster, scratch, kind, { behaviour, auth, port, tls: { certificate } });
  }
}, startMs);

afterAll(async () => {
  await cluster?.stop();
  rmSync(scratch, { recursive: true });
}, testMs);

async function apply(name: string, object: object): Promise<void> {
  const file = join(scratch, `${name}.object.json`);
  writeFileSync(file, JSON.stringify(object));
  await cluster.kubectl("apply", "--filename", file);
}

const secret = (name: string, host: string, username: string, password: string): Promise<void> =>
  apply(`secret-${name}`, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": dockerConfigJson([{ host, username, password }]) },
  });

const pod = (name: string, host: string, pullSecret?: string): Promise<void> =>
  apply(`pod-${name}`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "main",
          image: `${host}/team/app:1`,
          imagePullPolicy: "Always",
          readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
        },
      ],
      ...(pullSecret !== undefined && { imagePullSecrets: [{ name: pullSecret }] }),
    },
  });

/** What the kubelet says of a pod whose image it could not pull. */
async function refusal(name: string): Promise<string> {
  const waiting = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull";
  await cluster.kubectl("wait", `--for=${waiting}`, `pod/${name}`, "--timeout=60s");
  return cluster.kubectl(
    "get", "events", `--field-selector=involvedObject.name=${name},reason=Failed`, "-o", "jsonpath={.items[*].message}",
  ); // prettier-ignore
}

test.each(kinds)(
  "$kind: pods pull with the login, and with none or a wrong one the event says why not",
  async ({ kind, host, username, password }) => {
    await secret(`${kind}-right`, host, username, password);
    await secret(`${kind}-wrong`, host, username, `${password.slice(0, -1)}!`);
    await pod(`${kind}-with`, host, `${kind}-right`);
    await pod(`${kind}-without`, host);
    await pod(`${kind}-wrong`, host, `${kind}-wrong`);
    await cluster.kubectl("wait", "--for=condition=Ready", `pod/${kind}-with`, "--timeout=60s");
    expect(await refusal(`${kind}-without`)).toMatch(
      /401 Unauthorized|403 Forbidden|no basic auth|authorization failed|insufficient_scope/,
    );
    expect(await refusal(`${kind}-wrong`)).toMatch(
      /401 Unauthorized|403 Forbidden|authorization failed|incorrect username/,
    );
    await cluster.kubectl("delete", "pod", `${kind}-with`, `${kind}-without`, `${kind}-wrong`, "--wait=false");
  },
  testMs,
);
