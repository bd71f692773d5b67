import { canonicalHost, formatReference, tryParseReference } from "../../image/reference";

/** Why a node could not pull an image, as far as its words tell. */
export const PullProblem = {
  /** The pod names a Secret that its namespace does not have. */
  SecretMissing: "secret-missing",
  /** The registry wants a login, or another one. */
  Login: "login",
  /** The registry has no such image. */
  NotFound: "not-found",
  /** The image is not there for the node's platform. */
  Platform: "platform",
  /** The registry speaks http, and the node https. */
  PlainHttp: "plain-http",
  /** The node does not trust the registry's certificate. */
  Tls: "tls",
  /** The registry, or the network, holds the node back for a while. */
  Throttled: "throttled",
  /** The node cannot reach the registry. */
  Unreachable: "unreachable",
  /** The image's name is none. */
  InvalidName: "invalid-name",
  /** The container lacks a Secret, a ConfigMap or a key of one. */
  Configuration: "configuration",
  /** Something else, which the words must tell. */
  Other: "other",
} as const;
export type PullProblem = (typeof PullProblem)[keyof typeof PullProblem];

/** Waiting reasons of a container that say by themselves what is wrong. */
const BY_REASON = new Map<string, PullProblem>([
  ["InvalidImageName", PullProblem.InvalidName],
  ["CreateContainerConfigError", PullProblem.Configuration],
]);

/**
 * What containerd, CRI-O and registries write; the first that fits counts. "Not found" comes after logins: a registry
 * that hides what a login may not see says both in one breath ("does not exist or may require authorization").
 */
const BY_WORDS: readonly (readonly [RegExp, PullProblem])[] = [
  [/server gave HTTP response to HTTPS client/i, PullProblem.PlainHttp],
  [/x509:|certificate (?:signed by|is not|has expired)|failed to verify certificate/i, PullProblem.Tls],
  [/toomanyrequests|too many requests|rate limit|\b429\b|pull QPS exceeded/i, PullProblem.Throttled],
  [/no match for platform|no image found in (?:image index|manifest list) for/i, PullProblem.Platform],
  [
    /\b40[13]\b|unauthorized|forbidden|\bdenied\b|authorization failed|authentication required|no basic auth|insufficient_scope|incorrect username/i,
    PullProblem.Login,
  ],
  [/\b404\b|not found|manifest unknown|name unknown|does not exist/i, PullProblem.NotFound],
  [
    /dial tcp|no such host|i\/o timeout|timeout exceeded|deadline exceeded|connection (?:refused|reset)|no route to host|network is unreachable|name resolution|\bEOF\b/i,
    PullProblem.Unreachable,
  ],
];

/** Tells why a container waits, by the reason of its state and the cluster's words. */
export function pullProblem(reason: string, words: string): PullProblem {
  return BY_REASON.get(reason) ?? BY_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? PullProblem.Other;
}

/** What is known of the pod and its image when a remedy is asked for. */
export interface PullSituation {
  readonly image: string;
  readonly namespace: string;
  /** The Secrets that the pod pulls with. */
  readonly pullSecrets: readonly string[];
  /** Those of them that its namespace does not have. */
  readonly missingSecrets: readonly string[];
  /** The registry that the images were moved to, and the references of those there; absent when it is not known. */
  readonly mirror?: { readonly host: string; readonly targets: ReadonlySet<string> };
}

/** A reference as every layer of this package writes it. */
export function canonical(image: string): string {
  const reference = tryParseReference(image);
  return reference ? formatReference(reference) : image;
}

/** What the user can do about it. */
export function pullRemedy(problem: PullProblem, situation: PullSituation): string {
  const { image, namespace, pullSecrets, missingSecrets, mirror } = situation;
  const host = tryParseReference(image)?.registry ?? image;
  const outside = mirror !== undefined && host !== canonicalHost(mirror.host);
  const elsewhere = `The image is not pulled from ${mirror?.host}: name it in extraImages, or the pods' maker in a value`;
  switch (problem) {
    case PullProblem.SecretMissing:
      return `Make the Secret ${missingSecrets.join(", ")} in the namespace ${namespace} (pullSecret.namespaces has a mirror make it there), or name one that is there`;
    case PullProblem.Login:
      if (outside) return elsewhere;
      return pullSecrets.length === 0
        ? `The pod names no pull secret: give it, or its service account, one with a login of ${host}, or let the nodes' identity pull`
        : `Check that the Secret ${pullSecrets.join(" or ")} in the namespace ${namespace} has a valid login of ${host} that may pull this image`;
    case PullProblem.NotFound:
      if (outside) return elsewhere;
      return mirror === undefined || mirror.targets.has(canonical(image))
        ? `Look in ${host} for the image, which was deleted or never pushed; the next update copies what is missing in the mirror`
        : `Nothing has brought this image to ${host}: name its source in extraImages`;
    case PullProblem.Platform:
      return "Copy the platform of the node as well: the mirror holds others only";
    case PullProblem.PlainHttp:
      return `Tell the nodes that ${host} speaks plain http: chart-mirror node-config writes their configuration`;
    case PullProblem.Tls:
      return `Have the nodes trust the certificate authority of ${host}: chart-mirror node-config writes their configuration`;
    case PullProblem.Throttled:
      return outside ? elsewhere : "Wait; the kubelet tries again by itself";
    case PullProblem.Unreachable:
      return outside ? elsewhere : `Check the nodes' way to ${host}: its name, firewalls, proxies`;
    case PullProblem.InvalidName:
      return "Correct the value that the chart makes this name of";
    case PullProblem.Configuration:
      return "Make what the container's environment asks for, or correct the values that name it";
    case PullProblem.Other:
      return `See kubectl describe pod in the namespace ${namespace}`;
  }
}
