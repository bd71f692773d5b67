import type { Certainty } from "./foundImage";
import { namesImage, namesRepository, plainlyNamesImage } from "./imageKeys";
import { PULLED_SCHEMES, type ImageToken } from "./imageTokens";
import { isKnownRegistry, isOtherHost } from "./registryHosts";
import { repositoryName, type ValueImages } from "./valueImages";

/** Images that the chart names elsewhere: a doubtful text with one of their repositories counts as an image. */
export interface Evidence {
  /** Canonical repositories of the containers, and whether a container has a tag or a digest of it. */
  readonly containers: ReadonlyMap<string, boolean>;
  readonly values: ValueImages;
  /** Canonical repositories that the chart's metadata lists. */
  readonly listed: ReadonlySet<string>;
}

/** The context of a text that may be an image: its key, and what is beside it. */
export interface Surroundings {
  /** The key, flag or variable that it is the value of. */
  readonly key?: string;
  /** It is a whole value, not a word of a longer one. */
  readonly whole: boolean;
  /** It stands beside `command`, `resources` and the like, as the image of a container does. */
  readonly container?: boolean;
  /** It was put together from fields of its own, which says more than a text. */
  readonly split?: boolean;
}

/** A reason to take a piece of text for an image. */
export interface Judgement {
  readonly certainty: Certainty;
  readonly why: string;
}

/** Whether a text is an image that a container runs. */
export function isRunByContainer(reference: string, { containers }: Evidence): boolean {
  return containers.has(repositoryName(reference) ?? "");
}

const FILE =
  /\.(?:png|svg|jpe?g|gif|ico|sh|html?|ya?ml|json|toml|xml|conf|cfg|ini|properties|txt|md|jar|war|js|mjs|ts|py|rb|go|so|sock|tgz|tar|gz|zip|crt|cer|pem|key|p12|jks|log|sql|db|lua|tpl|tmpl|css|lock|pid|bin|env|rego|wasm|proto)$/;
const PORT = /^\d{1,5}$/;
/** Tags as images have them: with a digit, or one of the few words. */
const TAG = /\d|^(?:latest|stable|main|master|edge|nightly|dev|alpine|slim|debug|nonroot)$/;
/** Words that stand under a key of an image and are a choice, a number or a time. */
const NO_NAME = /^(?:true|false|auto|default|none|null|latest|always|never|unset|custom|\d+[a-z]*)$/;
const VERSION = /^v?\d+\.\d+/;

/** Says whether a piece of text is an image, as far as the text and the chart tell; undefined when nothing speaks for it. */
export function judgeToken(token: ImageToken, around: Surroundings, evidence: Evidence): Judgement | undefined {
  if (isNoImage(token)) return undefined;
  const named = around.key !== undefined && namesImage(around.key);
  const suffix = token.tag !== undefined || token.digest !== undefined;
  if (token.digest !== undefined) return { certainty: "likely", why: "it has a digest" };

  const repository = repositoryName(token.host === undefined ? token.path : `${token.host}/${token.path}`);
  if (repository === undefined) return undefined;
  // A bare word says nothing by itself, and `redis:6379` is a service.
  const plain = around.key !== undefined && plainlyNamesImage(around.key);
  const bare = token.host === undefined && !suffix && !token.path.includes("/");
  if (bare && (!plain || NO_NAME.test(token.path))) return undefined;
  if (around.container && around.whole)
    return { certainty: "likely", why: "it stands where a container has its image" };
  // A path alone may be what a program calls itself: its key must say that it is an image's.
  const about = around.key !== undefined && namesRepository(around.key);
  const telling =
    token.host !== undefined || (token.path.includes("/") && (suffix || about)) || named || around.split === true;
  const service = token.tag !== undefined && PORT.test(token.tag) && token.tag.length > 2 && !named;
  if ((telling || (suffix && around.whole)) && !service) {
    if (evidence.containers.has(repository)) return { certainty: "likely", why: "same repository as a container" };
    const path = evidence.values.pathOf(repository);
    // A bare word may be half of a name that somebody else completes.
    if (path !== undefined && bare && !around.split) return { certainty: "possible", why: `named by value ${path}` };
    if (path !== undefined) return { certainty: "likely", why: `named by value ${path}` };
    if (evidence.listed.has(repository) && !bare)
      return { certainty: "likely", why: "listed among the chart's images in Chart.yaml" };
  }
  if (token.host !== undefined && isKnownRegistry(token.host)) {
    const certainty = suffix || named || around.whole ? "likely" : "possible";
    return { certainty, why: `${token.host} is a registry` };
  }
  if (token.scheme !== undefined && suffix) return { certainty: "likely", why: `${token.scheme}:// pulls it` };
  if (around.split && suffix) return { certainty: "likely", why: "repository and tag" };
  if (named && around.whole) {
    const certain = token.host !== undefined || token.goesOn || (suffix && !FILE.test(token.path));
    return { certainty: certain ? "likely" : "possible", why: `${around.key} names an image` };
  }
  if (!suffix || service || !TAG.test(token.tag ?? "")) return undefined;
  if (token.host !== undefined) return { certainty: "possible", why: "it has a host, a path and a tag" };
  if (token.path.includes("/") && VERSION.test(token.tag ?? ""))
    return { certainty: around.whole ? "likely" : "possible", why: "it has a path and a version" };
  return undefined;
}

function isNoImage({ host, path, tag, digest, scheme }: ImageToken): boolean {
  if (scheme !== undefined && !PULLED_SCHEMES.includes(scheme)) return true;
  // `registry.k8s.io` alone, or with a port behind it.
  if (host === undefined && isKnownRegistry(path)) return true;
  if (host !== undefined && isOtherHost(host)) return true;
  return tag === undefined && digest === undefined && FILE.test(path);
}
