import { AzureCloud } from "../azure/azureCloud";
import { clientCertificate, copyMethod } from "../copy/argumentShapes";
import { choice, flag, list, map, number, object, plain, required, text, type FieldsOf } from "../inputs/argumentShape";
import type { UpstreamMapping } from "../plan/layout";
import type { AcrCacheRule, AcrUpstreamLogin } from "./acr/acrCacheRule";
import { AcrSku, type AcrPullToken, type AcrRegistryArgs } from "./acr/acrRegistryArgs";
import type { EcrPullThrough } from "./ecr/ecrPullThrough";
import {
  EcrEncryption,
  EcrRepositories,
  EcrScanning,
  EcrTagMutability,
  type EcrRegistryArgs,
  type EcrRetention,
} from "./ecr/ecrRegistryArgs";
import type { PushLocation, RegistryLogin } from "./registryLogin";

export const HOST = 'Write the host and port that nodes pull from: host: "HOST[:PORT]"';

const login = plain(object<RegistryLogin>({ username: required(text), password: required(text) }));

export const existingRegistryFields = {
  host: required(text, HOST),
  path: text,
  credentials: login,
  pullCredentials: login,
  push: plain(object<PushLocation>({ location: required(text), plainHttp: flag, caCertificate: text })),
  upstreams: plain(
    list(
      plain(
        object<UpstreamMapping>({ upstream: required(plain(text)), path: required(plain(text)), copied: plain(flag) }),
      ),
    ),
  ),
  plainHttp: flag,
  caCertificate: text,
  clientCertificate,
  tokenServices: list(text),
  internalRedirects: flag,
  keepHost: plain(flag),
};

export const ecrRegistryFields: FieldsOf<EcrRegistryArgs> = {
  path: text,
  registryId: text,
  region: text,
  repositories: plain(choice("EcrRepositories", EcrRepositories)),
  tagMutability: plain(choice("EcrTagMutability", EcrTagMutability)),
  tagMutabilityExclusions: plain(list(plain(text))),
  scanOnPush: flag,
  scanning: plain(choice("EcrScanning", EcrScanning)),
  encryption: plain(choice("EcrEncryption", EcrEncryption)),
  kmsKey: text,
  tags: map(text),
  forceDelete: flag,
  lifecyclePolicy: text,
  retention: plain(object<EcrRetention>({ untaggedDays: required(plain(number)) })),
  repositoryPolicy: text,
  pullAccounts: list(text),
  pullOrganization: text,
  creationRoleArn: text,
  pullThrough: plain(
    list(
      plain(
        object<EcrPullThrough>({
          upstream: required(plain(text)),
          path: required(plain(text)),
          login,
          secretArn: text,
          roleArn: text,
          existing: plain(flag),
        }),
      ),
    ),
  ),
  replicateTo: plain(list(plain(text))),
  blobMounting: plain(flag),
  pullers: plain(map(text)),
  pullSecret: plain(flag),
  keepHost: plain(flag),
};

export const acrRegistryFields: FieldsOf<AcrRegistryArgs> = {
  registryName: required(text),
  resourceGroupName: text,
  existing: plain(flag),
  host: text,
  path: text,
  cloud: plain(choice("AzureCloud", AzureCloud)),
  location: text,
  sku: plain(choice("AcrSku", AcrSku)),
  anonymousPull: plain(flag),
  publicNetworkAccess: plain(flag),
  allowedIpRanges: plain(list(text)),
  trustedServices: plain(flag),
  zoneRedundancy: plain(flag),
  armTokens: plain(flag),
  tags: map(text),
  cacheRules: plain(
    list(
      plain(
        object<AcrCacheRule>({
          upstream: required(plain(text)),
          path: required(plain(text)),
          login: plain(
            object<AcrUpstreamLogin>({
              usernameSecret: required(text),
              passwordSecret: required(text),
              keyVaultId: text,
            }),
          ),
          existing: plain(flag),
        }),
      ),
    ),
  ),
  pullers: plain(map(text)),
  pullToken: plain(object<AcrPullToken>({ name: plain(text), rotation: text })),
  copyWith: plain(copyMethod),
  keepHost: plain(flag),
};
