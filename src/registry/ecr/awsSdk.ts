import type * as awsEcr from "@pulumi/aws/ecr";
import type * as awsIdentity from "@pulumi/aws/getCallerIdentity";
import type * as awsRegion from "@pulumi/aws/getRegion";
import type * as awsAttachment from "@pulumi/aws/iam/rolePolicyAttachment";
import type * as awsSecret from "@pulumi/aws/secretsmanager/secret";
import type * as awsSecretVersion from "@pulumi/aws/secretsmanager/secretVersion";
import { optionalPackage } from "../../inputs/optionalPackage";

/** The parts of `@pulumi/aws` that {@link EcrRegistry} needs. */
export interface AwsSdk {
  readonly ecr: typeof awsEcr;
  readonly getCallerIdentityOutput: typeof awsIdentity.getCallerIdentityOutput;
  readonly getRegionOutput: typeof awsRegion.getRegionOutput;
  /** Loaded when they are used. */
  readonly RolePolicyAttachment: typeof awsAttachment.RolePolicyAttachment;
  readonly Secret: typeof awsSecret.Secret;
  readonly SecretVersion: typeof awsSecretVersion.SecretVersion;
}

/**
 * Loads parts of `@pulumi/aws` one by one: the whole takes a second.
 *
 * @throws {MissingPackageError} when it is not installed
 */
export function loadAws(): AwsSdk {
  /* eslint-disable @typescript-eslint/no-require-imports -- an import would load it for those who do not use it */
  return optionalPackage("EcrRegistry", "@pulumi/aws", () => ({
    ecr: require("@pulumi/aws/ecr") as typeof awsEcr,
    ...(require("@pulumi/aws/getCallerIdentity") as Pick<AwsSdk, "getCallerIdentityOutput">),
    ...(require("@pulumi/aws/getRegion") as Pick<AwsSdk, "getRegionOutput">),
    get RolePolicyAttachment() {
      return (require("@pulumi/aws/iam/rolePolicyAttachment") as typeof awsAttachment).RolePolicyAttachment;
    },
    get Secret() {
      return (require("@pulumi/aws/secretsmanager/secret") as typeof awsSecret).Secret;
    },
    get SecretVersion() {
      return (require("@pulumi/aws/secretsmanager/secretVersion") as typeof awsSecretVersion).SecretVersion;
    },
  }));
  /* eslint-enable @typescript-eslint/no-require-imports */
}
