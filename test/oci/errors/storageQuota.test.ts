import { isStorageQuota, storageQuotaRemedy } from "../../../src/oci/errors/storageQuota";

const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

describe("a registry without room", () => {
  it.each<[string, string, RegExp]>([
    [
      ECR,
      "DENIED The repository with name 'team/web' in registry with id '123456789012' already has the maximum allowed number of images which is '10000'",
      /lifecyclePolicy.*"Images per repository".*Service Quotas/,
    ],
    [
      ECR,
      "LimitExceededException The image with digest sha256:00 already has the maximum allowed number of tags which is '1000'",
      /"Tags per image".*Service Quotas/,
    ],
    ["quay.io", "DENIED Quota has been exceed on namespace", /quota raised by a superuser/],
    [
      "harbor.example.com",
      "DENIED adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed the configured upper limit of 10.0 MiB.",
      /quota of the project/,
    ],
    [
      "harbor.example.com",
      "DENIED Quota exceeded when processing the request of adding 1.3 MiB, which when added to current usage of 235.9 MiB will exceed the configured upper limit of 100.0 MiB.",
      /quota of the project/,
    ],
    [
      "registry.example.com",
      "UNKNOWN unknown error write /var/lib/registry/docker/registry/v2/repositories/a/_uploads/1/data: no space left on device",
      /more room.*collect its garbage/,
    ],
    [
      "artifactory.example.com",
      "Datastore disk usage is too high. Contact your Artifactory administrator to add additional storage space or change the disk quota limits.",
      /more room/,
    ],
    ["contoso.azurecr.io", "DENIED The registry's size limit is reached", /az acr show-usage.*larger sku/],
    [
      "registry.example.com",
      "DENIED Your account has exceeded its image storage quota for the current month.",
      /raised/,
    ],
  ])("%s says %s", (registry, said, remedy) => {
    expect(isStorageQuota(said)).toBe(true);
    expect(storageQuotaRemedy(registry, said)).toMatch(remedy);
  });

  it.each([
    "DENIED requested access to the resource is denied",
    "UNAUTHORIZED authentication required",
    "TAG_INVALID The image tag '1.0' already exists in the 'team/web' repository and cannot be overwritten because the repository is immutable.",
    "NAME_UNKNOWN The repository with name 'team/quota' does not exist",
    "MANIFEST_INVALID manifest invalid",
    "DENIED User: arn:aws:iam::1:user/quota is not authorized to perform: ecr:PutImage",
  ])("does not say %s", (said) => expect(isStorageQuota(said)).toBe(false));
});
