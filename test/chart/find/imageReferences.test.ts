import { gzipSync } from "node:zlib";
import { findImages } from "../../../src/chart/find/imageReferences";
import type { FoundImage } from "../../../src/chart/find/foundImage";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import type { JsonObject } from "../../../src/json";

const HEX = "c".repeat(64);

function find(yaml: string, values: JsonObject = {}): FoundImage[] {
  return findImages(parseManifests(yaml), { values });
}
/** `certainty reference at path` of each finding. */
function shown(images: readonly FoundImage[]): string[] {
  return images.map(({ certainty, reference, location, span, completedAtRunTime }) => {
    const at = location.path.join(".") + (span ? `[${span.start},${span.end}]` : "");
    return `${certainty} ${reference}${completedAtRunTime ? "…" : ""} at ${at}`;
  });
}
const pod = (spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  ${spec.replaceAll("\n", "\n  ")}\n`;
const config = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: ${JSON.stringify(text)}\n`;
const custom = (spec: string): string => `apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t}\nspec: ${spec}\n`;

describe("pod specs", () => {
  it("are found in every list of containers, and with image volumes", () => {
    const images = find(
      pod(
        "initContainers: [{name: i, image: 'a:1'}]\ncontainers: [{name: c, image: b}]\nephemeralContainers: [{name: e, image: 'quay.io/x/y:2'}]\nvolumes: [{name: v, image: {reference: 'quay.io/x/data:1'}}, {name: w, emptyDir: {}}]",
      ),
    );
    expect(shown(images)).toEqual([
      "certain a:1 at spec.initContainers.0.image",
      "certain b at spec.containers.0.image",
      "certain quay.io/x/y:2 at spec.ephemeralContainers.0.image",
      "certain quay.io/x/data:1 at spec.volumes.0.image.reference",
    ]);
    expect(images[0]).toMatchObject({
      why: "container i",
      manifest: 0,
      location: { apiVersion: "v1", kind: "Pod", name: "p", evidence: "container" },
    });
  });

  it.each([
    ["a workload", "kind: Deployment\nspec: {template: {spec: {containers: [{image: 'a:1'}]}}}\n"],
    ["a cron job", "kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{image: 'a:1'}]}}}}}\n"],
    ["a custom resource", "kind: Rollout\nspec: {deep: [{podTemplate: {spec: {containers: [{image: 'a:1'}]}}}]}\n"],
    ["a list", "kind: List\nitems: [{kind: Pod, spec: {containers: [{image: 'a:1'}]}}]\n"],
    ["a pod template", "kind: PodTemplate\ntemplate: {spec: {containers: [{image: 'a:1'}]}}\n"],
  ])("are found in %s", (_, yaml) => {
    expect(find(yaml)).toMatchObject([{ reference: "a:1", certainty: "certain" }]);
  });

  it.each([
    ["an injected image", "containers: [{name: c, image: auto}]"],
    ["no image", "containers: [{name: c}, {name: d, image: ''}]"],
  ])("have %s that nobody pulls", (_, spec) => {
    expect(find(pod(spec))).toEqual([]);
  });

  it.each(["a/B:1:2", "{{ .ProxyImage }}", "${REGISTRY}/a:1", "quay.io/a:${TAG}", "/team/a:1", "ghcr.io/a/*"])(
    "are reported even when what they hold is no reference: %s",
    (image) => {
      expect(shown(find(pod(`containers: [{image: '${image}'}]`)))).toEqual([
        `certain ${image} at spec.containers.0.image`,
      ]);
    },
  );

  it.each(["ghcr.io/a/*", "!*:latest", "a/* | b/*"])("of policies may hold patterns, which are none: %s", (image) => {
    const policy = `apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {pattern: {spec: {containers: [{image: '${image}'}]}}}\n`;
    expect(find(policy)).toEqual([]);
  });

  it("may have spaces around the reference, which are no part of it", () => {
    expect(shown(find(pod("containers: [{image: ' a:1 '}]")))).toEqual(["certain a:1 at spec.containers.0.image[1,4]"]);
  });

  it("know their hook", () => {
    const yaml =
      "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\nspec: {containers: [{image: 'a:1'}]}\n";
    expect(find(yaml)[0]?.location.hook).toBe("test");
  });
});

describe("a dump of values", () => {
  const values = {
    registry: "quay.io",
    image: { repository: "team/app", tag: "1" },
    side: { image: "quay.io/team/side", tag: "" },
  };
  const app = pod("containers: [{name: c, image: 'quay.io/team/app:1'}, {name: d, image: 'quay.io/team/side:3'}]");
  const hidden = (dump: string, given: JsonObject = values): string[] =>
    shown(find(`${app}---\n${config(dump)}`, given)).slice(2);

  it.each([
    ["names without their registry", "image: {repository: team/app, tag: '1'}"],
    ["names without their tag", "side: {image: quay.io/team/side, tag: ''}"],
  ])("shows %s, by which nothing pulls", (_, dump) => {
    expect(hidden(dump)).toEqual([]);
    expect(hidden(dump, { sub: values })).toEqual([]);
  });

  it("is read where it names what no container pulls, or a container's image whole", () => {
    const more = {
      ...values,
      other: { image: "quay.io/team/other", tag: "" },
      all: { image: "quay.io/team/app", tag: "1" },
    };
    expect(hidden("other: {image: quay.io/team/other, tag: ''}", more)).toEqual([
      "likely quay.io/team/other… at data.a",
    ]);
    expect(hidden("all: {image: quay.io/team/app, tag: '1'}", more)).toEqual(["likely quay.io/team/app:1 at data.a"]);
  });

  it("is none where values say something else at the place", () => {
    expect(hidden("sidecar: {image: quay.io/team/side, tag: ''}")).toEqual(["likely quay.io/team/side… at data.a"]);
  });
});

describe("what OpenShift builds", () => {
  it.each([
    [
      "an annotation with triggers",
      `kind: Deployment\nmetadata: {name: d, annotations: {image.openshift.io/triggers: '[{"from":{"kind":"ImageStreamTag","name":"web:latest"},"fieldPath":"spec.template.spec.containers[?(@.name==\\"web\\")].image"}]'}}\nspec: {template: {spec: {containers: [{name: web, image: 'web:latest'}, {name: side, image: 'quay.io/a/b:1'}]}}}\n`,
    ],
    [
      "triggers of a DeploymentConfig",
      "kind: DeploymentConfig\nspec: {triggers: [{type: ImageChange, imageChangeParams: {containerNames: [web]}}], template: {spec: {containers: [{name: web, image: 'web:latest'}, {name: side, image: 'quay.io/a/b:1'}]}}}\n",
    ],
    [
      "triggers by index, of a container without a name, too",
      `kind: Deployment\nmetadata: {name: d, annotations: {image.openshift.io/triggers: '[{"from":{"kind":"ImageStreamTag","name":"web:latest"},"fieldPath":"spec.template.spec.initContainers[0].image"},{"fieldPath":"spec.template.spec.containers[0].image"}]'}}\nspec: {template: {spec: {initContainers: [{name: i, image: 'web:1.2'}], containers: [{image: 'web:latest'}, {name: side, image: 'quay.io/a/b:1'}]}}}\n`,
    ],
    [
      "a trigger whose container has no image yet",
      "kind: DeploymentConfig\nspec: {triggers: [{imageChangeParams: {containerNames: [web], from: {kind: ImageStreamTag, name: 'a/web:1.0'}}}], template: {spec: {containers: [{name: web, image: ' '}, {name: side, image: 'quay.io/a/b:1'}]}}}\n",
    ],
  ])("is left out with %s", (_, yaml) => {
    expect(find(yaml).map(({ reference }) => reference)).toEqual(["quay.io/a/b:1"]);
  });

  it("is no image of another registry, which a Deployment has until a trigger has replaced it", () => {
    const deployment = (image: string) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, annotations: {image.openshift.io/triggers: '[{"from":{"kind":"ImageStreamTag","name":"web:latest"},"fieldPath":"spec.template.spec.containers[0].image"}]'}}\nspec: {template: {spec: {containers: [{name: web, image: '${image}'}]}}}\n`;
    const found = (yaml: string) => find(yaml).map(({ reference }) => reference);
    expect(found(deployment("quay.io/a/web:1"))).toEqual(["quay.io/a/web:1"]);
    for (const own of ["image-registry.openshift-image-registry.svc:5000/a/web:1", "172.30.1.1:5000/a/web", "a/web:1"])
      expect(found(deployment(own))).toEqual([]);
    // A host that has svc in its name is no service of the cluster.
    expect(found(deployment("a.b.svc.example.com/a/web:1"))).toEqual(["a.b.svc.example.com/a/web:1"]);
    // This one waits until the trigger has told its image.
    const waiting =
      "kind: DeploymentConfig\nspec: {triggers: [{type: ImageChange, imageChangeParams: {containerNames: [web]}}], template: {spec: {containers: [{name: web, image: 'quay.io/a/web:1'}]}}}\n";
    expect(found(waiting)).toEqual([]);
  });

  it("is not what it builds from and imports", () => {
    const yaml = `apiVersion: build.openshift.io/v1
kind: BuildConfig
metadata: {name: b}
spec:
  output: {to: {kind: DockerImage, name: 'quay.io/a/pushed:1'}}
  source: {dockerfile: "FROM a/base:1.0\\nRUN x", images: [{from: {kind: DockerImage, name: 'a/files:1'}}]}
  strategy: {dockerStrategy: {from: {kind: DockerImage, name: 'builder'}}}
  triggers: [{imageChange: {from: {kind: ImageStreamTag, name: 'a/stream:1.0'}}}]
---
apiVersion: image.openshift.io/v1
kind: ImageStream
metadata: {name: s}
spec: {dockerImageRepository: 'quay.io/a/all', tags: [{name: '1', from: {kind: DockerImage, name: 'quay.io/a/b:1'}}, {name: '2', from: {kind: ImageStreamTag, name: 'a/other:1.0'}}]}
---
apiVersion: image.openshift.io/v1
kind: ImageStreamImport
metadata: {name: i}
spec: {repository: {from: {kind: DockerImage, name: 'quay.io/a/tags'}}}
`;
    expect(shown(find(yaml))).toEqual([
      "certain a/files:1 at spec.source.images.0.from.name",
      "certain builder at spec.strategy.dockerStrategy.from.name",
      "likely a/base:1.0 at spec.source.dockerfile[5,15]",
      "certain quay.io/a/all… at spec.dockerImageRepository",
      "certain quay.io/a/b:1 at spec.tags.0.from.name",
      "certain quay.io/a/tags… at spec.repository.from.name",
    ]);
  });

  it("is not what other builders of that name run", () => {
    const yaml = "apiVersion: shipwright.io/v1beta1\nkind: Build\nspec: {builder: {image: 'quay.io/a/b:1'}}\n";
    expect(shown(find(yaml))).toEqual(["likely quay.io/a/b:1 at spec.builder.image"]);
  });

  it.each(["BuildConfig", "ImageStream"])("is left out in a %s", (kind) => {
    expect(find(`kind: ${kind}\nspec: {output: {to: {kind: ImageStreamTag, name: 'web:latest'}}}\n`)).toEqual([]);
  });
});

describe("arguments", () => {
  it.each<[string, string, string[]]>([
    [
      "a flag with its value",
      "args: ['--reloader-image=quay.io/a/b:1']",
      ["likely quay.io/a/b:1 at spec.containers.0.args.0[17,30]"],
    ],
    ["a flag, then its value", "args: [--executor-image, 'a/b:1']", ["likely a/b:1 at spec.containers.0.args.1"]],
    [
      "any flag, of a known registry",
      "args: ['--x=quay.io/a/b:1']",
      ["likely quay.io/a/b:1 at spec.containers.0.args.0[4,17]"],
    ],
    [
      "a script",
      "command: [sh, -c, 'exec run --base=1 quay.io/a/b:1 && ls']",
      ["likely quay.io/a/b:1 at spec.containers.0.command.2[18,31]"],
    ],
    [
      "parts in flags of their own",
      "args: ['--agent-image-repository=a/b', '--agent-image-tag=1']",
      ["likely a/b:1 at spec.containers.0.args.0"],
    ],
    [
      "variables that share a registry",
      "env: [{name: APP_REGISTRY, value: quay.io}, {name: APP_A_IMAGE_NAME, value: a}, {name: APP_A_IMAGE_TAG, value: '1'}, {name: APP_B_IMAGE_NAME, value: b}, {name: APP_B_IMAGE_TAG, value: '2'}]",
      ["likely quay.io/a:1 at spec.containers.0.env.1.value", "likely quay.io/b:2 at spec.containers.0.env.3.value"],
    ],
    ["a service", "args: ['--redis=redis:6379', '--listen=localhost:8080/x', '--kafka', 'kafka.svc:9092']", []],
    ["a mount", "args: ['-v=data/x:ro', '/etc/x:/etc/x:ro']", []],
    ["a URL", "args: ['--url=https://quay.io/a/b:1', '--u=git://ghcr.io/charts/x:1.0']", []],
    [
      "a URL that is pulled",
      "args: ['--u=oci://ghcr.io/charts/x:1.0']",
      ["likely ghcr.io/charts/x:1.0 at spec.containers.0.args.0[10,30]"],
    ],
    [
      "images by version",
      "args: ['--image-map=1.0:r.example.com/y:v1,1.1:quay.io/a/y:v2']",
      [
        "likely r.example.com/y:v1 at spec.containers.0.args.0[16,34]",
        "likely quay.io/a/y:v2 at spec.containers.0.args.0[39,53]",
      ],
    ],
    [
      "a shell's default",
      "command: [sh, -c, 'run --img=${IMG:-a/b:1} ${X:=quay.io/c/d:2}']",
      [
        "likely a/b:1 at spec.containers.0.command.2[17,22]",
        "likely quay.io/c/d:2 at spec.containers.0.command.2[29,42]",
      ],
    ],
    ["a policy's patterns", "args: ['ghcr.io/*:v1', 'ghcr.io/a/b:v1*', 'ghcr.io/a/*', 'ghcr.io/a/b:*']", []],
    ["a Go module", "args: ['go install github.com/a/b@v1.2.3', 'github.com/a/b:v1.2.3']", []],
    ["a file", "args: ['--icon-image=img/logo.png', '--c=conf/app.yaml']", []],
  ])("%s", (_, args, expected) => {
    expect(shown(find(pod(`containers: [{name: c, ${args}}]`)))).toEqual(expected);
  });
});

describe("environment values", () => {
  it.each<[string, string, string, string[]]>([
    ["a variable of an image", "PROXY_IMAGE", "a/b:1", ["likely a/b:1 at spec.containers.0.env.0.value"]],
    [
      "a related image",
      "RELATED_IMAGE_X",
      `a/b@sha256:${HEX}`,
      [`likely a/b@sha256:${HEX} at spec.containers.0.env.0.value`],
    ],
    ["a bare word", "AGENT_IMAGE", "vault", ["possible vault at spec.containers.0.env.0.value"]],
    [
      "versions and their images",
      "KAFKA_IMAGES",
      "3.9.0=quay.io/a/k:1\n3.9.1=quay.io/a/k:2\n",
      [
        "likely quay.io/a/k:1 at spec.containers.0.env.0.value[6,19]",
        "likely quay.io/a/k:2 at spec.containers.0.env.0.value[26,39]",
      ],
    ],
    [
      "a repository whose tag nobody tells",
      "DB_REPOSITORY",
      "ghcr.io/a/db",
      ["likely ghcr.io/a/db… at spec.containers.0.env.0.value"],
    ],
    [
      "what images stand below",
      "MONGODB_REPO_URL",
      "quay.io/mongodb",
      ["likely quay.io/mongodb… at spec.containers.0.env.0.value"],
    ],
    ["a quantity", "INIT_IMAGE_RESOURCES_CPU", "250m", []],
    ["a switch", "ENABLE_IMAGE_CACHE", "true", []],
    ["a policy", "IMAGE_PULL_POLICY", "Always", []],
    ["a choice about DNS", "TXT_REGISTRY", "txt", []],
    ["a service", "REDIS", "redis:6379", []],
    ["a version", "VERSION", "app:1.2", []],
  ])("%s", (_, name, value, expected) => {
    const env = `containers: [{name: c, env: [{name: ${name}, value: ${JSON.stringify(value)}}]}]`;
    expect(shown(find(pod(env)))).toEqual(expected);
  });
});

it("puts variables together that hold the parts of one reference", () => {
  const env =
    "env: [{name: PROXY_IMAGE_REGISTRY, value: quay.io}, {name: PROXY_IMAGE_NAME, value: a/b}, {name: PROXY_IMAGE_TAG, value: '1'}]";
  expect(find(pod(`containers: [{name: c, ${env}}]`))).toMatchObject([
    {
      reference: "quay.io/a/b:1",
      why: expect.stringContaining("PROXY_IMAGE_NAME, PROXY_IMAGE_REGISTRY, PROXY_IMAGE_TAG") as string,
    },
  ]);
});

it("reads what a Secret holds in base64", () => {
  const secret = (text: string): string =>
    `kind: Secret\nmetadata: {name: s}\ndata: {a: ${Buffer.from(text).toString("base64")}, b: AAECAw==}\n`;
  expect(find(secret("agent_image: quay.io/a/b:1\n"))).toMatchObject([
    { reference: "quay.io/a/b:1", encoded: true, span: { start: 13, end: 26 } },
  ]);
  expect(find(secret("image: {repository: a/b, tag: '1'}"))).toMatchObject([
    { reference: "a/b:1", encoded: true, inText: true },
  ]);
});

it("reads what a ConfigMap holds as binary data, compressed or not", () => {
  const config = (bytes: Buffer): string =>
    `kind: ConfigMap\nmetadata: {name: c}\nbinaryData: {a: ${bytes.toString("base64")}, b: AAECAw==, c: H4sIAAAA}\n`;
  const text = Buffer.from("agent_image: quay.io/a/b:1\n");
  for (const bytes of [text, gzipSync(text)])
    expect(find(config(bytes))).toMatchObject([
      { reference: "quay.io/a/b:1", encoded: true, span: { start: 13, end: 26 } },
    ]);
  // What grows beyond any configuration is none.
  expect(find(config(gzipSync(Buffer.alloc(2_000_000, "image: quay.io/a/b:1\n"))))).toEqual([]);
});

describe("base64 that the chart has written", () => {
  const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
  const CONFIG = "jobs:\n- name: a\n  image: quay.io/a/b:1\n";
  const place = (kind: string, field: string, text: string): string =>
    `kind: ${kind}\nmetadata: {name: s}\n${field}: {a: ${JSON.stringify(text)}}\n`;

  it.each<[string, string]>([
    ["a ConfigMap", place("ConfigMap", "data", base64(CONFIG))],
    ["a Secret's text", place("Secret", "stringData", base64(CONFIG))],
    ["a Secret, twice", place("Secret", "data", base64(base64(CONFIG)))],
    ["a custom resource", place("Agent", "spec", base64(CONFIG))],
    ["lines", place("ConfigMap", "data", base64(CONFIG).replace(/.{20}/g, "$&\n"))],
    ["a variable", `kind: Agent\nspec: {env: [{name: CONFIG, value: ${base64(CONFIG)}}]}`],
    ["what gzip has packed", place("ConfigMap", "data", base64(gzipSync(CONFIG)))],
  ])("is read in %s", (_, yaml) => {
    const start = CONFIG.indexOf("quay.io");
    expect(find(yaml)).toMatchObject([{ reference: "quay.io/a/b:1", encoded: true, span: { start, end: start + 13 } }]);
  });

  const AUTHS = JSON.stringify({ auths: { "quay.io/team": { username: "quay.io/a/b:1", auth: "eA==" } } }, null, 1);
  const SECRET = { kind: "Secret", metadata: { name: "s" } };
  it.each<[string, object]>([
    ["Docker's, encoded", { ...SECRET, data: { ".dockerconfigjson": base64(AUTHS) } }],
    ["Docker's, as a text", { ...SECRET, stringData: { "config.json": AUTHS } }],
    ["Docker's, in a ConfigMap", { ...SECRET, kind: "ConfigMap", data: { a: base64(AUTHS) } }],
    [
      "Docker's first form",
      { ...SECRET, type: "kubernetes.io/dockercfg", data: { ".dockercfg": base64(AUTHS.slice(10, -1)) } },
    ],
    ["a release of Helm's", { ...SECRET, type: "helm.sh/release.v1", data: { release: base64(base64(CONFIG)) } }],
  ])("is not looked for in logins and records of tools: %s", (_, object) => {
    expect(find(JSON.stringify(object))).toEqual([]);
  });

  it("is read beside logins", () => {
    const text = JSON.stringify({ auths: {}, image: "quay.io/a/b:1" });
    expect(find(place("ConfigMap", "data", text))).toMatchObject([{ reference: "quay.io/a/b:1" }]);
  });

  it("may hold fields, and an image whole", () => {
    expect(find(place("ConfigMap", "data", base64("image: {repository: a/b, tag: '1'}")))).toMatchObject([
      { reference: "a/b:1", encoded: true, inText: true },
    ]);
    const [whole] = find(place("ConfigMap", "data", base64("quay.io/a/b:1.2.3")));
    expect(whole).toMatchObject({ reference: "quay.io/a/b:1.2.3", encoded: true });
    expect(whole?.span).toBeUndefined();
  });

  it.each<[string, string]>([
    ["words", "image quay io and more"],
    ["a hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ["a path", "usr/local/share/images/defaults1"],
    ["a key", base64(Buffer.from("8f1d0c6a9b3e4f7788aa11bb22cc33dd44ee55ff66001122334455667788990a", "hex"))],
    ["binary data with a reference in it", base64(`\u0001\u0002 image: quay.io/a/b:1`)],
    ["a picture", base64(Buffer.from("\x89PNG\r\n\x1a\n quay.io/a/b:1", "latin1"))],
    ["text of no image", base64("port: 8080\nlevel: info\n")],
  ])("is not taken for it: %s", (_, text) => {
    expect(find(place("ConfigMap", "data", text))).toEqual([]);
    expect(find(place("Agent", "spec", text))).toEqual([]);
  });
});

describe("configuration", () => {
  it.each<[string, string, string[]]>([
    ["YAML with an image", "agent:\n  image: a/b:1\n  port: 80\n", ["likely a/b:1 at data.a[16,21]"]],
    ["JSON with an image", '{"image":"nginx:1.27","n":1}', ["likely nginx:1.27 at data.a[10,20]"]],
    [
      "a job in a text",
      "kind: Job\nspec:\n  containers:\n  - name: x\n    image: quay.io/a/b:1\n",
      ["likely quay.io/a/b:1 at data.a[53,66]"],
    ],
    ["keys that do not say image", "provisioner: quay.io/a/b:1\n", ["likely quay.io/a/b:1 at data.a[13,26]"]],
    ["fields in YAML", "image:\n  repository: a/b\n  tag: '1'\n", ["likely a/b:1 at data.a"]],
    [
      "fields in JSON",
      '{"sidecar":{"registry":"quay.io","repository":"a/b","tag":"1"}}',
      ["likely quay.io/a/b:1 at data.a"],
    ],
    [
      "an injector's hub, tag and names",
      '{"global":{"hub":"docker.io/istio","tag":"1.2","proxy":{"image":"proxyv2"}}}',
      ["likely docker.io/istio/proxyv2:1.2 at data.a"],
    ],
    ["a hub alone", "hub: docker.io/istio\n", ["likely docker.io/istio… at data.a[5,20]"]],
    ["a comment", "# docker pull quay.io/a/b:1\n  // or quay.io/a/b:2\necho hi\n", []],
    [
      "a script's first line",
      "#!/usr/bin/env -S docker run quay.io/a/b:1\n",
      ["likely quay.io/a/b:1 at data.a[29,42]"],
    ],
    ["a Dockerfile", "FROM nginx:1.27 AS build\nRUN x\n", ["likely nginx:1.27 at data.a[5,15]"]],
    ["a copy of an image", "docker://a/b:1.0\n", ["likely a/b:1.0 at data.a[9,16]"]],
    ["a template", "image: quay.io/a/b:{{ .Tag }}\n", ["likely quay.io/a/b… at data.a[7,18]"]],
    ["a default in CUE", 'image: *"a/b:v1.9.1" | string\n', ["likely a/b:v1.9.1 at data.a[9,19]"]],
    ["TOML", '[runner]\nimage = "alpine:3.20"\n', ["likely alpine:3.20 at data.a[18,29]"]],
    ["XML", "<agent><image>a/b:1</image></agent>", ["likely a/b:1 at data.a[14,19]"]],
    ["JSON in JSON", '{"x":"{\\"image\\":\\"nginx:1.27\\"}"}', ["likely nginx:1.27 at data.a[19,29]"]],
    ["prose", "see a/b:1.2 of the docs", ["possible a/b:1.2 at data.a[4,11]"]],
    ["a host with a tag", "x example.com/a/b:1.2 y", ["possible example.com/a/b:1.2 at data.a[2,21]"]],
    ["an API group", "rbac.authorization.k8s.io/v1: x\nkind: apps/v1\napp.kubernetes.io/name:web1", []],
    ["ports of services", "9000: ns/service:9000\n", []],
    ["a Java class", "class: org.apache.kafka.Main\ncoordinate: org.apache:kafka:3.9\n", []],
    ["a dashboard", '{"datasource":{"uid":"a/b"},"title":"CPU/Memory: 5"}', []],
  ])("%s", (_, text, expected) => {
    expect(shown(find(config(text)))).toEqual(expected);
  });
});

describe("custom resources", () => {
  it.each<[string, string, string[]]>([
    ["a whole image", "{image: 'quay.io/a/b:1'}", ["likely quay.io/a/b:1 at spec.image"]],
    ["an image without host", "{collector: {image: 'a/b:1'}}", ["likely a/b:1 at spec.collector.image"]],
    [
      "an image and the product's version",
      "{image: 'quay.io/a/b:1', version: v1}",
      ["likely quay.io/a/b:1 at spec.image"],
    ],
    [
      "an image and its hash",
      `{baseImage: a/b, tag: '1', sha: ${HEX}}`,
      [`likely a/b:1@sha256:${HEX} at spec.baseImage`],
    ],
    [
      "fields",
      "{image: {registry: quay.io, repository: a/b, tag: '1'}}",
      ["likely quay.io/a/b:1 at spec.image.repository"],
    ],
    [
      "fields whose tag the operator knows",
      "{image: {registry: quay.io, repository: a/b, tag: ''}}",
      ["likely quay.io/a/b… at spec.image.repository"],
    ],
    [
      "a step that is a container",
      "{steps: [{name: s, image: gradle, script: run}]}",
      ["likely gradle at spec.steps.0.image"],
    ],
    ["a name with its tag", "{image: {name: quay.io/a/b, tag: '1'}}", ["likely quay.io/a/b:1 at spec.image.name"]],
    ["an image volume's class", "{imageFeatures: layering, imagePullPolicy: Always}", []],
    ["a chart's repository", "{chart: {repository: 'https://quay.io/charts', chart: x, version: 1.0.0}}", []],
    [
      "an image whose version is its tag",
      "{baseImage: quay.io/a/b, version: v1}",
      ["likely quay.io/a/b:v1 at spec.baseImage"],
    ],
    [
      "an image that wins over its parts",
      "{image: 'quay.io/a/b:v2', baseImage: quay.io/a/b, version: v1}",
      ["likely quay.io/a/b:v2 at spec.image", "likely quay.io/a/b… at spec.baseImage"],
    ],
    ["a word that may be one", "{image: gradle}", ["possible gradle at spec.image"]],
    ["a word beside a policy", "{image: manager, imagePullPolicy: Always}", ["possible manager at spec.image"]],
    ["labels", "{selector: {matchLabels: {image: 'a/b:1'}}, labels: {image: 'a/b:1'}}", []],
  ])("%s", (_, spec, expected) => {
    expect(shown(find(custom(spec)))).toEqual(expected);
  });

  it.each<[string, string, boolean]>([
    ["an image", "spec: {image: quay.io/a/b}", false],
    ["a URL of Flux", "spec: {url: 'oci://quay.io/a/b'}", true],
    ["a CRD's default", "spec: {validation: {openAPIV3Schema: {properties: {image: {default: quay.io/a/b}}}}}", true],
  ])("%s without a tag: the tag may be told elsewhere", (about, spec, tagUntold) => {
    const kind = about.startsWith("a CRD") ? "CustomResourceDefinition" : "Thing";
    const [image] = find(`kind: ${kind}\nmetadata: {name: t}\n${spec}\n`);
    expect(image?.reference).toBe("quay.io/a/b");
    expect(image?.tagUntold === true).toBe(tagUntold);
  });

  it("are watched by Argo CD's updater, which picks a tag by itself", () => {
    const list = "a=ghcr.io/a/b:1.x, ghcr.io/a/c:~1.2, quay.io/a/d";
    const yaml = `kind: Thing\nmetadata: {name: t, annotations: {argocd-image-updater.argoproj.io/image-list: "${list}"}}\n`;
    expect(find(yaml).map(({ reference, completedAtRunTime }) => `${reference} ${completedAtRunTime}`)).toEqual([
      "ghcr.io/a/b:1.x true",
      "ghcr.io/a/c true",
      "quay.io/a/d true",
    ]);
  });

  it("hold lists of images in annotations", () => {
    const list = "- {name: a, image: 'quay.io/a/b:1'}\\n- {name: c, image: c/d}";
    const yaml = `kind: Thing\nmetadata: {name: t, annotations: {artifacthub.io/images: "${list}"}}\n`;
    expect(shown(find(yaml))).toEqual([
      "likely quay.io/a/b:1 at metadata.annotations.artifacthub.io/images[20,33]",
      "possible c/d at metadata.annotations.artifacthub.io/images[55,58]",
    ]);
  });

  it("hold images in annotations, but not in checksums", () => {
    const yaml = `kind: Thing\nmetadata: {name: t, annotations: {sidecar/image: 'quay.io/a/b:1', checksum/image: 'a/b:1', docs: 'https://quay.io/a/b'}}\n`;
    expect(find(yaml)).toMatchObject([{ reference: "quay.io/a/b:1", location: { evidence: "annotation" } }]);
  });
});

describe("defaults in CRDs", () => {
  const at = "spec.versions.0.schema.openAPIV3Schema.properties";
  it.each<[string, string, string[]]>([
    ["whole", "image: {default: 'quay.io/a/b:1'}", [`likely quay.io/a/b:1 at ${at}.image.default`]],
    [
      "without host",
      "spec: {properties: {sidecarImage: {default: 'a/b:1'}}}",
      [`likely a/b:1 at ${at}.spec.properties.sidecarImage.default`],
    ],
    [
      "in parts of several fields",
      "image: {properties: {repository: {default: quay.io/a/b}, tag: {default: '1'}}}",
      [`likely quay.io/a/b:1 at ${at}.image.properties.repository.default`],
    ],
    [
      "in a default of a map",
      "spec: {default: {image: {repository: quay.io/a/b, tag: '1'}}}",
      [`likely quay.io/a/b:1 at ${at}.spec.default.image.repository`],
    ],
    ["with another purpose", "path: {default: /var/run}, url: {default: 'https://quay.io/a'}", []],
  ])("%s", (_, properties, expected) => {
    const yaml = `kind: CustomResourceDefinition\nmetadata: {name: t}\nspec: {versions: [{name: v1, schema: {openAPIV3Schema: {properties: {${properties}}}}}]}\n`;
    const images = find(yaml);
    expect(shown(images)).toEqual(expected);
    for (const { location } of images) expect(location.evidence).toBe("crdDefault");
  });
});

describe("evidence from the rest of the chart", () => {
  const text = config("run: example.com/x/agent:v2\nalso: postgres:16\nuse: x/other:nightly\n");
  it.each<[string, string, JsonObject, string[]]>([
    ["nothing", "", {}, ["possible example.com/x/agent:v2: config run: it has a host, a path and a tag"]],
    [
      "a container of the same repository",
      `---\n${pod("containers: [{image: 'example.com/x/agent:v1'}, {image: 'docker.io/postgres:15'}]")}`,
      {},
      [
        "likely example.com/x/agent:v2: config run: same repository as a container",
        "likely postgres:16: config also: same repository as a container",
      ],
    ],
    [
      "values, whole and in parts",
      "",
      {
        agent: { image: { registry: "example.com", repository: "x/agent", tag: "v2" } },
        otherImage: "x/other:nightly",
      },
      [
        "likely example.com/x/agent:v2: config run: named by value agent.image.repository",
        "likely x/other:nightly: config use: named by value otherImage",
      ],
    ],
  ])("%s", (_, more, values, expected) => {
    const images = find(`${text}${more}`, values).filter(({ location }) => location.kind === "ConfigMap");
    expect(images.map(({ certainty, reference, why }) => `${certainty} ${reference}: ${why}`)).toEqual(expected);
  });

  it.each<[string, string, string[]]>([
    ["what a program calls itself", "user_agent: x/agent\n", []],
    ["prose", "run it as in x/agent of the docs\n", []],
    ["a repository", "repository: x/agent\n", ["likely x/agent… at data.a[12,19]"]],
    [
      "a name whose tag is told elsewhere",
      "IMAGE_NAME: example.com/x/agent\n",
      ["likely example.com/x/agent… at data.a[12,31]"],
    ],
    ["another tag", "run: x/agent:v2\n", ["likely x/agent:v2 at data.a[5,15]"]],
  ])("takes for the image of a container, or not: %s", (_, text, expected) => {
    const containers = pod("containers: [{image: 'example.com/x/agent:v1'}, {image: 'x/agent:v1'}]");
    const images = find(`${config(text)}---\n${containers}`).filter(({ location }) => location.kind === "ConfigMap");
    expect(shown(images)).toEqual(expected);
  });

  it("doubts a word that a value names, too, where nothing says that it is run", () => {
    expect(shown(find(custom("{manager: {image: manager}}"), { manager: { image: "manager" } }))).toEqual([
      "possible manager at spec.manager.image",
    ]);
  });
});
