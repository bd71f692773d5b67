import type { JsonObject } from "../../../src/json";
import type { NodeConfiguration } from "../../../src/kubernetes/nodeConfiguration/nodeConfiguration";
import { RegistryBlockedError } from "../../../src/kubernetes/nodeConfiguration/openShiftImageConfig";
import { openShiftObjects } from "../../../src/kubernetes/nodeConfiguration/openShiftObjects";

const MIRROR: NodeConfiguration = { mirror: { host: "r.test:5000", path: "p" }, layout: {}, upstreams: [] };
const HTTP: NodeConfiguration = { ...MIRROR, plainHttp: true };
const CA: NodeConfiguration = { ...MIRROR, caCertificate: "PEM" };

const image = (spec: JsonObject, metadata: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  apiVersion: "config.openshift.io/v1",
  kind: "Image",
  metadata: { ...metadata, name: "cluster" },
  spec,
  ...more,
});
const certificates = (name: string, data: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { ...metadata, name, namespace: "openshift-config" },
  data,
});

describe("trust and transport", () => {
  test.each<[string, NodeConfiguration, JsonObject[], JsonObject[]]>([
    ["nothing for a registry that everyone trusts", MIRROR, [], []],
    ["an http registry", HTTP, [], [image({ registrySources: { insecureRegistries: ["r.test:5000"] } })]],
    [
      "a CA, its port after two dots",
      CA,
      [],
      [
        certificates("chart-mirror-registry-ca", { "r.test..5000": "PEM" }),
        image({ additionalTrustedCA: { name: "chart-mirror-registry-ca" } }),
      ],
    ],
    [
      "a CA of a registry without a port",
      { ...CA, mirror: { host: "r.test" } },
      [],
      [
        certificates("chart-mirror-registry-ca", { "r.test": "PEM" }),
        image({ additionalTrustedCA: { name: "chart-mirror-registry-ca" } }),
      ],
    ],
    [
      "no CA for http",
      { ...HTTP, caCertificate: "PEM" },
      [],
      [image({ registrySources: { insecureRegistries: ["r.test:5000"] } })],
    ],
    [
      "what the cluster has stays, apart from what the API server keeps for itself",
      HTTP,
      [
        image(
          {
            additionalTrustedCA: { name: "theirs" },
            externalRegistryHostnames: ["apps.test"],
            registrySources: { insecureRegistries: ["old.test"], blockedRegistries: ["bad.test"] },
          },
          { annotations: { a: "b" }, resourceVersion: "7", managedFields: [{ manager: "m" }] },
          { status: { internalRegistryHostname: "i" } },
        ),
      ],
      [
        image(
          {
            additionalTrustedCA: { name: "theirs" },
            externalRegistryHostnames: ["apps.test"],
            registrySources: { insecureRegistries: ["old.test", "r.test:5000"], blockedRegistries: ["bad.test"] },
          },
          { annotations: { a: "b" }, resourceVersion: "7" },
        ),
      ],
    ],
    [
      "the CA goes into the ConfigMap that the cluster uses",
      CA,
      [
        image({ additionalTrustedCA: { name: "theirs" } }),
        certificates("other", { x: "1" }),
        certificates("theirs", { "old.test": "OLD" }, { resourceVersion: "3" }),
      ],
      [
        certificates("theirs", { "old.test": "OLD", "r.test..5000": "PEM" }, { resourceVersion: "3" }),
        image({ additionalTrustedCA: { name: "theirs" } }),
      ],
    ],
    [
      "an empty name of the CA is none",
      CA,
      [image({ additionalTrustedCA: { name: "" } })],
      [
        certificates("chart-mirror-registry-ca", { "r.test..5000": "PEM" }),
        image({ additionalTrustedCA: { name: "chart-mirror-registry-ca" } }),
      ],
    ],
    [
      "a mirror comes into a list of allowed registries",
      MIRROR,
      [image({ registrySources: { allowedRegistries: ["quay.io"] } })],
      [image({ registrySources: { allowedRegistries: ["quay.io", "r.test:5000"] } })],
    ],
    ...["r.test:5000", "r.test:5000/p", "*.test"].map(
      (entry): [string, NodeConfiguration, JsonObject[], JsonObject[]] => [
        `a mirror that ${entry} allows already`,
        MIRROR,
        [image({ registrySources: { allowedRegistries: [entry] } })],
        [],
      ],
    ),
    ["a list without entries allows everything", MIRROR, [image({ registrySources: { allowedRegistries: [] } })], []],
    [
      "an object of another kind with the same name is another",
      HTTP,
      [{ ...image({ registrySources: { insecureRegistries: ["x"] } }), apiVersion: "image.openshift.io/v1" }],
      [image({ registrySources: { insecureRegistries: ["r.test:5000"] } })],
    ],
  ])("%s", (_, configuration, existing, expected) => {
    const before = JSON.stringify(existing);
    expect(openShiftObjects(configuration, existing)).toEqual(expected);
    expect(JSON.stringify(existing)).toBe(before);
  });

  test("a second time changes nothing", () => {
    const existing = [image({ registrySources: { insecureRegistries: ["old.test"], allowedRegistries: ["quay.io"] } })];
    const once = openShiftObjects({ ...HTTP }, existing);
    expect(openShiftObjects({ ...HTTP }, once)).toEqual(once);
  });

  test.each(["r.test:5000", "r.test:5000/p", "*.test"])("a mirror that %s blocks is an error", (entry) => {
    const existing = [image({ registrySources: { blockedRegistries: [entry] } })];
    expect(() => openShiftObjects(HTTP, existing)).toThrow(RegistryBlockedError);
  });

  test.each(["r.test", "r.test:5000/other", "r.test:50000", "*.r.test"])("%s blocks another registry", (entry) => {
    const existing = [image({ registrySources: { blockedRegistries: [entry] } })];
    expect(openShiftObjects(HTTP, existing)).toHaveLength(1);
  });
});

describe("mirror sets", () => {
  test.each<[string, Partial<NodeConfiguration>, JsonObject[]]>([
    [
      "hosts, and official images of Docker Hub under both names",
      { upstreams: ["quay.io", "docker.io"] },
      [
        { source: "docker.io", mirrors: ["r.test:5000/p"] },
        { source: "docker.io/library", mirrors: ["r.test:5000/p", "r.test:5000/p/library"] },
        { source: "quay.io", mirrors: ["r.test:5000/p"] },
      ],
    ],
    [
      "a mirror without a path",
      { mirror: { host: "r.test:5000" }, upstreams: ["docker.io"] },
      [
        { source: "docker.io", mirrors: ["r.test:5000"] },
        { source: "docker.io/library", mirrors: ["r.test:5000", "r.test:5000/library"] },
      ],
    ],
    [
      "the host kept",
      { layout: { keepHost: true }, upstreams: ["q.test:1"] },
      [{ source: "q.test:1", mirrors: ["r.test:5000/p/q.test_1"] }],
    ],
  ])("%s", (_, more, mirrors) => {
    const [digests, tags, ...others] = openShiftObjects({ ...MIRROR, ...more });
    expect(others).toEqual([]);
    expect(digests).toMatchObject({ kind: "ImageDigestMirrorSet", spec: { imageDigestMirrors: mirrors } });
    expect(tags).toMatchObject({ kind: "ImageTagMirrorSet", spec: { imageTagMirrors: mirrors } });
  });

  test("each mirror has sets of its own", () => {
    const name = (host: string, path: string): unknown =>
      openShiftObjects({ ...MIRROR, mirror: { host, path }, upstreams: ["quay.io"] })[0]?.metadata;
    expect(name("r.test:5000", "p")).toEqual({ name: "chart-mirror-r-test-5000-p" });
    expect(name("r.test:5000", "q")).not.toEqual(name("r.test:5000", "p"));
  });
});
