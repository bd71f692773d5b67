import type * as kubernetes from "@pulumi/kubernetes";
import { copyJob, copyMethod, foreignLayers, registryAccess, tagPolicy } from "../copy/argumentShapes";
import {
  anything,
  asset,
  component,
  either,
  flag,
  list,
  map,
  object,
  plain,
  required,
  text,
  type FieldsOf,
  type Shape,
} from "../inputs/argumentShape";
import { admissionExceptions, admissionMode, pullCredentials, refreshOptions } from "../kubernetes/argumentShapes";
import type { SignerIdentity, TrustPolicy, TrustRule } from "../trust/trustPolicy";
import type { AdmissionOptions } from "./admission/admissionOptions";
import type { ChartMirrorArgs, ChartRepositoryOpts, MirrorOptions } from "./chartMirrorArgs";
import type { PullSecretOptions } from "./pullAccess";

const REGISTRY =
  'Make one and pass it: new ExistingRegistry("mirror", { host: "HOST[:PORT]" }), an EcrRegistry, AcrRegistry or QuayRegistry; ' +
  "of another stack's output, new SharedRegistry";

const pullSecret = object<PullSecretOptions>({
  name: plain(text),
  create: plain(flag),
  disabled: plain(flag),
  namespaces: plain(list(plain(text))),
  registries: plain(list(pullCredentials)),
  include: plain(list(plain(text))),
  serviceAccounts: plain(list(plain(text))),
  mountable: plain(flag),
  refresh: plain(refreshOptions),
  check: plain(flag),
});

const trust = object<TrustPolicy>({
  rules: required(
    plain(
      list(
        plain(
          object<TrustRule>({
            pattern: required(plain(text)),
            key: plain(text),
            identity: plain(object<SignerIdentity>({ issuer: required(plain(text)), subject: required(plain(text)) })),
            unsigned: plain(flag),
          }),
        ),
      ),
    ),
  ),
  trustedRoot: plain(text),
});

const mirrorFields: FieldsOf<MirrorOptions> = {
  registry: {
    ...component("a registry", (value) => typeof (value as { mirrorImages?: unknown }).mirrorImages === "function"),
    required: true,
    plain: true,
    remedy: REGISTRY,
  },
  sourceAccess: plain(list(registryAccess)),
  pullSecret: plain(pullSecret),
  extraImages: plain(list(plain(text))),
  ignoreImages: plain(list(plain(text))),
  allowEscapes: plain(flag),
  lockFile: plain(text),
  sourceBundle: plain(text),
  tags: plain(tagPolicy),
  pinDigests: plain(flag),
  mirrorChart: plain(flag),
  copyWith: plain(copyMethod),
  platforms: plain(list(plain(text))),
  copyJob: plain(copyJob),
  copyPlatform: plain(text),
  foreignLayers: plain(foreignLayers),
  trust: plain(trust),
  checkLogins: plain(flag),
  admission: plain(
    either(
      plain(admissionMode),
      object<AdmissionOptions>({
        mode: required(plain(admissionMode)),
        namespaces: plain(list(plain(text))),
        exceptions: plain(admissionExceptions),
        rewriteAll: plain(flag),
      }),
    ),
  ),
  referrers: plain(flag),
  report: plain(text),
  kubeVersion: plain(text),
  apiVersions: plain(list(plain(text))),
};

const CHART = 'Name a folder, an archive, an oci:// reference, or a chart of repositoryOpts.repo: chart: "…"';

/** A repository of the `helm` command, and of this package's own functions, has a `url`. */
const REPOSITORY_NAMES = { url: "repo" };

/** How a repository is logged in to; its files are paths, or assets. */
const repositoryFields = (file: Shape) => ({
  repo: text,
  username: text,
  password: text,
  caFile: file,
  certFile: file,
  keyFile: file,
});

/** What all of them take of a chart; what is handed on as it is, its taker looks at. */
const chartFields = {
  chart: required(text, CHART),
  version: text,
  devel: flag,
  values: map(anything),
  valueYamlFiles: list(asset),
  namespace: text,
};

export const chartMirrorFields: FieldsOf<ChartMirrorArgs> = {
  ...mirrorFields,
  ...chartFields,
  repositoryOpts: object<ChartRepositoryOpts>({ ...repositoryFields(text), plainHttp: flag }, REPOSITORY_NAMES),
  releaseName: text,
  createNamespace: flag,
  dependencyUpdate: flag,
  deployment: anything,
};

export const mirroredReleaseFields: FieldsOf<kubernetes.helm.v3.ReleaseArgs & MirrorOptions> = {
  ...mirrorFields,
  ...chartFields,
  repositoryOpts: object<kubernetes.types.input.helm.v3.RepositoryOpts>(repositoryFields(text), REPOSITORY_NAMES),
  name: text,
  createNamespace: flag,
  allowNullValues: anything,
  atomic: anything,
  cleanupOnFail: anything,
  compat: anything,
  dependencyUpdate: anything,
  description: anything,
  disableCRDHooks: anything,
  disableOpenapiValidation: anything,
  disableWebhooks: anything,
  forceUpdate: anything,
  keyring: anything,
  lint: anything,
  manifest: anything,
  maxHistory: anything,
  postrender: anything,
  recreatePods: anything,
  renderSubchartNotes: anything,
  replace: anything,
  resetValues: anything,
  resourceNames: anything,
  reuseValues: anything,
  skipAwait: anything,
  skipCrds: anything,
  takeOwnership: anything,
  timeout: anything,
  verify: anything,
  waitForJobs: anything,
};

export const mirroredChartFields: FieldsOf<kubernetes.helm.v4.ChartArgs & MirrorOptions> = {
  ...mirrorFields,
  ...chartFields,
  repositoryOpts: object<kubernetes.types.input.helm.v4.RepositoryOpts>(repositoryFields(asset), REPOSITORY_NAMES),
  name: text,
  plainHttp: flag,
  dependencyUpdate: anything,
  includeHooks: anything,
  keyring: anything,
  postRenderer: anything,
  resourcePrefix: anything,
  skipAwait: anything,
  skipCrds: anything,
  verify: anything,
};

/**
 * Whether a resource of the installed `@pulumi/kubernetes` takes an argument that this package was not made with: its
 * constructor names all that it takes.
 */
export function taking(resource: abstract new (...args: never[]) => object): (argument: string) => boolean {
  return (argument) => String(resource).includes(`["${argument}"] = args`);
}
