import type { PropertyMap } from "../protocol/propertyValue";
import type { AwsApi } from "./awsApi";

/** A function of the provider. Arguments are known and without marks of secrets. */
type AwsFunction = (aws: AwsApi, args: PropertyMap) => Promise<PropertyMap>;

interface AuthorizationData {
  authorizationToken: string;
  expiresAt: number;
  proxyEndpoint: string;
}

const getAuthorizationToken: AwsFunction = async (aws, { registryId }) => {
  const { authorizationData } = await aws.attempt<{ authorizationData: AuthorizationData[] }>(
    "reading ECR Authorization Token",
    "GetAuthorizationToken",
    registryId ? { registryIds: [registryId] } : {},
  );
  const [data] = authorizationData;
  if (data === undefined) throw new Error("reading ECR Authorization Token: empty result");
  const [userName = "", password = ""] = Buffer.from(data.authorizationToken, "base64").toString().split(/:(.*)/s);
  return {
    id: aws.scope.region,
    region: aws.scope.region,
    ...(registryId && { registryId }),
    authorizationToken: data.authorizationToken,
    expiresAt: new Date(data.expiresAt * 1000).toISOString(),
    proxyEndpoint: data.proxyEndpoint,
    userName,
    password,
  };
};

const getCallerIdentity: AwsFunction = ({ scope: { account } }) =>
  Promise.resolve({
    id: account,
    accountId: account,
    arn: `arn:aws:sts::${account}:assumed-role/deployer/session`,
    userId: "AROAEXAMPLE:session",
  });

const getRegion: AwsFunction = ({ scope: { region } }) =>
  Promise.resolve({ id: region, name: region, region, endpoint: `ec2.${region}.amazonaws.com`, description: region });

const getRepositories: AwsFunction = async (aws) => {
  const { repositories } = await aws.attempt<{ repositories: { repositoryName: string }[] }>(
    "reading ECR Repositories",
    "DescribeRepositories",
    {},
  );
  const { region } = aws.scope;
  return { id: region, region, names: repositories.map(({ repositoryName }) => repositoryName) };
};

const getPullThroughCacheRule: AwsFunction = async (aws, { ecrRepositoryPrefix }) => {
  const { pullThroughCacheRules } = await aws.attempt<{ pullThroughCacheRules: PropertyMap[] }>(
    "reading ECR Pull Through Cache Rule",
    "DescribePullThroughCacheRules",
    { ecrRepositoryPrefixes: [ecrRepositoryPrefix] },
  );
  return { id: ecrRepositoryPrefix ?? "", region: aws.scope.region, ...pullThroughCacheRules[0] };
};

/** The functions that are played. */
export const awsFunctions: Readonly<Record<string, AwsFunction>> = {
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": getAuthorizationToken,
  "aws:ecr/getPullThroughCacheRule:getPullThroughCacheRule": getPullThroughCacheRule,
  "aws:ecr/getRepositories:getRepositories": getRepositories,
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getRegion:getRegion": getRegion,
};
