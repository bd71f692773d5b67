import { valueLeaves, formatValuePath } from "../../chart/content/valuePaths";
import type { JsonObject, JsonPath } from "../../json";
import { ownValue } from "../../ownKeys";
import { managerOf, managerOfPath } from "./fieldManager";
import type { Owner } from "./ownerChain";
import { at, specImages, templateOf, textOrEmpty, type SpecImage } from "./specImages";

/** Where an image of a pod comes from, as far as the cluster tells. */
export const OriginKind = {
  /** A template of the release that helm keeps. */
  Release: "release",
  /** A custom resource names it. */
  CustomResource: "customResource",
  /** No object names it: the program that made the pods has it by itself. */
  Operator: "operator",
  /** It was put into a pod as that was made. */
  Injected: "injected",
  /** It was put into a running pod. */
  Debug: "debug",
  /** A workload or a pod that somebody has made. */
  Object: "object",
  /** A file of a node. */
  Node: "node",
} as const;
export type OriginKind = (typeof OriginKind)[keyof typeof OriginKind];

export interface ImageOrigin {
  readonly kind: OriginKind;
  /** In words. */
  readonly why: string;
  /** Who has written the field that names the image, as the API server keeps it. */
  readonly setBy?: string;
}

/** Kubernetes' own kinds of objects that make pods. */
const OWN_GROUP = /^(?:v1|apps\/.*|batch\/.*)$/;

/**
 * Where an image comes from.
 *
 * @param pod a pod, or a workload that has none now
 * @param chain who made it, the nearest first
 */
export function originOf(pod: JsonObject, image: SpecImage, chain: readonly Owner[]): ImageOrigin {
  if (image.list === "ephemeralContainers")
    return origin(
      OriginKind.Debug,
      "it was put into the running pod, as kubectl debug does",
      setIn(pod, ["spec"], image),
    );
  const maker = chain.find(({ object }) => object && templateOf(object));
  const named = maker?.object && specImages(templateOf(maker.object)).find((one) => isSame(one, image));
  if (maker?.object && !named)
    return origin(
      OriginKind.Injected,
      `${describeOwner(maker)} has no ${image.container}: it was put into the pod as that was made, as injectors of sidecars do`,
    );
  if (maker && named && named.image !== image.image)
    return origin(
      OriginKind.Injected,
      `${describeOwner(maker)} has ${named.image}: it was changed as the pod was made, or the pod is older than that`,
    );
  const top = chain.at(-1);
  if (top?.kind === "Node") return origin(OriginKind.Node, `a file of the node ${top.name} has the pod`);
  const setter = setterOf(pod, image, chain);
  const resource = chain.find(({ apiVersion }) => !OWN_GROUP.test(apiVersion));
  const place = resource?.object && placeOf(resource.object, image.image);
  if (resource?.object && !place)
    return origin(
      OriginKind.Operator,
      `${describeOwner(resource)} does not name it: it is a default of the program that makes its pods`,
      setter,
    );
  const release = releaseOf([...objectsOf(chain), pod]);
  if (release !== undefined) return origin(OriginKind.Release, `helm's release ${release} has it`, setter);
  if (resource?.object && place)
    return origin(
      OriginKind.CustomResource,
      `${describeOwner(resource)} names it at ${formatValuePath(place)}`,
      managerOfPath(resource.object, place) ?? setter,
    );
  if (top?.unread !== undefined)
    return origin(
      OriginKind.Object,
      `what made it is not known: ${describeOwner(top)} could not be read (${top.unread})`,
      setter,
    );
  return origin(OriginKind.Object, top ? `${describeOwner(top)} has it` : "nothing else owns it", setter);
}

/** `Kafka main`. */
export const describeOwner = ({ kind, name }: Pick<Owner, "kind" | "name">): string => `${kind} ${name}`;

function origin(kind: OriginKind, why: string, setBy?: string): ImageOrigin {
  return { kind, why, ...(setBy !== undefined && { setBy }) };
}

const objectsOf = (chain: readonly Owner[]): JsonObject[] =>
  chain.map(({ object }) => object).filter((object) => object !== undefined);

const isSame = (one: SpecImage, other: SpecImage): boolean => one.list === other.list && one.name === other.name;

/** Who has set an image in the object furthest from the pod that names it: the others are made of that one. */
function setterOf(pod: JsonObject, image: SpecImage, chain: readonly Owner[]): string | undefined {
  const objects = [pod, ...objectsOf(chain)].reverse();
  for (const object of objects) {
    const template = templateOf(object);
    const setter =
      template === undefined
        ? setIn(object, ["spec"], image)
        : (setIn(object, ["spec", "template", "spec"], image) ??
          setIn(object, ["spec", "jobTemplate", "spec", "template", "spec"], image));
    if (setter !== undefined) return setter;
  }
  return undefined;
}

function setIn(object: JsonObject, spec: readonly string[], { list, name }: SpecImage): string | undefined {
  const field = list === "volumes" ? ["image", "reference"] : ["image"];
  return managerOf(object, [...spec, list, { name }, ...field]);
}

/** Where an object names an image, whole or as a repository whose tag stands elsewhere. */
function placeOf(object: JsonObject, image: string): JsonPath | undefined {
  const spec = at(object, "spec");
  if (spec === undefined) return undefined;
  const repository = image.split("@", 1)[0]?.replace(/:[^:/]*$/, "");
  const leaves = [...valueLeaves(spec)];
  const found = leaves.find(({ value }) => value === image) ?? leaves.find(({ value }) => value === repository);
  return found && ["spec", ...found.path];
}

/** {@link https://github.com/helm/helm/blob/v3.19.5/pkg/action/validate.go helm writes whose an object is} */
function releaseOf(objects: readonly JsonObject[]): string | undefined {
  for (const { metadata } of objects) {
    const annotations = at(metadata, "annotations") as JsonObject | undefined;
    const name = textOrEmpty(ownValue(annotations, "meta.helm.sh/release-name"));
    if (name !== "") return `${textOrEmpty(ownValue(annotations, "meta.helm.sh/release-namespace"))}/${name}`;
  }
  return undefined;
}
