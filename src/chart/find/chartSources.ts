import type { Json, JsonObject, JsonPath } from "../../json";
import { hideLogin } from "../../image/addressLogin";
import { matchesWildcard } from "../../image/wildcard";
import type { Finding } from "../../plan/relocationPlan";
import { shortened } from "../../printable";
import { PROGRAM_WORDS } from "../../settingWords";
import { isMap, valueAt } from "../content/valuePaths";
import { identityOf, type Manifest } from "../render/kubernetesManifest";
import type { FoundImage } from "./foundImage";
import type { ReplacementOptions } from "./requiredReplacements";

/** Kinds of objects for which a controller fetches charts or manifests, and where they say from where. */
interface SourceKind {
  readonly group: string;
  readonly kinds: readonly string[];
  /** Fields with an address; `*` stands for every item of a list. */
  readonly addresses: readonly JsonPath[];
}

const SOURCES: readonly SourceKind[] = [
  // https://fluxcd.io/flux/components/source/
  {
    group: "source.toolkit.fluxcd.io",
    kinds: ["HelmRepository", "GitRepository", "OCIRepository"],
    addresses: [["spec", "url"]],
  },
  { group: "source.toolkit.fluxcd.io", kinds: ["Bucket"], addresses: [["spec", "endpoint"]] },
  // https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml
  {
    group: "argoproj.io",
    kinds: ["Application"],
    addresses: [
      ["spec", "source", "repoURL"],
      ["spec", "sources", "*", "repoURL"],
    ],
  },
  {
    group: "argoproj.io",
    kinds: ["ApplicationSet"],
    addresses: [
      ["spec", "template", "spec", "source", "repoURL"],
      ["spec", "template", "spec", "sources", "*", "repoURL"],
    ],
  },
  // https://docs.k3s.io/helm#helmchart-field-definitions
  {
    group: "helm.cattle.io",
    kinds: ["HelmChart"],
    addresses: [
      ["spec", "repo"],
      ["spec", "chart"],
    ],
  },
  // https://fleet.rancher.io/ref-gitrepo
  { group: "fleet.cattle.io", kinds: ["GitRepo"], addresses: [["spec", "repo"]] },
  {
    group: "fleet.cattle.io",
    kinds: ["HelmOp"],
    addresses: [
      ["spec", "helm", "repo"],
      ["spec", "helm", "chart"],
    ],
  },
  // https://ranchermanager.docs.rancher.com/how-to-guides/new-user-guides/helm-charts-in-rancher
  {
    group: "catalog.cattle.io",
    kinds: ["ClusterRepo"],
    addresses: [
      ["spec", "url"],
      ["spec", "gitRepo"],
    ],
  },
  // https://docs.openshift.com/container-platform/4.16/applications/working_with_helm_charts/configuring-custom-helm-chart-repositories.html
  {
    group: "helm.openshift.io",
    kinds: ["HelmChartRepository", "ProjectHelmChartRepository"],
    addresses: [["spec", "connectionConfig", "url"]],
  },
  // https://github.com/crossplane-contrib/provider-helm
  { group: "helm.crossplane.io", kinds: ["Release"], addresses: [["spec", "forProvider", "chart", "repository"]] },
  { group: "helm.m.crossplane.io", kinds: ["Release"], addresses: [["spec", "forProvider", "chart", "repository"]] },
  // https://docs.k0sproject.io/stable/helm-charts/ and https://cluster-api-addon-provider-helm.sigs.k8s.io/
  { group: "addons.cluster.x-k8s.io", kinds: ["HelmChartProxy"], addresses: [["spec", "repoURL"]] },
];

/**
 * What a cluster would fetch charts and manifests from because of objects of the render. What stands in a registry is found as an
 * image is, and moves; what else is fetched comes from outside the mirror. The images that either names are not known here.
 */
export function chartSourceFindings(
  manifests: readonly Manifest[],
  found: readonly FoundImage[],
  { mirror, ignoreImages = [], words = PROGRAM_WORDS }: Pick<ReplacementOptions, "mirror" | "ignoreImages" | "words">,
): Finding[] {
  let known: ReadonlySet<string> | undefined;
  // Most charts have no such object.
  const isMoved = (manifest: number, path: JsonPath): boolean =>
    (known ??= placesOf(found)).has(JSON.stringify([manifest, path]));
  return manifests.flatMap(({ object, hook }, manifest) => {
    const places = sourcePlaces(object);
    if (places.length === 0) return [];
    const identity = identityOf(object);
    return places.flatMap(({ path, address }): Finding[] => {
      const [, host] = ADDRESS.exec(address) ?? [];
      if (host === mirror.host || ignoreImages.some((pattern) => matchesWildcard(pattern, address))) return [];
      const location = { ...identity, path, evidence: "chartSource", ...(hook !== undefined && { hook }) };
      const where = `${shortened(hideLogin(address), 200)}${isMoved(manifest, path) ? "" : ", outside the mirror"}`;
      return [
        {
          severity: "warning",
          code: "CHART_SOURCE_OUTSIDE",
          message:
            `with ${identity.kind} ${identity.name} the cluster deploys what it fetches from ${where}: the images that it names are ` +
            `not known here. Name them in ${words.extraImages}, and mirror what is deployed by a release of its own, or allow it with ${words.ignoreImages}`,
          location,
        },
      ];
    });
  });
}

function placesOf(found: readonly FoundImage[]): ReadonlySet<string> {
  return new Set(
    found.flatMap(({ manifest, location, fields }) =>
      [location.path, ...(Object.values(fields ?? {}) as JsonPath[])].map((path) => JSON.stringify([manifest, path])),
    ),
  );
}

const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@]*@)?([^/]*)/i;

function sourcePlaces(object: JsonObject): { readonly path: JsonPath; readonly address: string }[] {
  const group = typeof object.apiVersion === "string" ? (object.apiVersion.split("/", 1)[0] as string) : "";
  const known = SOURCES.filter(
    (source) => source.group === group && typeof object.kind === "string" && source.kinds.includes(object.kind),
  );
  const places = known.flatMap(({ addresses }) => addresses.flatMap((path) => expanded(object, path)));
  return places.flatMap((path) => {
    const address = valueAt(object, path);
    return typeof address === "string" && isAddress(address) ? [{ path, address }] : [];
  });
}

/** The places that a path with `*` stands for. */
function expanded(object: Json, path: JsonPath): JsonPath[] {
  const star = path.indexOf("*");
  if (star < 0) return [path];
  const list = valueAt(object, path.slice(0, star));
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, i) => (isMap(item) ? [[...path.slice(0, star), i, ...path.slice(star + 1)]] : []));
}

/** A chart of a repository that stands elsewhere is a name alone. */
function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/|^[\w.-]+@[\w.-]+:|^[\w-]+(?:\.[\w-]+)+(?:[:/]|$)/i.test(text);
}
