import { TOLERATED, toleranceOf, type PlannedTexts, type Tolerance } from "../../../src/chart/compare/tolerance";
import type { Json, JsonPath } from "../../../src/json";

const PLANNED: PlannedTexts = {
  texts: ["mirror.test/p", "pull"],
  edited: [
    { before: "docker.io", after: "mirror.test/p" },
    { before: "nginx", after: "library/nginx" },
  ],
  pullSecret: "pull",
  settings: [{ key: "allowInsecureImages", value: true }],
};
const sha = (digit: string): string => digit.repeat(64);
const b64 = (value: Json): string => Buffer.from(JSON.stringify(value)).toString("base64");

const rows: [string, Tolerance | undefined, JsonPath, Json | undefined, Json | undefined][] = [
  ["a registry in an environment value", "shown", ["env", 0, "value"], "quay.io", "mirror.test/p"],
  ["an argument", "shown", ["args", 0], "--image=quay.io/a/b:1", "--image=mirror.test/p/a/b:1"],
  [
    "a dump as JSON",
    "shown",
    ["data", "v"],
    '{"image":{"registry":"quay.io"}}',
    '{"image":{"registry":"mirror.test/p"}}',
  ],
  [
    "a dump as YAML that gets a new key",
    "shown",
    ["data", "v"],
    "a: 1\nb:\n  c: 2\n",
    "a: 1\nb:\n  c: 2\nglobal:\n  imageRegistry: mirror.test/p\n",
  ],
  [
    "a dump with a guard",
    "shown",
    ["data", "v"],
    "g:\n  allowInsecureImages: false\n",
    "g:\n  allowInsecureImages: true\n",
  ],
  ["a dump in base64", "shown", ["data", "v"], b64({ image: "quay.io/a:1" }), b64({ image: "mirror.test/p/a:1" })],
  [
    "a dump of nothing in base64",
    "shown",
    ["data", "v"],
    "bnVsbA==",
    Buffer.from("images:\n  registry: mirror.test/p\n").toString("base64"),
  ],
  ["a dump of nothing", "shown", ["data", "v"], "{}", "images:\n  registry: mirror.test/p\n"],
  ["a variable that came with the value", "shown", ["env", 3], undefined, { name: "REGISTRY", value: "mirror.test/p" }],
  [
    "a pull secret in the text of a pod template",
    "shown",
    ["data", "job"],
    "spec:\n  {{ if .X }}\n  containers:\n",
    "spec:\n  {{ if .X }}\n  imagePullSecrets:\n  - name: pull\n  containers:\n",
  ],
  [
    "a registry that came, with the other parts of a reference",
    "shown",
    ["spec", "overrides"],
    undefined,
    { all: { registry: "mirror.test/p" }, cache: { registry: "mirror.test/p", namespace: "cp", tag: "7" } },
  ],
  ["the rest of a path in a variable", "shown", ["env", 0, "value"], "nginx", "library/nginx"],
  ["the rest of a path in a text", "shown", ["data", "v"], "a\nrun nginx:1\n", "a\nrun library/nginx:1\n"],
  [
    "a variable that reads the secret",
    "shown",
    ["env", 3],
    undefined,
    { name: "AUTH", valueFrom: { secretKeyRef: { name: "pull", key: "config.json", optional: true } } },
  ],
  ["a sha256", "checksum", ["annotations", "checksum/config"], sha("a"), sha("b")],
  ["a short hash", "checksum", ["annotations", "rollme"], "1a2b3c4d", "5e6f7a8b"],
  ["a hash that ends an object's name", "checksum", ["metadata", "name"], "app-config-0a6d929c", "app-config-51fe03b7"],
  [
    "a number that ends the name of what is mounted",
    "checksum",
    ["configMap", "name"],
    "app-123456789",
    "app-4123456780",
  ],
  ["a secret in a list", "pullSecret", ["spec", "imagePullSecrets"], undefined, [{ name: "pull" }]],
  ["a secret beside another", "pullSecret", ["spec", "imagePullSecrets", 1], undefined, { name: "pull" }],

  ["a replaced number", undefined, ["spec", "replicas"], 1, 2],
  ["another text", undefined, ["data", "mode"], "a", "b"],
  ["another text beside the rest of a path", undefined, ["data", "mode"], "nginx a", "library/nginx b"],
  ["a hash in a text beside nothing else", undefined, ["data", "mode"], `x ${sha("a")}`, `x ${sha("b")}`],
  ["nothing that became more than the plan", undefined, ["data", "v"], "{}", "images: mirror.test/p\nmode: fast\n"],
  ["a text that is gone", undefined, ["data", "mode"], "a", undefined],
  ["a secret that is gone", undefined, ["spec", "imagePullSecrets"], [{ name: "mine" }], undefined],
  ["a dump in which more changed", undefined, ["data", "v"], '{"a":"quay.io","n":1}', '{"a":"mirror.test/p","n":2}'],
  [
    "a text in which another word changed",
    undefined,
    ["args", 0],
    "run quay.io/a:1 slow",
    "run mirror.test/p/a:1 fast",
  ],
  ["a line that came into a text", undefined, ["data", "job"], "a\nb\n", "a\nimage: mirror.test/p/x\nrun: y\nb\n"],
  [
    "a line that is gone from a text",
    undefined,
    ["data", "job"],
    "image: quay.io/a\nb\nc",
    "image: mirror.test/p/a\nc",
  ],
  ["a list item without the plan", undefined, ["env", 3], undefined, { name: "DEBUG", value: "1" }],
  [
    "a part that came with the value but shows it only here and there",
    undefined,
    ["spec", "extra"],
    undefined,
    { a: "mirror.test/p", b: "c" },
  ],
  [
    "a registry that came with a word beside it that is no part of a reference",
    undefined,
    ["spec", "extra"],
    undefined,
    { registry: "mirror.test/p", mode: "relocated" },
  ],
  [
    "a part that came and names an image elsewhere beside the mirror",
    undefined,
    ["spec", "extra"],
    undefined,
    { registry: "mirror.test/p", image: "quay.io/a/b:1" },
  ],
  ["a hash that became a word", undefined, ["annotations", "checksum/config"], sha("a"), "none"],
  ["another version", undefined, ["labels", "helm.sh/chart"], "app-1.2.3", "app-1.2.4"],
  ["a hash behind a version", undefined, ["labels", "helm.sh/chart"], "app-1.2.3", "app-1.2.3_0123456789ab"],
  ["a word that ends an object's name", undefined, ["metadata", "name"], "app-facade", "app-decade"],
  ["a hash and more in an object's name", undefined, ["metadata", "name"], "app-0a6d929c", "web-51fe03b7"],
  ["a small number in an object's name", undefined, ["metadata", "name"], "app-1", "app-2"],
  ["a version in an object's name", undefined, ["metadata", "name"], "app-1.20.1", "app-1.20.2"],
  ["a hash in something else than a name", undefined, ["spec", "mode"], "app-0a6d929c", "app-51fe03b7"],
  ["an object's name", undefined, ["metadata", "name"], "app", "app-mirror.test/p"],
  ["a label", undefined, ["metadata", "labels", "image"], "quay.io", "mirror.test/p"],
  ["a selector", undefined, ["spec", "selector", "matchLabels", "image"], "quay.io", "mirror.test/p"],
];

describe("toleranceOf", () => {
  test.each(rows)("%s: %s", (_, expected, path, before, after) => {
    expect(toleranceOf({ path, before, after }, PLANNED)).toBe(expected);
  });

  test("every tolerance has its reason and its case here", () => {
    // `unstable` is found by rendering twice, see the verification.
    const tried = new Set([...rows.map(([, tolerance]) => tolerance), "unstable"]);
    expect(Object.keys(TOLERATED).filter((name) => !tried.has(name as Tolerance))).toEqual([]);
  });
});
