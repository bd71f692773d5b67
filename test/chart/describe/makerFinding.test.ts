import { makerFinding } from "../../../src/chart/describe/makerFinding";
import { findImages } from "../../../src/chart/find/imageReferences";
import { makersWithoutSecret, podMakers } from "../../../src/chart/pullSecrets/customSecrets";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";

const build = (spec: string, apiVersion = "build.openshift.io/v1"): string =>
  `apiVersion: ${apiVersion}\nkind: BuildConfig\nmetadata: {name: app}\nspec: ${spec}\n`;
const FROM = "from: {kind: DockerImage, name: 'quay.io/team/base:1'}";
const app = (spec: string): string => `apiVersion: shop.test/v1\nkind: App\nmetadata: {name: app}\nspec: ${spec}\n`;

function told(yaml: string): string[] {
  const manifests = parseManifests(yaml);
  const makers = podMakers(manifests, findImages(manifests, { values: { image: "quay.io/team/app:1" } }));
  return makersWithoutSecret(makers, "pull", manifests, manifests).map((maker) => makerFinding(maker, "pull").message);
}

describe("what is told of objects without the pull secret", () => {
  it.each<[string, string, string[]]>([
    [
      "a custom resource that names none",
      app("{image: 'quay.io/team/app:1'}"),
      ["the pods that are made of App app get no pull secret pull from the chart: it names none, and whether"],
    ],
    [
      "a custom resource with others",
      app("{image: 'quay.io/team/app:1', imagePullSecrets: [{name: one}, {name: two}]}"),
      [
        "App app get no pull secret pull from the chart: it names one, two, which may be for another registry. Name pull",
      ],
    ],
    [
      "a custom resource with it",
      app("{image: 'quay.io/team/app:1', imagePullSecrets: [{name: one}, {name: pull}]}"),
      [],
    ],
    [
      "a build that names none",
      build(`{strategy: {sourceStrategy: {${FROM}}}}`),
      [
        "the builds of BuildConfig app get no pull secret pull from the chart: it names none. Write { name: pull } at " +
          "spec.strategy.sourceStrategy.pullSecret, or run: oc secrets link builder pull",
      ],
    ],
    [
      "a build of the first API, with a service account",
      build(`{serviceAccount: robot, strategy: {customStrategy: {${FROM}}}}`, "v1"),
      ["spec.strategy.customStrategy.pullSecret, or run: oc secrets link robot pull"],
    ],
    [
      "a build with another secret",
      build(`{strategy: {dockerStrategy: {${FROM}, pullSecret: {name: theirs}}}}`),
      [
        "it names theirs, which may be for another registry. Write { name: pull } at spec.strategy.dockerStrategy.pullSecret, " +
          "or put the mirror's login into that secret, too",
      ],
    ],
    [
      "images that content is copied from",
      build(`{strategy: {sourceStrategy: {${FROM}, pullSecret: {name: pull}}}, source: {images: [{${FROM}}]}}`),
      ["Write { name: pull } at spec.source.images[0].pullSecret"],
    ],
    [
      "a Dockerfile alone",
      build("{source: {dockerfile: 'FROM quay.io/team/app:1'}, strategy: {dockerStrategy: {}}}"),
      ["spec.strategy.dockerStrategy.pullSecret"],
    ],
    ["a build with it", build(`{strategy: {sourceStrategy: {${FROM}, pullSecret: {name: pull}}}}`), []],
    [
      "what Flux fetches",
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: a}\nspec: {url: 'oci://quay.io/a/b', ref: {tag: v1}}\n",
      [
        "what OCIRepository a fetches gets no pull secret pull from the chart: it names none. Write { name: pull } at spec.secretRef",
      ],
    ],
  ])("%s", (_, yaml, expected) => {
    expect(told(yaml)).toEqual(expected.map((part) => expect.stringContaining(part) as unknown));
  });
});
