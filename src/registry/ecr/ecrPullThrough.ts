import type * as pulumi from "@pulumi/pulumi";
import { hideLogin } from "../../image/addressLogin";
import { isRegistryHost } from "../../image/reference";
import type { RegistryLogin } from "../registryLogin";

/** Repositories that ECR serves from another registry and keeps: a pull-through cache rule. */
export interface EcrPullThrough {
  /** `host[/path]` of the images that it serves: `docker.io`, `quay.io`, `registry.k8s.io`. */
  upstream: string;
  /**
   * The rule's prefix: the path in the registry that stands for `upstream`. The registry's own `path` is not put before
   * it. 2 to 30 characters.
   */
  path: string;
  /**
   * User and access token at the upstream, which go into a secret of Secrets Manager that the registry makes. Docker Hub,
   * GitHub, GitLab, Chainguard and Azure want one.
   */
  login?: RegistryLogin;
  /** ARN of a secret that is there already, in place of `login`: its name begins with `ecr-pullthroughcache/`. */
  secretArn?: pulumi.Input<string>;
  /** ARN of the role by which ECR reads from another account's ECR. */
  roleArn?: pulumi.Input<string>;
  /** The rule is there already, made elsewhere. Default: false. */
  existing?: boolean;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html */
const WANTS_LOGIN = /^(?:docker\.io|ghcr\.io|registry\.gitlab\.com|cgr\.dev|.*\.azurecr\.io)$/;

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html */
const PREFIX = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const SHORTEST = 2;
const LONGEST = 30;

/** What ECR would refuse in pull-through rules, each with a remedy. */
export function pullThroughProblems(
  rules: readonly EcrPullThrough[],
  path: string | undefined,
): { rule: string; remedy: string }[] {
  return rules.flatMap((rule, index) => {
    const problem = problemOf(rule) ?? clash(rule, rules.slice(0, index), path);
    return problem
      ? [{ rule: `its pull-through rule for ${hideLogin(rule.upstream)} ${problem.rule}`, remedy: problem.remedy }]
      : [];
  });
}

function problemOf({ upstream, path, login, secretArn, existing }: EcrPullThrough) {
  const [host = ""] = upstream.split("/");
  if (!isRegistryHost(host) || !host.includes("."))
    return {
      rule: `names no registry (${JSON.stringify(hideLogin(upstream).split("/", 1)[0])})`,
      remedy: "Write upstream as images name it: docker.io",
    };
  if (path.length < SHORTEST || path.length > LONGEST || !PREFIX.test(path))
    return {
      rule: `cannot have the prefix ${JSON.stringify(path)}`,
      remedy: `Give path as ${SHORTEST} to ${LONGEST} lower-case letters and digits, with single "/", ".", "_" or "-" between them`,
    };
  if (!existing && WANTS_LOGIN.test(host) && login === undefined && secretArn === undefined)
    return {
      rule: "has no login, and ECR takes none without",
      remedy: "Give login (user and access token), or secretArn",
    };
  return undefined;
}

function clash({ path }: EcrPullThrough, others: readonly EcrPullThrough[], own: string | undefined) {
  const other = others.find((before) => before.path === path);
  if (other)
    return {
      rule: `has the prefix ${path}, which is that of ${hideLogin(other.upstream)}`,
      remedy: "Give each rule its own path",
    };
  if (own !== undefined && `${own}/`.startsWith(`${path}/`))
    return {
      rule: `has the prefix ${path}, and the registry's path ${own} would stand in its cache`,
      remedy: "Give the rule or the registry another path",
    };
  return undefined;
}
