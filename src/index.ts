export { AzureCloud } from "./azure/azureCloud";
export { ChartMirror, type MirroredChartArtifact, type MirroredImage } from "./components/chartMirror";
export type { ChartMirrorArgs, ChartRepositoryOpts, MirrorOptions } from "./release/chartMirrorArgs";
export { ChartPush, type ChartPushArgs } from "./copy/chartPush";
export { CopyMethodImpossibleError } from "./copy/copyChoice";
export { CopyMethod } from "./copy/copyMethod";
export {
  ImageCopy,
  type AzureTokenArgs,
  type ClientCertificateArgs,
  type ImageCopyArgs,
  type RegistryAccessArgs,
  type ResourceManagerArgs,
} from "./copy/imageCopy";
export type { ImageInMirror } from "./copy/imageInMirror";
export {
  ImageCopyJob,
  type CopyJobArgs,
  type ImageCopyJobArgs,
  type JobImageArgs,
} from "./copy/kubernetesJob/imageCopyJob";
export { MirrorError, MirrorErrors } from "./error";
export type { AdmissionExceptions } from "./kubernetes/admission/admissionExceptions";
export { AdmissionMode } from "./kubernetes/admission/admissionMode";
export type { AdmittedImage } from "./kubernetes/admission/parameters";
export { MirrorAdmission, type AdmissionRegistry, type MirrorAdmissionArgs } from "./kubernetes/mirrorAdmission";
export { ForeignLayers } from "./oci/copy/copyOptions";
export type { Advice, SettingWords } from "./settingWords";
export { ObjectContribution, type ObjectContributionArgs } from "./kubernetes/contribution/objectContribution";
export { containerdHosts } from "./kubernetes/nodeConfiguration/containerdHosts";
export { k3sRegistries } from "./kubernetes/nodeConfiguration/k3sRegistries";
export {
  upstreamHosts,
  type NodeConfiguration,
  type NodeFiles,
  type NodeLogin,
} from "./kubernetes/nodeConfiguration/nodeConfiguration";
export { openShiftObjects } from "./kubernetes/nodeConfiguration/openShiftObjects";
export {
  OpenShiftImageConfiguration,
  type NodeRegistry,
  type OpenShiftImageConfigurationArgs,
} from "./kubernetes/openShift/openShiftImageConfiguration";
export type { AdmissionOptions } from "./release/admission/admissionOptions";
export type { PullSecretOptions } from "./release/pullAccess";
export { PullCheck, type PullCheckArgs } from "./kubernetes/pullCheck";
export { PullSecret, type PullCredentials, type PullSecretArgs } from "./kubernetes/pullSecret";
export {
  PullSecretRefresher,
  type AwsAccessKey,
  type PullSecretRefresherArgs,
  type PullSecretRefreshOptions,
} from "./kubernetes/pullSecretRefresher";
export { MirroredChart, type MirroredChartArgs } from "./components/mirroredChart";
export { MirroredDeployment } from "./components/mirroredDeployment";
export { MirroredRelease, type MirroredReleaseArgs, type MirroredReleaseOptions } from "./components/mirroredRelease";
export type { Json, JsonObject, JsonPath } from "./json";
export type { LayoutOptions, MirrorAddress, UpstreamMapping } from "./plan/layout";
export type {
  ChartHook,
  ChartPatch,
  Finding,
  ImageLocation,
  PlannedImage,
  PodPullSecret,
  RelocationPlan,
  ValueOverride,
} from "./plan/relocationPlan";
export type { ResolvedImage, ResolvedPlan } from "./plan/resolvedPlan";
export { TagPolicy } from "./plan/tagPolicy";
export type { SignerIdentity, TrustPolicy, TrustRule } from "./trust/trustPolicy";
export type { AcrCacheRule, AcrUpstreamLogin } from "./registry/acr/acrCacheRule";
export { AcrRegistry } from "./registry/acr/acrRegistry";
export { AcrSku, type AcrPullToken, type AcrRegistryArgs } from "./registry/acr/acrRegistryArgs";
export {
  EcrEncryption,
  EcrRegistry,
  EcrRepositories,
  EcrScanning,
  EcrTagMutability,
  type EcrRegistryArgs,
  type EcrRetention,
} from "./registry/ecr/ecrRegistry";
export type { EcrPullThrough } from "./registry/ecr/ecrPullThrough";
export {
  ExistingRegistry,
  type ExistingRegistryArgs,
  type PushLocation,
  type RegistryLogin,
} from "./registry/existingRegistry";
export type { RegistryKind } from "./oci/profiles/registryProfiles";
export { TargetCollisionError } from "./plan/targetCollision";
export {
  ChartCollisionError,
  MirrorRegistry,
  PlatformCollisionError,
  type ChartInMirror,
  type MirrorImagesOptions,
} from "./registry/mirrorRegistry";
export type { AcrReference, EcrReference, RegistryLogins, RegistryReference } from "./registry/registryReference";
export { SharedRegistry } from "./registry/sharedRegistry";
export {
  NotProxiedError,
  QuayRegistry,
  QuayRepositories,
  type QuayProxy,
  type QuayRegistryArgs,
} from "./quay/component/quayRegistry";
