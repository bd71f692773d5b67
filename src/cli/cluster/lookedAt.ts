import { createReadStream } from "node:fs";
import { MirrorError } from "../../error";
import { failureReason } from "../../files/fileError";
import { formatReference, tryParseReference, withCanonicalHost, type ImageReference } from "../../image/reference";
import { matchesWildcard } from "../../image/wildcard";
import { readParameters, type NamespaceMirrors } from "../../kubernetes/admission/readParameters";
import { readAuditLog, type AuditLog, type ToldUse } from "../../kubernetes/clusterImages/auditLog";
import { clusterImages } from "../../kubernetes/clusterImages/clusterImages";
import type { clusterReader } from "../../kubernetes/clusterImages/clusterReader";
import { imagesByReference, type ClusterImage } from "../../kubernetes/clusterImages/imagesByReference";
import { mirrorPrefix } from "../../plan/layout";
import type { Input } from "../options/passwordInput";
import type { Streams } from "../output/streams";
import type { ClusterOptions } from "./clusterOptions";

/** An audit log cannot be read. `code` is `AUDIT_LOG_UNREADABLE`. */
export function auditLogUnreadable(file: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "AUDIT_LOG_UNREADABLE",
    `reading the audit log ${file} of --audit-log failed: ${reason}`,
    "Give a file with one event in a line, or - for standard input",
    options,
  );
}

/** What outside means is not known. `code` is `MIRROR_NOT_TOLD`. */
export function mirrorNotTold(): MirrorError {
  return new MirrorError(
    "MIRROR_NOT_TOLD",
    "looking for images outside the mirror: no namespace that was looked at says which the mirror is, since no MirrorAdmission is for it",
    "Name the mirror with --to HOST[/PATH]",
  );
}

/** Whether an image is in the mirror, outside of it, or excepted. */
export type Standing = "outside" | "excepted" | "mirror" | "unknown";

/** Which cluster a command looks at, and which of its images it shows; tests give a `connect` of their own. */
export interface ClusterLook {
  readonly options: ClusterOptions;
  readonly streams: Streams;
  readonly input: Input;
  readonly connect: typeof clusterReader;
  /** Whether an image is of interest, by where it stands. */
  wanted: (image: ImageReference, standing: Standing) => boolean;
}

/** The images of a cluster's pods that are of interest; what could not be looked at is told. */
export async function lookedAt({ options, streams, input, connect, wanted }: ClusterLook): Promise<{
  images: ClusterImage[];
  /** How many images are excepted. */
  excepted: number;
  /** How many images stand in namespaces of which nothing says what their mirror is. */
  unjudged: number;
  /** Whether anything says which the mirror is. */
  mirrorTold: boolean;
  standingOf: (image: ImageReference, namespace: string) => Standing;
}> {
  const { namespace, kubeconfig, context } = options;
  const reader = await connect({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const excepted = new Set<string>();
  const unjudged = new Set<string>();
  const standing = (image: ImageReference, written: string, mirrors: NamespaceMirrors, inPod: boolean): Standing => {
    const where = standingIn(image, written, mirrors, inPod, options);
    if (where === "excepted") excepted.add(formatReference(image));
    return where;
  };
  const found = await clusterImages(reader, {
    namespace,
    wanted: (image, written, mirrors, inPod) => {
      const where = standing(image, written, mirrors, inPod);
      if (where === "unknown") unjudged.add(formatReference(image));
      return wanted(image, where);
    },
  });
  for (const text of found.unread) streams.err(`warning: ${text}\n`);
  for (const text of found.invalid) streams.err(`warning: ${text} is no image reference, so that no node pulls it\n`);
  const mirrorsOf = (name: string): NamespaceMirrors => found.mirrors.get(name) ?? readParameters({});
  const audited: ToldUse[] = [];
  for (const file of options.auditLog) audited.push(...(await auditedIn(file, input, streams)));
  const told = audited.filter(({ image, namespace: where }) => {
    if (namespace !== undefined && where !== namespace) return false;
    const reference = tryParseReference(image);
    if (!reference) return false;
    const now = standing(reference, image, mirrorsOf(where), true);
    // Of a namespace that is gone, the API server has said all that is known.
    return wanted(reference, now === "unknown" ? "outside" : now);
  });
  return {
    images: imagesByReference(found.uses, found.refused, told),
    excepted: excepted.size,
    unjudged: unjudged.size,
    mirrorTold: options.to.length > 0 || [...found.mirrors.values()].some(({ prefixes }) => prefixes.length > 0),
    standingOf: (image, where) => standing(image, formatReference(image), mirrorsOf(where), true),
  };
}

function standingIn(
  image: ImageReference,
  written: string,
  mirrors: NamespaceMirrors,
  inPod: boolean,
  { to, ignoreImage }: ClusterOptions,
): Standing {
  const name = formatReference(image);
  const prefixes = to.length > 0 ? to.map((mirror) => withCanonicalHost(`${mirrorPrefix(mirror)}/`)) : mirrors.prefixes;
  if (prefixes.length === 0) return "unknown";
  if (prefixes.some((prefix) => name.startsWith(prefix))) return "mirror";
  // Its pods get the mirror's.
  if (!inPod && mirrors.isRewritten(image)) return "mirror";
  const ignored = ignoreImage.some((pattern) =>
    [pattern, withCanonicalHost(pattern)].some((form) => [written, name].some((text) => matchesWildcard(form, text))),
  );
  return ignored || mirrors.isExcepted(written) ? "excepted" : "outside";
}

async function auditedIn(file: string, input: Input, streams: Streams): Promise<readonly ToldUse[]> {
  let log: AuditLog;
  try {
    log = await readAuditLog(file === "-" ? input : createReadStream(file));
  } catch (error) {
    throw auditLogUnreadable(file, failureReason(error), { cause: error });
  }
  const { uses, uncounted, unread, left } = log;
  const warn = (count: number, words: string): void => {
    if (count > 0) streams.err(`warning: ${file}: ${count} ${words}\n`);
  };
  warn(unread, "lines cannot be read as audit events");
  warn(uncounted, "images are only counted in their messages, which have no room for more");
  warn(left, "more uses of images are left out");
  return uses;
}
