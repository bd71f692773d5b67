import type { Digest } from "../../image/digest";
import { parseEcrHost, installedEcrSdk } from "../copy/ecrRepositories";

/** What of `@aws-sdk/client-ecr` deletes images ({@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html}). */
export interface EcrDeletionSdk {
  readonly ECRClient: new (options: { region: string }) => {
    send(command: unknown): Promise<unknown>;
    destroy(): void;
  };
  readonly BatchDeleteImageCommand: new (input: {
    registryId: string;
    repositoryName: string;
    imageIds: { imageDigest: string }[];
  }) => unknown;
}

/** Deletes a manifest with its tags; false where it was not there any more. */
export type DeleteImage = (repository: string, digest: Digest) => Promise<boolean>;

/**
 * How images of an ECR are deleted: its own API does it, where the registry's API refuses it. Undefined where that is none of
 * ECR, or the SDK is not installed.
 */
export function ecrDeletion(
  host: string,
  sdk: () => EcrDeletionSdk | undefined = () => installedEcrSdk() as EcrDeletionSdk | undefined,
): DeleteImage | undefined {
  const ecr = parseEcrHost(host);
  const loaded = ecr && sdk();
  if (!loaded) return undefined;
  const { registryId, region } = ecr;
  return async (repositoryName, imageDigest) => {
    const client = new loaded.ECRClient({ region });
    try {
      const command = new loaded.BatchDeleteImageCommand({ registryId, repositoryName, imageIds: [{ imageDigest }] });
      const { failures = [] } = (await client.send(command)) as {
        failures?: { failureCode?: string; failureReason?: string }[];
      };
      const [failure] = failures;
      if (!failure) return true;
      if (failure.failureCode === "ImageNotFound") return false;
      throw new Error(
        `deleting ${host}/${repositoryName}@${imageDigest} failed: ${failure.failureCode ?? ""} ${failure.failureReason ?? ""}`.trim(),
      );
    } finally {
      client.destroy();
    }
  };
}
