import { parseReference, tryParseReference, type ImageReference } from "../../image/reference";
import type { ToldUse } from "../../kubernetes/clusterImages/auditLog";
import type { ImageUse } from "../../kubernetes/clusterImages/clusterImages";
import { clusterReader } from "../../kubernetes/clusterImages/clusterReader";
import type { ClusterImage } from "../../kubernetes/clusterImages/imagesByReference";
import { MirrorError } from "../../error";
import { printableLine } from "../../printable";
import type { Input } from "../options/passwordInput";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { Streams } from "../output/streams";
import type { ClusterOptions } from "./clusterOptions";
import { lookedAt, type Standing } from "./lookedAt";

/** No pod of the cluster has the image. `code` is `IMAGE_NOT_IN_CLUSTER`. */
export function imageNotInCluster(image: string, namespace: string | undefined): MirrorError {
  return new MirrorError(
    "IMAGE_NOT_IN_CLUSTER",
    `looking for the image ${image} in ${namespace === undefined ? "all namespaces" : `the namespace ${namespace}`}: no pod and no workload has it now`,
    "chart-mirror images --cluster lists those outside the mirror; --audit-log FILE looks at what was there, too",
  );
}

/**
 * `chart-mirror why IMAGE --cluster`: which pods have an image, who has made them, and who named it. An image without tag and
 * digest stands for all of its repository.
 *
 * @param connect the cluster; tests give one of theirs
 * @returns 0 when it stands in the mirror or is excepted, 3 when it is outside
 */
export async function clusterWhyCommand(
  name: string,
  options: ClusterOptions,
  streams: Streams,
  input: Input,
  connect = clusterReader,
): Promise<number> {
  const asked = parseReference(name);
  const { images, standingOf } = await lookedAt({
    options,
    streams,
    input,
    connect,
    wanted: (image) => isMeant(image, asked),
  });
  if (images.length === 0) throw imageNotInCluster(name, options.namespace);
  const standings = images.map((image) => standingsOf(image, standingOf));
  if (options.output === "json" || options.output === "yaml")
    streams.out(formatReport({ headings: [], rows: [], data: images }, options.output));
  else images.forEach((image, i) => streams.out(described(image, standings[i] ?? [])));
  return standings.flat().includes("outside") ? EXIT.escapes : EXIT.whole;
}

function isMeant(image: ImageReference, { registry, repository, tag, digest }: ImageReference): boolean {
  return (
    image.registry === registry &&
    image.repository === repository &&
    (tag === undefined || image.tag === tag) &&
    (digest === undefined || image.digest === digest)
  );
}

function standingsOf(
  { uses, refused, audited }: ClusterImage,
  standingOf: (image: ImageReference, namespace: string) => Standing,
): Standing[] {
  const all = [...uses, ...refused, ...audited].map(({ image, namespace }) => {
    const reference = tryParseReference(image);
    return reference ? standingOf(reference, namespace) : "unknown";
  });
  return [...new Set(all)];
}

const WORDS: Readonly<Record<Standing, string>> = {
  outside: "outside the mirror",
  excepted: "excepted",
  mirror: "in the mirror",
  unknown: "in a namespace that no MirrorAdmission is for",
};

function described(image: ClusterImage, standings: readonly Standing[]): string {
  const { reference, digests, uses, refused, audited } = image;
  const running = digests.length > 0 ? `, running ${digests.join(" and ")}` : "";
  const lines = [
    `${reference}: ${standings.map((standing) => WORDS[standing]).join(", ")}${running}`,
    ...uses.flatMap(useLines),
    ...refused.map((told) => `  refused: ${toldWords(told)}`),
    ...audited.map((told) => `  audit log: ${toldWords(told)}`),
  ];
  // An audit log has names of any kind.
  return lines.map((line) => `${printableLine(line)}\n`).join("");
}

function useLines({ namespace, pods, container, owners, origin }: ImageUse): string[] {
  const [first, ...more] = pods;
  const where =
    first === undefined
      ? `${namespace}, ${container} of ${owners[0] ?? ""}, which has no pod now`
      : `pod ${namespace}/${first}${more.length > 0 ? ` and ${more.length} more` : ""}, ${container}`;
  const chain = first === undefined ? owners.slice(1) : owners;
  return [
    `  ${where}`,
    ...(chain.length > 0 ? [`    made by ${chain.join(", by ")}`] : []),
    `    ${origin.why}`,
    ...(origin.setBy === undefined ? [] : [`    set by ${origin.setBy}`]),
  ];
}

function toldWords({ namespace, object, container, user, count, last, refused }: ToldUse): string {
  const by = user === undefined ? "" : `, by ${user}`;
  const often = count > 1 ? `, ${count} times` : "";
  return `${container} of ${namespace}/${object}${by}${refused ? ", refused" : ""}${often}${last === undefined ? "" : `, last ${last}`}`;
}
