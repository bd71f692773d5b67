import { ociSources } from "../../../src/chart/find/ociSources";
import { findImages } from "../../../src/chart/find/imageReferences";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";
import { parseHelmYaml } from "../../../src/chart/content/helmYaml";
import type { JsonObject } from "../../../src/json";

const DIGEST = `sha256:${"a".repeat(64)}`;
const flux = (spec: string): string => `apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec: ${spec}\n`;
const argo = (spec: string): string => `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: ${spec}\n`;

describe("what GitOps controllers pull", () => {
  it.each<[string, string, string[]]>([
    ["Flux, by tag", flux("{url: 'oci://ghcr.io/a/b', ref: {tag: v1}}"), ["ghcr.io/a/b:v1 at spec.url"]],
    [
      "Flux, by digest before all else",
      flux(`{url: 'oci://ghcr.io/a/b', ref: {tag: v1, semver: 1.x, digest: '${DIGEST}'}}`),
      [`ghcr.io/a/b@${DIGEST} at spec.url`],
    ],
    [
      "Flux, by a range",
      flux("{url: 'oci://ghcr.io/a/b', ref: {tag: v1, semver: '>=1.0.0'}}"),
      ["ghcr.io/a/b… at spec.url"],
    ],
    ["Flux, by nothing", flux("{url: 'oci://ghcr.io/a/b'}"), ["ghcr.io/a/b? at spec.url"]],
    [
      "Flux, which lists tags",
      "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nspec: {image: ghcr.io/a/b}\n",
      ["ghcr.io/a/b… at spec.image"],
    ],
    [
      "Argo CD, a chart",
      argo("{source: {repoURL: ghcr.io/a/charts, chart: b, targetRevision: 1.2.3}}"),
      ["ghcr.io/a/charts/b:1.2.3 at spec.source.chart"],
    ],
    [
      "Argo CD, a range of charts",
      argo("{sources: [{repoURL: ghcr.io/a/charts, chart: b, targetRevision: 1.x}]}"),
      ["ghcr.io/a/charts/b… at spec.sources.0.chart"],
    ],
    [
      "Argo CD, other content",
      argo("{source: {repoURL: 'oci://ghcr.io/a/b', path: ., targetRevision: 1.0.0}}"),
      ["ghcr.io/a/b:1.0.0 at spec.source.repoURL"],
    ],
    [
      "Argo CD, no registry",
      argo("{source: {repoURL: 'https://charts.example.com', chart: b, targetRevision: 1.0.0}}"),
      [],
    ],
    ["Argo CD, a repository of Git", argo("{source: {repoURL: 'git@github.com:a/b.git', path: x}}"), []],
    [
      "Argo CD's images of kustomize",
      argo("{source: {repoURL: 'https://github.com/a/b', kustomize: {images: ['quay.io/a/b:1', 'x=quay.io/a/c:2']}}}"),
      [
        "quay.io/a/b:1 (looked for) at spec.source.kustomize.images.0",
        "quay.io/a/c:2 at spec.source.kustomize.images.1",
      ],
    ],
    [
      "Argo CD's images of kustomize, by digest and in several sources",
      argo(`{sources: [{kustomize: {images: ['quay.io/a/b@sha256:${"a".repeat(64)}', 'a/b=quay.io/a/b:1']}}]}`),
      [
        `quay.io/a/b@sha256:${"a".repeat(64)} (looked for) at spec.sources.0.kustomize.images.0`,
        "quay.io/a/b:1 at spec.sources.0.kustomize.images.1",
      ],
    ],
  ])("%s", (_, yaml, expected) => {
    const found = findImages(parseManifests(yaml), { values: {} });
    expect(
      found.map(({ reference, location, completedAtRunTime, tagUntold, isLookedFor }) => {
        const rest = completedAtRunTime ? "…" : tagUntold ? "?" : isLookedFor ? " (looked for)" : "";
        return `${reference}${rest} at ${location.path.join(".")}`;
      }),
    ).toEqual(expected);
  });

  it("is nothing in objects of other kinds, nor in broken ones", () => {
    for (const yaml of ["kind: A", flux("x"), flux("{url: 1, ref: 2}"), argo("[]"), "apiVersion: 1\nkind: 2\nspec: 3"])
      expect(ociSources(parseHelmYaml(yaml) as JsonObject)).toEqual([]);
  });
});
