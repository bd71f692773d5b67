import { chartSourceFindings } from "../../../src/chart/find/chartSources";
import { findImages } from "../../../src/chart/find/imageReferences";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";

const MIRROR = { host: "mirror.test", path: "p" };
const object = (apiVersion: string, kind: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: app}\nspec: ${spec}\n`;
const flux = (kind: string, spec: string): string => object("source.toolkit.fluxcd.io/v1", kind, spec);
const argo = (spec: string): string => object("argoproj.io/v1alpha1", "Application", spec);

/** Where from, and whether from outside the mirror. */
function told(yaml: string, ignoreImages: readonly string[] = []): string[] {
  const manifests = parseManifests(yaml);
  const found = findImages(manifests, { values: {} });
  const findings = chartSourceFindings(manifests, found, { mirror: MIRROR, ignoreImages });
  return findings.map(({ severity, code, message, location }) => {
    const [, address, outside] = /fetches from (\S+?)(, outside the mirror)?: the images/.exec(message) ?? [];
    return `${severity} ${code} ${address}${outside ? " outside" : ""} at ${location?.path.join(".")}`;
  });
}

describe("chartSourceFindings", () => {
  it.each<[string, string, string[]]>([
    [
      "Flux, charts of a repository",
      flux("HelmRepository", "{url: 'https://charts.example.com'}"),
      ["https://charts.example.com outside at spec.url"],
    ],
    [
      "Flux, charts of a registry",
      flux("HelmRepository", "{type: oci, url: 'oci://ghcr.io/a/charts'}"),
      ["oci://ghcr.io/a/charts at spec.url"],
    ],
    [
      "Flux, a repository of Git",
      flux("GitRepository", "{url: 'ssh://git@github.com/a/b'}"),
      ["ssh://***@github.com/a/b outside at spec.url"],
    ],
    ["Flux, a bucket", flux("Bucket", "{endpoint: s3.example.com}"), ["s3.example.com outside at spec.endpoint"]],
    [
      "Argo CD, charts of a registry",
      argo("{source: {repoURL: ghcr.io/a/charts, chart: b, targetRevision: 1.2.3}}"),
      ["ghcr.io/a/charts at spec.source.repoURL"],
    ],
    [
      "Argo CD, several",
      argo("{sources: [{repoURL: 'https://a.example.com', chart: a}, {repoURL: 'git@github.com:a/b.git', path: x}]}"),
      [
        "https://a.example.com outside at spec.sources.0.repoURL",
        "***@github.com:a/b.git outside at spec.sources.1.repoURL",
      ],
    ],
    [
      "Argo CD, a set",
      object(
        "argoproj.io/v1alpha1",
        "ApplicationSet",
        "{template: {spec: {source: {repoURL: 'https://a.example.com', chart: a}}}}",
      ),
      ["https://a.example.com outside at spec.template.spec.source.repoURL"],
    ],
    [
      "k3s, a chart of a repository",
      object("helm.cattle.io/v1", "HelmChart", "{repo: 'https://charts.example.com', chart: app}"),
      ["https://charts.example.com outside at spec.repo"],
    ],
    [
      "k3s, a chart's own address",
      object("helm.cattle.io/v1", "HelmChart", "{chart: 'https://charts.example.com/app-1.tgz'}"),
      ["https://charts.example.com/app-1.tgz outside at spec.chart"],
    ],
    [
      "Fleet",
      object("fleet.cattle.io/v1alpha1", "GitRepo", "{repo: 'https://github.com/a/b'}"),
      ["https://github.com/a/b outside at spec.repo"],
    ],
    [
      "Crossplane",
      object(
        "helm.crossplane.io/v1beta1",
        "Release",
        "{forProvider: {chart: {name: a, repository: 'https://charts.example.com'}}}",
      ),
      ["https://charts.example.com outside at spec.forProvider.chart.repository"],
    ],
    ["what stands in the mirror", flux("HelmRepository", "{type: oci, url: 'oci://mirror.test/p/charts'}"), []],
    ["no address", flux("HelmRepository", "{url: 5}"), []],
    ["no list", argo("{sources: 5}"), []],
    ["another kind", object("v1", "ConfigMap", "{url: 'https://charts.example.com'}"), []],
  ])("%s", (_, yaml, expected) => {
    expect(told(yaml)).toEqual(expected.map((rest) => `warning CHART_SOURCE_OUTSIDE ${rest}`));
  });

  it("leaves out what the user allows", () => {
    expect(
      told(flux("HelmRepository", "{url: 'https://charts.example.com/a'}"), ["https://charts.example.com*"]),
    ).toEqual([]);
  });
});
