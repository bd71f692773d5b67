import type { Json, JsonObject, JsonPath } from "../../json";
import { isMap, valueLeaves } from "../content/valuePaths";
import type { SplitFields } from "./foundImage";

/** The image fields of a kind of custom resource that the general rules by name do not read right. */
export interface KnownResource {
  /** API group; `*.` before it stands for any. */
  readonly group: string;
  /** All kinds of the group unless told. */
  readonly kinds?: readonly string[];
  /** Keys, at any depth, of what images stand below: the program puts their names behind it. */
  readonly below?: readonly string[];
  /** References whose parts stand in fields apart from each other. */
  readonly parts?: readonly SplitFields[];
  /** A `version` beside an image is the product's: the image stands whole. */
  readonly versionOfProduct?: true;
}

/** A new kind of resource gets a line here, with where it is written, when the general rules do not read it right. */
const RESOURCES: readonly KnownResource[] = [
  // https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/#kubeadm-k8s-io-v1beta4-ClusterConfiguration
  { group: "kubeadm.k8s.io", kinds: ["ClusterConfiguration"], below: ["imageRepository"] },
  // https://cluster-api.sigs.k8s.io/reference/api/reference
  { group: "controlplane.cluster.x-k8s.io", below: ["imageRepository"] },
  { group: "bootstrap.cluster.x-k8s.io", below: ["imageRepository"] },
  // https://kamaji.clastix.io/reference/api/
  { group: "kamaji.clastix.io", kinds: ["TenantControlPlane"], below: ["imageRepository", "registry"] },
  // https://docs.tigera.io/calico/latest/reference/installation/api#installationspec
  { group: "operator.tigera.io", kinds: ["Installation"], below: ["registry"] },
  // https://kubevirt.io/api-reference/main/definitions.html#_v1_kubevirtspec
  { group: "kubevirt.io", kinds: ["KubeVirt"], below: ["imageRegistry"] },
  // https://github.com/rancher/system-upgrade-controller#example-plans
  {
    group: "upgrade.cattle.io",
    kinds: ["Plan"],
    parts: [{ repository: ["spec", "upgrade", "image"], tag: ["spec", "version"] }],
  },
  // https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusSpec
  {
    group: "monitoring.coreos.com",
    kinds: ["Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"],
    versionOfProduct: true,
  },
  // https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/create-custom-images
  { group: "*.k8s.elastic.co", versionOfProduct: true },
  // https://strimzi.io/docs/operators/latest/configuring.html#type-KafkaClusterSpec-reference
  { group: "kafka.strimzi.io", versionOfProduct: true },
];

/** What is known of an object's kind; undefined where the general rules must do. */
export function knownResource({ apiVersion, kind }: JsonObject): KnownResource | undefined {
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const group = apiVersion.split("/", 1)[0] as string;
  return RESOURCES.find(
    (known) =>
      (known.group.startsWith("*.") ? group.endsWith(known.group.slice(1)) : group === known.group) &&
      (known.kinds?.includes(kind) ?? true),
  );
}

/** The fields of an object of a known kind that hold what images stand below. */
export function prefixFields(object: Json): JsonPath[] {
  const below = isMap(object) ? knownResource(object)?.below : undefined;
  if (!below) return [];
  return [...valueLeaves(object)].flatMap(({ path }) => (below.includes(String(path.at(-1))) ? [path] : []));
}

/** Whether a reference that fields of a map make takes the product's version for its tag. */
export function takesProductVersion(
  known: KnownResource | undefined,
  { image, tag, repository }: SplitFields,
): boolean {
  const key = (path: JsonPath): unknown => path.at(-1);
  return (
    known?.versionOfProduct === true &&
    image === undefined &&
    key(repository) === "image" &&
    tag !== undefined &&
    key(tag) === "version"
  );
}
