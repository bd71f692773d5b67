import { composeSplit, imagesBelowHub, splitImages } from "../../../src/chart/find/splitImages";
import type { JsonObject } from "../../../src/json";

const HEX = "b".repeat(64);

describe("splitImages", () => {
  it.each<[string, JsonObject, string[]]>([
    ["repository and tag", { repository: "a/b", tag: "1" }, ["a/b:1"]],
    ["a registry", { registry: "quay.io", repository: "a/b", tag: "1" }, ["quay.io/a/b:1"]],
    ["a registry with a slash", { registry: "quay.io/x/", repository: "a", tag: "1" }, ["quay.io/x/a:1"]],
    ["a digest", { repository: "a/b", digest: `sha256:${HEX}` }, [`a/b@sha256:${HEX}`]],
    ["a digest without its algorithm", { repository: "a/b", tag: "1", sha: HEX }, [`a/b:1@sha256:${HEX}`]],
    ["a number for a tag", { repository: "a/b", tag: 3.5 }, ["a/b:3.5"]],
    [
      "a repository, an image and a version",
      { repository: "nvcr.io/nvidia", image: "driver", version: "5" },
      ["nvcr.io/nvidia/driver:5"],
    ],
    ["an empty tag", { repository: "a/b", tag: "" }, ["a/b"]],
    ["flat keys", { imageRepository: "a/b", imageTag: "1" }, ["a/b:1"]],
    ["an image and its tag", { image: "a/b", tag: "1" }, ["a/b:1"]],
    ["a base image", { baseImage: "a/b", tag: "1" }, ["a/b:1"]],
    ["a registry and a name", { registry: "quay.io", name: "a/b", tag: "1" }, ["quay.io/a/b:1"]],
    [
      "keys that begin alike",
      { reloaderImage: "a/b", reloaderImageTag: "1", metricsImage: "c/d", metricsTag: "2" },
      ["a/b:1", "c/d:2"],
    ],
    ["keys that begin alike, of a repository", { jmxImageRepo: "a/b", jmxImageTag: "1" }, ["a/b:1"]],
    ["snake case", { spilo_image: "a/b", spilo_tag: "1" }, ["a/b:1"]],
    [
      "a name whose registry is that of all that begins alike",
      {
        DD_CONTROLLER_REGISTRY: "quay.io/x",
        DD_CONTROLLER_SIDECAR_IMAGE_NAME: "a",
        DD_CONTROLLER_SIDECAR_IMAGE_TAG: "1",
      },
      ["quay.io/x/a:1"],
    ],
    [
      "a name whose own registry goes before that of more",
      {
        "app.containerRegistry": "quay.io",
        "app.sidecar.containerRegistry": "gcr.io",
        "app.sidecar.image": "a/b",
        "app.sidecar.tag": "1",
      },
      ["gcr.io/a/b:1"],
    ],
    [
      "a host that needs no registry of others",
      { APP_REGISTRY: "quay.io", APP_SIDECAR_IMAGE: "gcr.io/a/b", APP_SIDECAR_IMAGE_TAG: "1" },
      ["gcr.io/a/b:1"],
    ],
    [
      "a registry that is no host",
      { APP_REGISTRY: "txt", APP_SIDECAR_IMAGE: "a/b", APP_SIDECAR_IMAGE_TAG: "1" },
      ["a/b:1"],
    ],
    [
      "a registry that begins alike within a word",
      { APP_SIDE_REGISTRY: "quay.io", APP_SIDECAR_IMAGE: "a/b", APP_SIDECAR_IMAGE_TAG: "1" },
      ["a/b:1"],
    ],
    [
      "a repository that is only a path, and a name",
      { repository: "quay.io/team", name: "app", tag: "1" },
      ["quay.io/team/app:1"],
    ],
    [
      "a repository that is whole beside what the thing is called",
      { repository: "quay.io/team/app", name: "web", tag: "1" },
      ["quay.io/team/app:1"],
    ],
    [
      "a registry that may have images right below its host",
      { repository: "registry.example.com/app", name: "web", tag: "1" },
      ["registry.example.com/app:1"],
    ],
    [
      "a registry, a namespace and a repository",
      { registry: "quay.io", namespace: "team", repository: "app", tag: "1" },
      ["quay.io/team/app:1"],
    ],
    [
      "a namespace of the cluster",
      { registry: "registry.k8s.io", namespace: "kube-system", repository: "pause", tag: "1" },
      ["registry.k8s.io/pause:1"],
    ],
    [
      "a namespace beside a repository that has its own",
      { registry: "quay.io", namespace: "apps", repository: "team/app", tag: "1" },
      ["quay.io/team/app:1"],
    ],
    [
      "a registry, an organization and an image",
      { registry: "quay.io", organization: "team", image: "app", tag: "1" },
      ["quay.io/team/app:1"],
    ],
    [
      "a registry before a repository that begins with it",
      { registry: "quay.io", repository: "quay.io/team/app", tag: "1" },
      ["quay.io/team/app:1"],
    ],
    ["an image without a tag, and a version", { image: "quay.io/a/b", version: "v1" }, ["quay.io/a/b:v1"]],
    ["an image and a version in words", { image: "quay.io/a/b", version: "the latest" }, []],
    [
      "a digest for a version",
      { repository: "quay.io/a", image: "b", version: `sha256:${HEX}` },
      [`quay.io/a/b@sha256:${HEX}`],
    ],
    ["a digest for a tag", { repository: "quay.io/a/b", tag: `sha256:${HEX}` }, [`quay.io/a/b@sha256:${HEX}`]],
    ["a digest beside an empty version", { repository: "a/b", tag: "", digest: HEX }, [`a/b@sha256:${HEX}`]],
    [
      "what kustomize puts in place of another image",
      { name: "team/app", newName: "quay.io/team/app", newTag: "1" },
      ["quay.io/team/app:1"],
    ],
    ["a tag that kustomize puts in place", { name: "quay.io/team/app", newTag: "1" }, ["quay.io/team/app:1"]],
    ["a tag that kustomize puts in place, with an empty name", { name: "app", newName: "", newTag: "1" }, ["app:1"]],
    [
      "a digest that kustomize puts in place",
      { name: "team/app", newName: "quay.io/team/app", digest: `sha256:${HEX}` },
      [`quay.io/team/app@sha256:${HEX}`],
    ],
    ["dotted keys", { "scanner.repository": "quay.io/a/b", "scanner.tag": "1" }, ["quay.io/a/b:1"]],
    [
      "dotted keys with a registry",
      { "scanner.image.registry": "quay.io", "scanner.image.repository": "a/b", "scanner.image.tag": "1" },
      ["quay.io/a/b:1"],
    ],
    ["variables of a repository", { SCANNER_REPO: "quay.io/a/b", SCANNER_TAG: "1" }, ["quay.io/a/b:1"]],
    ["dotted keys about a source", { "git.repository": "team/app", "git.tag": "1" }, []],
    ["a product's version", { image: "quay.io/a/b:1", version: "2" }, []],
    ["a whole image", { image: "quay.io/a/b:1", tag: "2" }, []],
    ["a chart", { repository: "https://charts.x", chart: "a", tag: "1" }, []],
    ["a URL", { repository: "https://x/y", tag: "1" }, []],
    ["a git repository", { repository: "org/repo", tag: "v1", branch: "main" }, []],
    ["a name alone", { name: "a", tag: "1" }, []],
    ["no suffix", { repository: "a/b" }, []],
    ["words", { repository: "to be set", tag: "1" }, []],
  ])("%s", (_, map, expected) => {
    expect(splitImages(map).map(({ reference }) => reference)).toEqual(expected);
  });

  it("names the fields, so that they can be read elsewhere", () => {
    const [found] = splitImages({ registry: "quay.io", repository: "a/b", tag: "1" });
    const moved: Record<string, string> = { registry: "mirror/x", repository: "a/b", tag: "1" };
    expect(composeSplit(found?.fields ?? { repository: [] }, ([key]) => moved[String(key)] ?? "")).toBe(
      "mirror/x/a/b:1",
    );
  });
});

describe("imagesBelowHub", () => {
  it("puts bare names together with the hub and the tag above them", () => {
    const values = {
      global: {
        hub: "docker.io/istio",
        tag: "1.2",
        proxy: { image: "proxyv2" },
        init: [{ image: "init" }],
        cni: { tag: "1.3", image: "cni" },
      },
      other: { image: "pilot" },
      auto: { hub: "docker.io/istio", tag: "1", image: "auto" },
      whole: { hub: "docker.io/istio", tag: "1", image: "quay.io/a/b:1" },
    };
    expect(imagesBelowHub(values)).toEqual([
      {
        reference: "docker.io/istio/proxyv2:1.2",
        fields: { registry: ["global", "hub"], repository: ["global", "proxy", "image"], tag: ["global", "tag"] },
      },
      expect.objectContaining({ reference: "docker.io/istio/init:1.2" }),
      expect.objectContaining({ reference: "docker.io/istio/cni:1.3" }),
    ]);
  });
});
