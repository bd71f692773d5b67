import Ajv from "ajv";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { clusterImagesCommand } from "../../../src/cli/cluster/clusterImagesCommand";
import type { ClusterOptions } from "../../../src/cli/cluster/clusterOptions";
import { clusterWhyCommand } from "../../../src/cli/cluster/clusterWhyCommand";
import { main } from "../../../src/cli/main";
import type { JsonObject } from "../../../src/json";
import { admissionParameters } from "../../../src/kubernetes/admission/parameters";
import { containers, fakeCluster, object, setBy, template } from "../../kubernetes/clusterImages/fakeCluster";

const DIGEST = `sha256:${"a".repeat(64)}`;
const mirror = { host: "r.test", path: "p" };

const shop = object("v1", "Namespace", "shop", {}, undefined, {
  annotations: admissionParameters({ mirror, layout: {}, exceptions: ["excepted.test/*"] }),
});
const kafka = object("kafka.test/v1", "Kafka", "events", { spec: {} });
const deployment = object(
  "apps/v1",
  "Deployment",
  "web",
  template(containers(["main", "nginx"])),
  undefined,
  setBy("kubectl", ["spec", "template", "spec"], "main"),
);
const pods = [
  ...["events-0", "events-1"].map((name) =>
    object(
      "v1",
      "Pod",
      name,
      {
        spec: containers(["kafka", "quay.io/k/afka:1"], ["agent", "r.test/p/agent:1"]),
        status: { containerStatuses: [{ name: "kafka", imageID: `quay.io/k/afka@${DIGEST}` }] },
      },
      kafka,
    ),
  ),
  object("v1", "Pod", "web-a", { spec: containers(["main", "nginx"], ["x", "excepted.test/x:1"]) }, deployment),
  object("v1", "Pod", "web-b", { spec: containers(["main", "docker.io/library/nginx"]) }, deployment),
  object("v1", "Pod", "elsewhere", { spec: containers(["main", "b.test/x:1"]) }, undefined, { namespace: "other" }),
];
const objects = [shop, kafka, deployment, ...pods];

async function run(
  command: typeof clusterImagesCommand,
  options: Partial<ClusterOptions> = {},
  { has = objects, input = "" }: { has?: readonly JsonObject[]; input?: string } = {},
) {
  const said = { out: "", err: "" };
  const streams = { out: (text: string) => void (said.out += text), err: (text: string) => void (said.err += text) };
  const all = { to: [], ignoreImage: [], auditLog: [], ...options };
  const code = await command(all, streams, Readable.from([input]), () => Promise.resolve(fakeCluster(has)));
  if (all.output === "json") expectAsPublished(said.out);
  return { code, ...said };
}

const ajv = new Ajv({ strict: true, strictTypes: false });
ajv.addSchema(JSON.parse(readFileSync(join(__dirname, "../../../schema/output-v1.json"), "utf8")) as object);

/** Data of images --cluster and of why --cluster are of one kind, as the published schema has it. */
function expectAsPublished(out: string): void {
  for (const command of ["images", "why"]) {
    const schema = `urn:pulumi-chart-mirror:output:1#/definitions/${command}`;
    expect(ajv.validate(schema, JSON.parse(out)) || ajv.errors).toBe(true);
  }
}

const why =
  (image: string): typeof clusterImagesCommand =>
  (options, ...rest) =>
    clusterWhyCommand(image, options, ...rest);

it("lists what is outside the mirrors of namespaces, once however it is written", async () => {
  const { code, out, err } = await run(clusterImagesCommand);
  expect(code).toBe(3);
  expect(out.split("\n").map((line) => line.split(/ {3,}/))).toEqual([
    ["IMAGE", "PODS", "MADE BY", "WHY"],
    [
      "docker.io/library/nginx",
      "2",
      "shop/Deployment web and 1 more",
      expect.stringContaining("it was changed as the pod was made"),
    ],
    ["quay.io/k/afka:1", "2", "shop/Kafka events", expect.stringContaining("Kafka events does not name it")],
    [""],
  ]);
  expect(err).toBe(
    "2 images outside the mirror, 1 excepted\n1 images stand in namespaces that no MirrorAdmission is for: --to HOST[/PATH] holds them against the mirror, too\n--extra-images ts or yaml prints them ready to be pasted; chart-mirror why IMAGE --cluster says more of one\n",
  );
});

it("looks at all namespaces by the mirror that it is told, and leaves ignored images alone", async () => {
  const { out } = await run(clusterImagesCommand, {
    to: [{ host: "quay.io" }],
    ignoreImage: ["*nginx"],
    output: "json",
  });
  expect((JSON.parse(out) as { reference: string }[]).map(({ reference }) => reference)).toEqual([
    "b.test/x:1",
    "r.test/p/agent:1",
  ]);
});

it("is content with a cluster that pulls from the mirror alone", async () => {
  const { code, out, err } = await run(clusterImagesCommand, {}, { has: [shop] });
  expect([code, out, err]).toEqual([0, "", "0 images outside the mirror\n"]);
});

it("prints what is to be pasted, with where each was seen", async () => {
  const { out } = await run(clusterImagesCommand, { extraImages: "ts" });
  expect(out).toBe(
    `extraImages: [\n  "docker.io/library/nginx", // container main of shop/Deployment web\n  "quay.io/k/afka:1", // container kafka of shop/Kafka events, ${DIGEST}\n],\n`,
  );
  expect((await run(clusterImagesCommand, { extraImages: "yaml" })).out).toBe(
    `extraImages:\n  - "docker.io/library/nginx" # container main of shop/Deployment web\n  - "quay.io/k/afka:1" # container kafka of shop/Kafka events, ${DIGEST}\n`,
  );
  expect((await run(clusterImagesCommand, { extraImages: "yaml" }, { has: [shop] })).out).toBe("extraImages: []\n");
});

const audited = (image: string, namespace = "shop"): string => {
  const message = `container web would pull ${image}, outside the mirror (r.test/p/). Name the image there`;
  return `${JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    user: { username: "operator" },
    objectRef: { resource: "pods", namespace, name: "gone" },
    annotations: {
      "validation.policy.admission.k8s.io/validation_failure": JSON.stringify([{ message, policy: "chart-mirror-1" }]),
    },
  })}\n`;
};

describe("with an audit log", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "audit-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has what ran before, as far as it would be outside now", async () => {
    const file = join(folder, "audit.log");
    writeFileSync(file, audited("quay.io/gone:1") + audited("excepted.test/y:1") + audited("nginx"));
    const { out, err } = await run(
      clusterImagesCommand,
      { auditLog: [file, "-"], output: "json" },
      { input: `${audited("c.test/x:2", "gone")}chart-mirror- {\n` },
    );
    const images = JSON.parse(out) as { reference: string; audited: unknown[] }[];
    expect(images.map(({ reference, audited }) => [reference, audited.length])).toEqual([
      ["c.test/x:2", 1],
      ["nginx", 1],
      ["quay.io/gone:1", 1],
      ["quay.io/k/afka:1", 0],
    ]);
    expect(err).toContain("warning: -: 1 lines cannot be read as audit events\n");
    const told = await run(why("quay.io/gone"), { auditLog: [file] });
    expect([told.code, told.out]).toEqual([
      3,
      "quay.io/gone:1: outside the mirror\n  audit log: container web of shop/pods/gone, by operator\n",
    ]);
  });

  it("shows names with lines of their own as one", async () => {
    const file = join(folder, "lines.log");
    writeFileSync(
      file,
      audited("quay.io/gone:1").replace('"operator"', JSON.stringify("x\n  pod shop/a is fine\u001b[2K")),
    );
    const { out } = await run(why("quay.io/gone"), { auditLog: [file] });
    expect(out.split("\n")).toEqual([
      "quay.io/gone:1: outside the mirror",
      "  audit log: container web of shop/pods/gone, by x\\u000a  pod shop/a is fine\\u001b[2K",
      "",
    ]);
  });

  it("says which file cannot be read", async () => {
    await expect(run(clusterImagesCommand, { auditLog: [join(folder, "none")] })).rejects.toMatchObject({
      code: "AUDIT_LOG_UNREADABLE",
    });
  });
});

it.each<[string, string, number, string]>([
  [
    "an image of an operator",
    "quay.io/k/afka",
    3,
    `quay.io/k/afka:1: outside the mirror, running ${DIGEST}\n  pod shop/events-0 and 1 more, container kafka\n    made by Kafka events\n    Kafka events does not name it: it is a default of the program that makes its pods\n`,
  ],
  [
    "one in the mirror",
    "r.test/p/agent:1",
    0,
    "r.test/p/agent:1: in the mirror\n  pod shop/events-0 and 1 more, container agent\n    made by Kafka events\n    Kafka events does not name it: it is a default of the program that makes its pods\n",
  ],
  [
    "one of a namespace without a mirror",
    "b.test/x:1",
    0,
    "b.test/x:1: in a namespace that no MirrorAdmission is for\n  pod other/elsewhere, container main\n    nothing else owns it\n",
  ],
])("says of %s who has made its pods", async (_, image, code, out) => {
  expect(await run(why(image))).toMatchObject({ code, out });
});

it("says who has set an image, and prints data", async () => {
  const { out } = await run(why("nginx:latest".split(":")[0] ?? ""));
  expect(out).toContain("    Deployment web has it\n    set by kubectl\n");
  const json = JSON.parse((await run(why("nginx"), { output: "json" })).out) as { uses: { origin: object }[] }[];
  expect(json[0]?.uses.map(({ origin }) => origin)).toContainEqual({
    kind: "object",
    why: "Deployment web has it",
    setBy: "kubectl",
  });
});

it("says which image is nowhere, and that no mirror is known", async () => {
  await expect(run(why("gone.test/x"))).rejects.toMatchObject({ code: "IMAGE_NOT_IN_CLUSTER" });
  await expect(run(clusterImagesCommand, {}, { has: pods })).rejects.toMatchObject({ code: "MIRROR_NOT_TOLD" });
});

it.each([
  [["images"], "what is to be looked at is missing"],
  [["images", "./chart", "--cluster"], "./chart and --cluster exclude each other"],
  [["images", "./chart", "--audit-log", "x"], "--audit-log is for --cluster"],
  [["images", "./chart", "--extra-images", "ts"], "--extra-images is for --cluster"],
  [["why", "shop", "--to", "r.test"], "--to is for --cluster"],
])("refuses %j", async (args, words) => {
  let err = "";
  expect(await main(args, { out: () => undefined, err: (text) => void (err += text) })).toBe(2);
  expect(err).toContain(words);
});
