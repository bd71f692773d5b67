import type { EnforcementLevel, ResourceValidationPolicy } from "@pulumi/policy";
import { podImages } from "../chart/find/podImages";
import { findImages } from "../chart/find/imageReferences";
import { formatValuePath } from "../chart/content/valuePaths";
import { MirrorError } from "../error";
import { formatReference, tryParseReference, withCanonicalHost } from "../image/reference";
import { matchesWildcard } from "../image/wildcard";
import { isMap, type JsonObject, type JsonPath } from "../json";
import { plainProperties } from "./plainProperties";

/** What images of a stack may be pulled from, in the program of a policy pack or in its configuration. */
export interface MirrorPolicyOptions {
  /** Where images may come from: `HOST[/PATH]`. */
  mirrors?: string[];
  /** Images that may stay where they are: exact references, `*` for any characters. */
  ignoreImages?: string[];
  /** Namespaces of which no object is looked at. */
  ignoreNamespaces?: string[];
  /** What an image outside the mirrors does to a preview. Default: `mandatory`, which fails it. */
  enforcementLevel?: EnforcementLevel;
}

/** A policy does not know the mirror. `code` is `INVALID_POLICY`. */
export function invalidPolicy(reason: string): MirrorError {
  return new MirrorError(
    "INVALID_POLICY",
    `checking images against the mirror: ${reason}`,
    `Write mirrors: ["HOST[:PORT][/PATH]"], as an argument of mirrorPolicies or in the configuration of the policy images-in-mirror`,
  );
}

const texts = (description: string) => ({ type: "array" as const, items: { type: "string" as const }, description });

/**
 * Policies for a policy pack: every pod of a stack, of whatever resource, pulls from the mirror. They look at all resources
 * of the Kubernetes provider that have a pod spec, and at the images of custom resources. What a preview does not know yet is
 * told as not checked; so is what a `helm.v3.Release` that is not of this package deploys, which no engine sees.
 *
 * @example
 * ```ts
 * new PolicyPack("images", { policies: mirrorPolicies({ mirrors: ["registry.example.com/platform"] }) });
 * ```
 */
export function mirrorPolicies(options: MirrorPolicyOptions = {}): ResourceValidationPolicy[] {
  return [
    {
      name: "images-in-mirror",
      description: "Pods pull their images from the mirror",
      enforcementLevel: options.enforcementLevel ?? "mandatory",
      configSchema: {
        properties: {
          mirrors: texts("Where images may come from: HOST[/PATH]"),
          ignoreImages: texts("Images that may stay where they are, * for any characters"),
          ignoreNamespaces: texts("Namespaces that are not looked at"),
        },
      },
      validateResource: (args, reportViolation) => {
        if (!args.type.startsWith("kubernetes:") || args.type === RELEASE) return;
        const configured = args.getConfig<MirrorPolicyOptions>();
        const { value, unknown } = plainProperties(args.props);
        if (!isMap(value)) return;
        const judge = judgeOf({ ...options, ...configured });
        for (const { path, image } of imagesOf(withKind(value, args.type)))
          if (judge(image, value))
            reportViolation(
              `${formatValuePath(path)} would pull ${image} from outside the mirror. Mirror it (MirroredRelease, or extraImages) and name it there, or except it (ignoreImages)`,
            );
        const [first] = hasPods(value, args.type) ? unknown.filter(({ path }) => mayHoldImages(path)) : [];
        // The framework says then that the policy could not run.
        if (first) throw first.error;
      },
    },
    {
      name: "release-not-seen",
      description: "Charts are deployed by MirroredRelease, whose images are known",
      enforcementLevel: "advisory",
      validateResource: ({ type, urn }, reportViolation) => {
        if (type === RELEASE && !urn.includes("pulumi-chart-mirror:"))
          reportViolation(
            "what this Release deploys is not seen by policies: its images are not checked. Deploy it with MirroredRelease",
          );
      },
    },
  ];
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

function judgeOf({
  mirrors = [],
  ignoreImages = [],
  ignoreNamespaces = [],
}: MirrorPolicyOptions): (image: string, object: JsonObject) => boolean {
  if (mirrors.length === 0) throw invalidPolicy("no mirror is named");
  const prefixes = mirrors.map((mirror) => {
    const prefix = `${mirror.replace(/(?<!\/)\/+$/, "")}/`;
    if (tryParseReference(`${prefix}image`)?.hasHost !== true)
      throw invalidPolicy(`${JSON.stringify(mirror)} is no HOST[/PATH]`);
    return withCanonicalHost(prefix);
  });
  const patterns = ignoreImages.flatMap((pattern) => [pattern, withCanonicalHost(pattern)]);
  return (image, { metadata }) => {
    const namespace = isMap(metadata) && typeof metadata.namespace === "string" ? metadata.namespace : "default";
    const reference = tryParseReference(image);
    const name = reference ? formatReference(reference) : image;
    return (
      !ignoreNamespaces.includes(namespace) &&
      !prefixes.some((prefix) => name.startsWith(prefix)) &&
      !patterns.some((pattern) => [image, name].some((text) => matchesWildcard(pattern, text)))
    );
  };
}

/**
 * Groups of Kubernetes itself, whose objects have images in pod specs alone. Custom resources may have names under `k8s.io`, too,
 * such as those of `sparkoperator.k8s.io` ({@link https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#-strong-api-groups-strong-}).
 */
const OWN_GROUP =
  /^(?:v\d\w*|(?:(?:apps|batch|extensions|policy|autoscaling)|(?:admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|events|flowcontrol\.apiserver|internal\.apiserver|networking|node|rbac\.authorization|resource|scheduling|storage|storagemigration)\.k8s\.io)\/.*)$/;

/** Kubernetes' own kinds that are pods or make some. */
const POD_KIND =
  /^(?:Pod|PodTemplate|ReplicationController|Deployment|ReplicaSet|StatefulSet|DaemonSet|Job|CronJob)(?:Patch|List)?$/;

function hasPods(properties: JsonObject, type: string): boolean {
  const { apiVersion, kind } = withKind(properties, type);
  return (
    !(typeof apiVersion === "string" && OWN_GROUP.test(apiVersion)) || (typeof kind === "string" && POD_KIND.test(kind))
  );
}

function imagesOf(object: JsonObject): { readonly path: JsonPath; readonly image: string }[] {
  const inPods = podImages(object)
    .filter(({ pulled }) => pulled)
    .map(({ path, text }) => ({ path, image: text.trim() }));
  if (typeof object.apiVersion !== "string" || OWN_GROUP.test(object.apiVersion)) return inPods;
  const places = new Set(inPods.map(({ path }) => JSON.stringify(path)));
  const others = findImages([{ object }], { values: {} })
    .filter(
      ({ certainty, holdsImages, location }) =>
        certainty !== "possible" && !holdsImages && !places.has(JSON.stringify(location.path)),
    )
    .map(({ reference, location }) => ({ path: location.path, image: reference }));
  return [...inPods, ...others];
}

/** `kubernetes:apps/v1:Deployment` says what the properties may leave out. */
function withKind(properties: JsonObject, type: string): JsonObject {
  const [, group = "", kind = ""] = type.split(":");
  return { apiVersion: group.replace(/^core\//, ""), kind: kind.replace(/Patch$/, ""), ...properties };
}

/** Whether an unknown value may be an image, or hold some; names, labels and a container's other fields do not. */
function mayHoldImages(path: JsonPath): boolean {
  if (path[0] === "metadata" || path[0] === "status" || path[0] === "data" || path[0] === "stringData") return false;
  const list = path.findIndex((step) => /^(?:containers|initContainers|ephemeralContainers)$/.test(String(step)));
  const field = list < 0 ? undefined : path[list + 2];
  return field === undefined || field === "image";
}
