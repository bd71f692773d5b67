import type * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { hideLogin } from "../../image/addressLogin";
import { isRegistryHost } from "../../image/reference";
import { brokenRepositoryNameRule } from "./acrName";

/** The login of a cache rule's upstream, kept in an Azure Key Vault. */
export interface AcrUpstreamLogin {
  /** Identifier of the secret with the user: `https://VAULT.vault.azure.net/secrets/hub-user`. */
  usernameSecret: pulumi.Input<string>;
  /** Identifier of the secret with the password or token. */
  passwordSecret: pulumi.Input<string>;
  /**
   * Resource id of a vault with role-based access, on which the registry gets the role "Key Vault Secrets User". Without
   * it, give the credential set's identity access in another way.
   */
  keyVaultId?: pulumi.Input<string>;
}

/** Repositories that ACR serves from another registry and keeps: a cache rule of the artifact cache. */
export interface AcrCacheRule {
  /** `host[/path]` of the images that it serves: `docker.io`, `quay.io/prometheus`. */
  upstream: string;
  /** Path in the registry that stands for `upstream`; the registry's own `path` is not put before it. */
  path: string;
  /** Docker Hub serves caches with a login alone. */
  login?: AcrUpstreamLogin;
  /** The rule is there already, made elsewhere. Default: false. */
  existing?: boolean;
}

const LONGEST_NAME = 50;

/** A name for the rule, and for its credential set: 5 to 50 letters, digits and dashes, another one for another path. */
export function cacheRuleName(path: string): string {
  const slug = path.replace(/[^a-zA-Z0-9]+/g, "-");
  const name = `mirror-${slug}`;
  if (slug === path && name.length <= LONGEST_NAME) return name;
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - hash.length - 1)}-${hash}`;
}

/** A text that stands for everything below a path, as rules write it. */
export function everythingBelow(path: string): string {
  return `${path}/*`;
}

/**
 * What keeps ACR from taking these rules, in words.
 *
 * @param path of the registry's own copies
 * @see https://learn.microsoft.com/azure/container-registry/wildcards-artifact-cache rules may not overlap
 */
export function cacheRuleProblems(rules: readonly AcrCacheRule[], path: string | undefined): string[] {
  return rules.flatMap((rule, index) => {
    const problem =
      upstreamProblem(rule.upstream) ?? pathProblem(rule.path) ?? clash(rule, rules.slice(0, index), path);
    return problem ? [`the cache rule for ${hideLogin(rule.upstream)} ${problem}`] : [];
  });
}

function upstreamProblem(upstream: string): string | undefined {
  const [host = "", ...segments] = upstream.split("/");
  if (!isRegistryHost(host) || !host.includes("."))
    return `names no registry: ${JSON.stringify(hideLogin(upstream).split("/", 1)[0])} is not the host of one`;
  const broken = segments.length > 0 ? brokenRepositoryNameRule(segments.join("/")) : undefined;
  return broken && `names no repositories: ${broken}`;
}

function pathProblem(path: string): string | undefined {
  const broken = brokenRepositoryNameRule(path);
  return broken && `cannot be at ${JSON.stringify(hideLogin(path))}: ${broken}`;
}

function clash(rule: AcrCacheRule, others: readonly AcrCacheRule[], own: string | undefined): string | undefined {
  const other = others.find(({ path }) => isBelow(path, rule.path) || isBelow(rule.path, path));
  if (other)
    return `overlaps the one for ${hideLogin(other.upstream)}: ${rule.path} and ${other.path} may not hold each other`;
  if (own && isBelow(own, rule.path)) return `holds the registry's path ${own}, so that copies would stand in a cache`;
  return undefined;
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}
