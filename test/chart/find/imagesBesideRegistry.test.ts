import { composedImages, imagesBesideRegistry } from "../../../src/chart/find/imagesBesideRegistry";
import type { JsonObject } from "../../../src/json";

const nothingIsPulled = (): boolean => false;

describe("imagesBesideRegistry", () => {
  test.each<[string, JsonObject, string[]]>([
    ["a path before bare names", { repository: "quay.io/team", agentImage: "agent:1" }, ["quay.io/team/agent:1"]],
    ["variables", { REPO_URL: "quay.io/team", IMAGE: "app:1" }, ["quay.io/team/app:1"]],
    ["a registry before a path", { registry: "quay.io", image: "team/app:1" }, ["quay.io/team/app:1"]],
    ["a registry with a slash", { imageRegistry: "quay.io/", image: "team/app:1" }, ["quay.io/team/app:1"]],
    ["a prefix to pull by", { imagePullPrefix: "icr.io/team", imageName: "app:1" }, ["icr.io/team/app:1"]],
    ["a registry of the system", { systemDefaultRegistry: "quay.io", image: "team/app:1" }, ["quay.io/team/app:1"]],
    ["a name without a tag", { IMAGE_REGISTRY: "quay.io/team", SIDECAR_IMAGE: "sidecar" }, ["quay.io/team/sidecar"]],
    [
      "arguments",
      { "image-registry": "--image-registry=quay.io", "proxy-image": "--proxy-image=team/proxy:1" },
      ["quay.io/team/proxy:1"],
    ],
    ["a path behind a path", { repository: "quay.io/team", image: "other/app:1" }, []],
    ["a name with a host", { registry: "quay.io", image: "ghcr.io/team/app:1" }, []],
    [
      "one registry twice",
      { registry: "quay.io", hub: "quay.io/", image: "team/app:1" },
      ["quay.io/ …", "quay.io/team/app:1"],
    ],
    [
      "two registries",
      { registry: "quay.io", hub: "ghcr.io", image: "team/app:1" },
      ["quay.io …", "ghcr.io …", "… team/app:1"],
    ],
    ["two registries without a name", { registry: "quay.io", hub: "ghcr.io" }, []],
    ["a registry that is no host", { registry: "txt", image: "team/app:1" }, []],
    ["an image where a path could stand", { repository: "quay.io/team/app:1", image: "team/app:1" }, []],
    ["a key that is about something else", { registry: "quay.io", imagePullPolicy: "always" }, []],
    ["a URL", { REPO_URL: "https://charts.example.com", IMAGE: "app:1" }, []],
  ])("%s", (_, map, expected) => {
    const found = imagesBesideRegistry(map, nothingIsPulled);
    expect(
      found.map(({ reference, standsBefore, behindOneOf }) =>
        standsBefore ? `${reference} …` : behindOneOf ? `… ${reference}` : reference,
      ),
    ).toEqual(expected);
  });

  it("leaves names alone that are pulled as they stand, and what is an image itself", () => {
    const isPulled = (reference: string): boolean => ["team/app:1", "quay.io/team/other"].includes(reference);
    expect(imagesBesideRegistry({ registry: "quay.io", image: "team/app:1" }, isPulled)).toEqual([]);
    expect(imagesBesideRegistry({ repository: "quay.io/team/other", agentImage: "agent:1" }, isPulled)).toEqual([]);
  });
});

describe("composedImages", () => {
  it("takes a field for one image alone", () => {
    const map = { registry: "quay.io", image: "team/app", tag: "1", agentImage: "team/agent:2" };
    expect(composedImages(map, nothingIsPulled).map(({ reference }) => reference)).toEqual([
      "quay.io/team/app:1",
      "quay.io/team/agent:2",
    ]);
  });
});
