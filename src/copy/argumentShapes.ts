import { choice, flag, list, map, number, object, plain, required, text, type FieldsOf } from "../inputs/argumentShape";
import { REGISTRY_KINDS } from "../oci/profiles/registryProfiles";
import { ForeignLayers } from "../oci/copy/copyOptions";
import { TagPolicy } from "../plan/tagPolicy";
import { CopyMethod } from "./copyMethod";
import type {
  AzureTokenArgs,
  ClientCertificateArgs,
  RegistryAccessArgs,
  ResourceManagerArgs,
} from "./registryAccessArgs";
import type { CopyJobArgs, JobImageArgs } from "./kubernetesJob/copyJobArgs";

export const copyMethod = choice("CopyMethod", CopyMethod);
export const tagPolicy = choice("TagPolicy", TagPolicy);
export const foreignLayers = choice("ForeignLayers", ForeignLayers);

export const clientCertificate = object<ClientCertificateArgs>({ cert: required(text), key: required(text) });

export const registryAccess = object<RegistryAccessArgs>({
  host: required(text, 'Write the host and port that images name: host: "HOST[:PORT]"'),
  kind: choice("RegistryKind", Object.fromEntries(REGISTRY_KINDS.map((kind) => [kind, kind]))),
  location: text,
  layouts: list(text),
  username: text,
  password: text,
  identityToken: text,
  azureToken: object<AzureTokenArgs>({ accessToken: required(text), tenant: text }),
  resourceManager: object<ResourceManagerArgs>({
    url: required(text),
    registryId: required(text),
    accessToken: required(text),
  }),
  plainHttp: flag,
  caCertificate: text,
  clientCertificate,
  tokenServices: list(text),
  internalRedirects: flag,
});

const copyJobFields: FieldsOf<CopyJobArgs> = {
  kubeconfig: text,
  context: text,
  namespace: required(text),
  parallelism: number,
  image: text,
  retries: number,
  ttlSeconds: number,
  serviceAccount: text,
  credentialHelpers: map(text),
  imagePullSecrets: list(text),
  nodeSelector: map(text),
};

export const copyJob = object(copyJobFields);

export const imageCopyFields = {
  foreignLayers,
  source: required(text),
  target: required(text),
  digest: text,
  onlyPlatforms: list(text),
  sourceDigest: text,
  size: number,
  platforms: list(text),
  access: list(registryAccess),
  method: copyMethod,
  configs: list(text),
  tags: tagPolicy,
  referrers: flag,
};

export const imageCopyJobFields = {
  ...copyJobFields,
  images: required(
    plain(
      list(
        object<JobImageArgs>({
          source: required(plain(text)),
          target: required(plain(text)),
          digest: plain(text),
          size: plain(number),
          platforms: plain(list(plain(text))),
        }),
      ),
    ),
  ),
  access: list(registryAccess),
  tags: tagPolicy,
};

export const chartPushFields = {
  file: required(text),
  target: required(text),
  version: required(text),
  digest: required(text),
  access: list(registryAccess),
};
