import { FULL_ACCESS } from "../registry/access/access";
import { startRegistry, type RegistryOptions, type TestRegistry, type UpstreamOptions } from "../registry";
import { ecrCatalogue } from "./ecrCatalogue";
import { DEFAULT_SCOPE, type AwsScope, type Moto } from "./moto";

/** How an ECR registry is started. */
export interface EcrOptions extends Pick<RegistryOptions, "host" | "port" | "storage" | "tls" | "objectStorage"> {
  /** Default: moto's account in us-east-1. */
  scope?: AwsScope;
  /** The registries that are played for the upstreams of pull-through cache rules, by `upstreamRegistryUrl`. */
  upstreams?: Readonly<Record<string, Pick<UpstreamOptions, "url" | "ca">>>;
  /** Milliseconds since 1970, for the expiry of logins. */
  now?: () => number;
}

/** The name under which an account's registry is known in a region. */
export function ecrHostName({ account, region }: AwsScope = DEFAULT_SCOPE): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com`;
}

/**
 * Starts the data plane of an account's ECR in a region, over https for its real name: logins, repositories, tag
 * mutability, creation templates, blob mounting and pull-through cache rules are those of moto, and moto lists its images.
 */
export async function startEcr(moto: Moto, options: EcrOptions = {}): Promise<TestRegistry> {
  const { scope = DEFAULT_SCOPE, upstreams = {}, now = Date.now, ...rest } = options;
  const check = (name: string, password: string) =>
    name === "AWS" && moto.isLogin(password, scope, now()) ? FULL_ACCESS : undefined;
  const registry: TestRegistry = await startRegistry({
    tls: { names: [ecrHostName(scope)] },
    ...rest,
    behaviour: "ecr",
    auth: { scheme: "basic", users: {}, check },
    catalogue: ecrCatalogue(moto, scope, () => registry),
    upstreams: () => cacheRules(moto, scope, upstreams),
  });
  return registry;
}

interface Rule {
  ecrRepositoryPrefix: string;
  upstreamRegistryUrl: string;
  upstreamRepositoryPrefix: string;
  credentialArn?: string;
}

/** moto's pull-through cache rules, longest prefix first, with the logins that their secrets hold. */
async function cacheRules(
  moto: Moto,
  scope: AwsScope,
  upstreams: NonNullable<EcrOptions["upstreams"]>,
): Promise<UpstreamOptions[]> {
  const { pullThroughCacheRules } = await moto.call<{ pullThroughCacheRules: Rule[] }>(
    "ecr",
    "DescribePullThroughCacheRules",
    {},
    scope,
  );
  const length = (rule: Rule) => (rule.ecrRepositoryPrefix === "ROOT" ? 0 : rule.ecrRepositoryPrefix.length);
  const played = pullThroughCacheRules
    .sort((a, b) => length(b) - length(a))
    .flatMap((rule) => {
      const upstream = upstreams[rule.upstreamRegistryUrl];
      return upstream ? { rule, upstream } : [];
    });
  return Promise.all(
    played.map(async ({ rule, upstream }) => ({
      ...upstream,
      ...(rule.ecrRepositoryPrefix !== "ROOT" && { prefix: rule.ecrRepositoryPrefix }),
      ...(rule.upstreamRepositoryPrefix !== "ROOT" && { path: rule.upstreamRepositoryPrefix }),
      ...(rule.credentialArn !== undefined && (await secretLogin(moto, scope, rule.credentialArn))),
    })),
  );
}

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html} */
async function secretLogin(moto: Moto, scope: AwsScope, arn: string): Promise<{ username: string; password: string }> {
  const secret = await moto.call<{ SecretString: string }>(
    "secretsmanager",
    "GetSecretValue",
    { SecretId: arn },
    scope,
  );
  const { username, accessToken } = JSON.parse(secret.SecretString) as { username: string; accessToken: string };
  return { username, password: accessToken };
}
