import { digestOf } from "../../image/digest";
import {
  canonicalHost,
  formatReference,
  manifestName,
  parseReference,
  tryParseReference,
  withCanonicalHost,
  withoutSuffix,
} from "../../image/reference";
import { mirrorPrefix, mirrorPrefixes, type LayoutOptions, type MirrorAddress } from "../../plan/layout";
import type { AdmissionMode } from "./admissionMode";
import { shortHash } from "../../plan/chartArtifact";
import type { ResolvedImage } from "../../plan/resolvedPlan";
import { byKey } from "../../textOrder";

/** An image of a plan, with what is known of it. */
export type AdmittedImage = Pick<ResolvedImage, "source" | "target" | "digest" | "targetDigest">;

/** What admission policies need to know of one mirror. */
export interface AdmissionParameters {
  readonly mirror: MirrorAddress;
  readonly layout: LayoutOptions;
  /** Images that may stay where they are: exact references, `*` for any characters. */
  readonly exceptions?: readonly string[];
  /** What the mirror has. */
  readonly images?: readonly AdmittedImage[];
  /** Hosts of which every image is looked for in the mirror, whether it is known to have it or not. */
  readonly upstreams?: readonly string[];
  /** Secrets that pods pull from the mirror with. */
  readonly pullSecrets?: readonly string[];
}

/** What the keys of this package begin with in labels and annotations of a namespace. */
export const NAMESPACE_KEYS = "pulumi-chart-mirror/admission";

/** Kinds of parameters; what stands behind the last point tells those of one kind apart. */
export const PARAMETER = {
  /** What images in the mirror begin with: `registry.example.com/platform/`. */
  mirror: `${NAMESPACE_KEYS}.mirror.`,
  /** A regular expression for images that may stay where they are. */
  exception: `${NAMESPACE_KEYS}.exception.`,
  /** A repository, the one in the mirror, and the tags and digests that are there, between blanks. */
  image: `${NAMESPACE_KEYS}.image.`,
  /** What repositories begin with, what those in the mirror begin with, and one of {@link RULE_FORMS}, between blanks. */
  rule: `${NAMESPACE_KEYS}.rule.`,
  /** The name of a pull secret. */
  secret: `${NAMESPACE_KEYS}.secret.`,
} as const;

/** The label of namespaces that a mode is for. */
export const modeLabel = (mode: AdmissionMode): string => `${NAMESPACE_KEYS}-${mode}`;

/** What follows in the mirror on the beginning that a rule names. */
export const RULE_FORMS = {
  /** The rest of the repository, as a cache asks its upstream for it. */
  repository: "repository",
  /** The path as the author of the reference wrote it. */
  path: "path",
  /** Nothing: what it names stays where it is unless it is known. */
  stays: "stays",
} as const;

/**
 * What the policies read of a namespace, as its annotations. Releases that share one have the same key for the same thing,
 * which goes with the last of them, and never one key for different things: keys are made of what they stand for.
 */
export function admissionParameters(parameters: AdmissionParameters): Record<string, string> {
  const { mirror, layout, exceptions = [], images = [], pullSecrets = [] } = parameters;
  const data = new Map<string, string>();
  const add = (kind: string, value: string): void => void data.set(kind + shortHash(digestOf(value)), value);
  for (const prefix of mirrorPrefixes(mirror, layout)) add(PARAMETER.mirror, withCanonicalHost(`${prefix}/`));
  for (const pattern of exceptions) add(PARAMETER.exception, patternExpression(pattern));
  for (const line of knownImages(images)) add(PARAMETER.image, line);
  for (const rule of rules(parameters)) add(PARAMETER.rule, rule);
  for (const secret of pullSecrets) add(PARAMETER.secret, secret);
  return Object.fromEntries([...data].sort(byKey));
}

/** A pattern as a regular expression of RE2, for its own text and for that with the canonical host. */
function patternExpression(pattern: string): string {
  const forms = [...new Set([pattern, withCanonicalHost(pattern)])].map((form) =>
    form
      .split("*")
      .map((literal) => literal.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
      .join(".*"),
  );
  return `^(?s:${forms.join("|")})$`;
}

/** One line for each pair of repositories, sorted. */
function knownImages(images: readonly AdmittedImage[]): string[] {
  const suffixes = new Map<string, Set<string>>();
  for (const { source, target, digest, targetDigest } of images) {
    const reference = tryParseReference(source);
    if (reference === undefined) continue;
    const pair = `${repositoryOf(source)} ${withoutSuffix(target)}`;
    const known = suffixes.get(pair) ?? new Set();
    suffixes.set(pair, known.add(suffixOf(manifestName(reference))));
    // A copy has what its reference names by tag, too, and under the digest of the source unless it was written anew.
    if (reference.tag !== undefined) known.add(suffixOf(reference.tag));
    if (digest !== undefined && targetDigest === undefined) known.add(suffixOf(digest));
  }
  return [...suffixes].map(([pair, known]) => [pair, ...[...known].sort()].join(" ")).sort();
}

const repositoryOf = (source: string): string => {
  const { tag: _tag, digest: _digest, ...repository } = parseReference(source);
  return formatReference(repository);
};

const suffixOf = (name: string): string => (name.includes(":") ? `@${name}` : `:${name}`);

/** Rules for all below an upstream: those that the mirror serves, and the ones that were asked for. */
function rules({ mirror, layout, upstreams = [] }: AdmissionParameters): string[] {
  const all = new Set(upstreams.map(canonicalHost));
  const mappings = (layout.upstreams ?? []).map(({ upstream, path, copied }) => {
    const from = withCanonicalHost(`${upstream}/`);
    const served = !copied || all.has(from.slice(0, from.indexOf("/")));
    return [from, served ? `${mirror.host}/${path}/` : "-", served ? RULE_FORMS.repository : RULE_FORMS.stays];
  });
  // A mapping of all that a host has says where it goes.
  const mapped = new Set(mappings.map(([from]) => from));
  const hosts = [...all]
    .filter((host) => host !== canonicalHost(mirror.host) && !mapped.has(`${host}/`))
    .map((host) => {
      const kept = layout.keepHost ? `${host.replace(":", "_")}/` : "";
      return [`${host}/`, `${mirrorPrefix(mirror)}/${kept}`, RULE_FORMS.path];
    });
  return [...mappings, ...hosts].map((rule) => rule.join(" "));
}
