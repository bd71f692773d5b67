import { findImages } from "../../../src/chart/find/imageReferences";
import { registryMentions, stillMentions } from "../../../src/chart/find/registryMentions";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import type { JsonObject } from "../../../src/json";

function mentions(yaml: string, values: JsonObject = {}): string[] {
  const manifests = parseManifests(yaml);
  return registryMentions(manifests, findImages(manifests, { values }), values).map(
    ({ key, host, location, inText }) =>
      `${key}=${host} at ${location.path.join(".")}${inText ? ` ${inText.join(".")}` : ""}`,
  );
}
const config = (data: JsonObject): string =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data });
const pod = (container: JsonObject): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", image: "acme.example:5000/team/app:1", ...container }] },
  });

describe("registryMentions", () => {
  test.each<[string, string, JsonObject, string[]]>([
    ["a key", config({ IMAGE_REGISTRY: "docker.io" }), {}, ["IMAGE_REGISTRY=docker.io at data.IMAGE_REGISTRY"]],
    ["a slash behind it", config({ registry: "quay.io/" }), {}, ["registry=quay.io at data.registry"]],
    [
      "a variable",
      pod({ env: [{ name: "REGISTRY_HOST", value: "quay.io" }] }),
      {},
      ["REGISTRY_HOST=quay.io at spec.containers.0.env.0.value"],
    ],
    ["an argument", pod({ args: ["--registry=quay.io"] }), {}, ["registry=quay.io at spec.containers.0.args.0"]],
    [
      "a host that only this chart's images have",
      pod({ env: [{ name: "REGISTRY", value: "acme.example:5000" }] }),
      {},
      ["REGISTRY=acme.example:5000 at spec.containers.0.env.0.value"],
    ],
    ["a host that no image has", pod({ env: [{ name: "REGISTRY", value: "schema.example" }] }), {}, []],
    [
      "a field in a text",
      config({ a: "pullPolicy: x\nregistry: quay.io\n" }),
      {},
      ["registry=quay.io at data.a 0.registry"],
    ],
    [
      "a field in base64",
      config({ a: Buffer.from("pullPolicy: x\nregistry: quay.io\n").toString("base64") }),
      {},
      ["registry=quay.io at data.a 0.registry"],
    ],
    [
      "a Secret's key",
      JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { registry: "cXVheS5pbw==" } }),
      {},
      ["registry=quay.io at data.registry"],
    ],
    ["a value that is shown", config({ a: "pullPolicy: x\nregistry: quay.io\n" }), { registry: "quay.io" }, []],
    ["a part of an image", config({ registry: "quay.io", image: "team/app:1" }), {}, []],
    ...[
      "imagePullPrefix",
      "operandImagePullPrefix",
      "systemDefaultRegistry",
      "quayRepository",
      "DOCKER_PREFIX",
      "imageHost",
    ].map((key): [string, string, JsonObject, string[]] => [
      `${key} of a custom resource`,
      JSON.stringify({
        apiVersion: "acme.example/v1",
        kind: "Shop",
        metadata: { name: "s" },
        spec: { [key]: "icr.io" },
      }),
      {},
      [`${key}=icr.io at spec.${key}`],
    ]),
    ["keys of something else", config({ imagePullSecret: "quay.io", host: "quay.io", imageUser: "quay.io" }), {}, []],
    ["another key", config({ server: "docker.io", registryPassword: "docker.io" }), {}, []],
    ["a path behind it, which is found as the beginning of images", config({ registry: "quay.io/team" }), {}, []],
    ["a list of registries that a policy allows", pod({ args: ["quay.io"] }), {}, []],
  ])("%s", (_, yaml, values, expected) => expect(mentions(yaml, values)).toEqual(expected));

  it("are told apart from those that moved", () => {
    const manifests = parseManifests(config({ a: "pullPolicy: x\nregistry: quay.io\n", REGISTRY: "quay.io" }));
    const found = registryMentions(manifests, [], {});
    const [now] = parseManifests(config({ a: "pullPolicy: x\nregistry: mirror.test/p\n", REGISTRY: "quay.io" }));
    expect(found.map((mention) => [mention.key, stillMentions(mention, now?.object ?? {})])).toEqual([
      ["registry", false],
      ["REGISTRY", true],
    ]);
  });
});
