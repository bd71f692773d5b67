import type * as awsEcr from "@pulumi/aws/ecr";
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_REGISTRY } from "../../image/reference";
import type { RegistryLogin } from "../registryLogin";
import type { AwsSdk } from "./awsSdk";
import type { EcrPullThrough } from "./ecrPullThrough";

/** What ECR asks for, by the host that images name. */
const UPSTREAM_URLS = new Map([[DEFAULT_REGISTRY, "registry-1.docker.io"]]);

/** What the rules of one registry are made with. */
export interface EcrPullThroughContext {
  readonly aws: AwsSdk;
  /** Name of the registry, with which those of the resources begin. */
  readonly name: string;
  readonly options: pulumi.CustomResourceOptions;
  readonly inRegion: { region?: pulumi.Input<string> };
  readonly tags: pulumi.Input<{ [key: string]: pulumi.Input<string> }> | undefined;
}

/** Makes a rule, and the secret with its login. */
export function createPullThroughRule(
  context: EcrPullThroughContext,
  rule: EcrPullThrough,
): awsEcr.PullThroughCacheRule {
  const { aws, name, options, inRegion } = context;
  const [host = "", ...segments] = rule.upstream.split("/");
  const secret = rule.login && createSecret(context, rule.path, rule.login);
  const credentialArn = secret?.arn ?? rule.secretArn;
  return new aws.ecr.PullThroughCacheRule(
    `${name}/${rule.path}`,
    {
      ecrRepositoryPrefix: rule.path,
      upstreamRegistryUrl: UPSTREAM_URLS.get(host) ?? host,
      ...(segments.length > 0 && { upstreamRepositoryPrefix: segments.join("/") }),
      credentialArn,
      customRoleArn: rule.roleArn,
      ...inRegion,
    },
    {
      ...options,
      dependsOn: [
        ...[options.dependsOn ?? []].flat(),
        ...(secret ? [secret.version] : []),
      ] as pulumi.Input<pulumi.Resource>[],
    },
  );
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html */
function createSecret(
  { aws, name, options, inRegion, tags }: EcrPullThroughContext,
  path: string,
  { username, password }: RegistryLogin,
): { arn: pulumi.Output<string>; version: pulumi.Resource } {
  const secret = new aws.Secret(
    `${name}/${path}`,
    {
      name: `ecr-pullthroughcache/${path}`,
      description: `Login of the pull-through cache rule ${path}`,
      // AWS keeps the name of a deleted secret taken for weeks; this one can be made again at any time.
      recoveryWindowInDays: 0,
      tags,
      ...inRegion,
    },
    options,
  );
  const version = new aws.SecretVersion(
    `${name}/${path}`,
    {
      secretId: secret.arn,
      secretString: pulumi.secret(pulumi.jsonStringify({ username, accessToken: password })),
      ...inRegion,
    },
    options,
  );
  return { arn: secret.arn, version };
}
