import { findImages } from "../../../src/chart/find/imageReferences";
import { knownResource } from "../../../src/chart/find/customResources";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";

const shown = (yaml: string): string[] =>
  findImages(parseManifests(yaml), { values: {} }).map(
    ({ reference, location, holdsImages }) =>
      `${reference}${holdsImages ? "/…" : ""} at ${location.path.map(String).join(".")}`,
  );

describe("knownResource", () => {
  test.each([
    ["kubeadm.k8s.io/v1beta4", "ClusterConfiguration", true],
    ["kubeadm.k8s.io/v1beta4", "InitConfiguration", false],
    ["elasticsearch.k8s.elastic.co/v1", "Elasticsearch", true],
    ["x.io/v1", "Prometheus", false],
  ])("%s %s", (apiVersion, kind, known) => {
    expect(knownResource({ apiVersion, kind }) !== undefined).toBe(known);
  });
});

describe("fields of custom resources that their kind tells about", () => {
  test.each<[string, string, string[]]>([
    [
      "a registry that kubeadm puts before its images",
      `
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: cp}
spec:
  clusterConfiguration:
    imageRepository: registry.k8s.io
    etcd: {local: {imageRepository: registry.example.com/kube, imageTag: 3.5.10-0}}
`,
      [
        "registry.k8s.io/… at spec.clusterConfiguration.imageRepository",
        "registry.example.com/kube/… at spec.clusterConfiguration.etcd.local.imageRepository",
      ],
    ],
    [
      "the same in a text",
      `
apiVersion: v1
kind: ConfigMap
metadata: {name: kubeadm}
data:
  config: |
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    imageRepository: registry.k8s.io
    dns: {imageRepository: registry.k8s.io, imageTag: v1.11.1}
`,
      ["registry.k8s.io/… at data.config", "registry.k8s.io/… at data.config"],
    ],
    [
      "a registry with a slash behind it",
      `{apiVersion: operator.tigera.io/v1, kind: Installation, metadata: {name: d}, spec: {registry: quay.io/}}`,
      ["quay.io//… at spec.registry"],
    ],
    [
      "a word where a registry may stand",
      `{apiVersion: operator.tigera.io/v1, kind: Installation, metadata: {name: d}, spec: {registry: UseDefault}}`,
      [],
    ],
    [
      "a tag that stands further up than the image",
      `{apiVersion: upgrade.cattle.io/v1, kind: Plan, metadata: {name: p}, spec: {version: v1.29, upgrade: {image: team/upgrade}}}`,
      ["team/upgrade:v1.29 at spec.upgrade.image"],
    ],
    [
      "a version of the product beside an image that stands whole",
      `{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, metadata: {name: p}, spec: {image: quay.io/team/prometheus, version: v2}}`,
      ["quay.io/team/prometheus at spec.image"],
    ],
    [
      "a version that is the tag, of a kind that nobody knows",
      `{apiVersion: x.io/v1, kind: Thing, metadata: {name: p}, spec: {image: quay.io/team/thing, version: v2}}`,
      ["quay.io/team/thing:v2 at spec.image"],
    ],
    [
      "a registry alone is no image in a kind that nobody knows",
      `{apiVersion: x.io/v1, kind: Thing, metadata: {name: p}, spec: {imageRepository: registry.k8s.io, imageTag: "3"}}`,
      [],
    ],
  ])("%s", (_, yaml, expected) => expect(shown(yaml)).toEqual(expected));
});
