import type * as pulumi from "@pulumi/pulumi";
import type { EcrPullThrough } from "./ecrPullThrough";

/** Who creates the repositories of an {@link EcrRegistry}. */
export const EcrRepositories = {
  /** This component creates one for each image. */
  Create: "create",
  /** They are there: another stack creates them, or a repository creation template that somebody else made. */
  Existing: "existing",
  /** ECR does, when an image is pushed: this component makes a repository creation template for its path. */
  CreateOnPush: "createOnPush",
} as const;
export type EcrRepositories = (typeof EcrRepositories)[keyof typeof EcrRepositories];

/** Whether a tag may move to another image. */
export const EcrTagMutability = { Mutable: "MUTABLE", Immutable: "IMMUTABLE" } as const;
export type EcrTagMutability = (typeof EcrTagMutability)[keyof typeof EcrTagMutability];

/** How ECR encrypts images. */
export const EcrEncryption = { Aes256: "AES256", Kms: "KMS", KmsDualLayer: "KMS_DSSE" } as const;
export type EcrEncryption = (typeof EcrEncryption)[keyof typeof EcrEncryption];

/** How ECR scans images for vulnerabilities, for a whole registry. */
export const EcrScanning = {
  /** By ECR itself, when an image is pushed. */
  Basic: "BASIC",
  /** By Amazon Inspector, again and again. It costs. */
  Enhanced: "ENHANCED",
} as const;
export type EcrScanning = (typeof EcrScanning)[keyof typeof EcrScanning];

/** What ECR deletes by itself: nothing that a tag names, and no image of an index that is there. */
export interface EcrRetention {
  /** Days after which what has no tag is deleted: the remains of copies and deletions that did not come to their end. */
  untaggedDays: number;
}

/** Arguments of {@link EcrRegistry}. */
export interface EcrRegistryArgs {
  /** Path before every repository: `platform` makes `platform/stackstate/wait`. */
  path?: pulumi.Input<string>;
  /** Account of the registry. Default: the one that the inherited `aws` provider is logged in to. */
  registryId?: pulumi.Input<string>;
  /** Region of the registry. Default: the inherited `aws` provider's. */
  region?: pulumi.Input<string>;
  /** Who creates repositories. Default: `EcrRepositories.Create`. */
  repositories?: EcrRepositories;
  /** Whether tags may move. Default: ECR's own, `EcrTagMutability.Mutable`. */
  tagMutability?: EcrTagMutability;
  /** Tags to which the opposite of `tagMutability` applies: at most five texts, `*` for any characters. */
  tagMutabilityExclusions?: string[];
  /** Scan each image when it is pushed. A scanning configuration of the whole registry overrules it. */
  scanOnPush?: pulumi.Input<boolean>;
  /**
   * Scan what is below `path`, and what caches keep, by the registry's scanning configuration, of which an account has one
   * in a region: where there is one already, leave this out and add to that one. Default: it stays as it is.
   */
  scanning?: EcrScanning;
  /** Default: ECR's own, AES256; KMS where there is a `kmsKey`. A change replaces the repositories. */
  encryption?: EcrEncryption;
  /** ARN of a KMS key to encrypt with. Default for KMS: the key that AWS manages for ECR. */
  kmsKey?: pulumi.Input<string>;
  /** Tags of the repositories. */
  tags?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Delete repositories although they hold images. Default: false, and destroying fails while images are there. */
  forceDelete?: pulumi.Input<boolean>;
  /** JSON of a lifecycle policy for each repository. An image that it expires is copied again by the next update. */
  lifecyclePolicy?: pulumi.Input<string>;
  /**
   * A lifecycle policy for each repository that cannot reach an image in use. It needs immutable tags, and takes neither
   * `referrers` nor images that are named by a digest alone: what has no tag is deleted. Repositories of caches have none.
   */
  retention?: EcrRetention;
  /** JSON of a policy for each repository, to which `pullAccounts` and `pullOrganization` add their statements. */
  repositoryPolicy?: pulumi.Input<string>;
  /** Ids of other accounts whose identities may pull. */
  pullAccounts?: pulumi.Input<pulumi.Input<string>[]>;
  /** Id of the organisation (`o-a1b2c3d4e5`) whose accounts may all pull. */
  pullOrganization?: pulumi.Input<string>;
  /**
   * ARN of the role by which ECR itself makes repositories that have `tags` or a `kmsKey`: those of creation templates,
   * which `EcrRepositories.CreateOnPush` and `pullThrough` need.
   */
  creationRoleArn?: pulumi.Input<string>;
  /** Upstreams that ECR serves and keeps: their images are not copied, and asked for once before the release. */
  pullThrough?: EcrPullThrough[];
  /**
   * Regions that get a copy of what is pushed below `path`. The replication configuration is one for the account's whole
   * registry in a region: where there is one already, leave this out and add to that one.
   */
  replicateTo?: string[];
  /**
   * Let repositories of the account share layers (the account setting BLOB_MOUNTING), so that a layer is uploaded once
   * only. It is a setting of the account in the region. Default: false, and it stays as it is.
   */
  blobMounting?: boolean;
  /**
   * Roles that may pull, by a name of your choice: names of IAM roles of EKS nodes or Fargate profiles, which get the
   * managed policy AmazonEC2ContainerRegistryPullOnly. The name keeps an attachment the same when others come and go.
   */
  pullers?: { [name: string]: pulumi.Input<string> };
  /**
   * Give pods a pull secret. Default: false, because nodes of EKS pull with their own identity. ECR's logins end after
   * 12 hours, so somebody has to renew the Secret; see `pullTokenExpires`.
   */
  pullSecret?: boolean;
  /** Keep the source's host as the first segment of each repository: `quay.io/stackstate/wait`. Default: false. */
  keepHost?: boolean;
}
