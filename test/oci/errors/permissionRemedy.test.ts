import { permissionRemedy, type RefusedRequest } from "../../../src/oci/errors/permissionRemedy";

const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/platform/team/web";
const USER = "arn:aws:sts::123456789012:assumed-role/deployer/session";
const aws = (action: string, because: string) =>
  `DENIED User: ${USER} is not authorized to perform: ${action} on resource: ${REPOSITORY} because ${because}`;

const repository = "platform/team/web";

describe("what would allow a denied request", () => {
  it.each<[string, Partial<RefusedRequest>, string]>([
    [
      "names action and resource as AWS does",
      {
        registry: ECR,
        push: true,
        said: aws("ecr:PutImage", "no identity-based policy allows the ecr:PutImage action"),
      },
      `Allow ${USER} ecr:PutImage on ${REPOSITORY}`,
    ],
    [
      "of another account is the repository's policy",
      { registry: ECR, said: aws("ecr:BatchGetImage", "no resource-based policy allows the ecr:BatchGetImage action") },
      `Allow ${USER} ecr:BatchGetImage on ${REPOSITORY} in the repository's policy (pullAccounts or repositoryPolicy of EcrRegistry, for another account)`,
    ],
    [
      "is the end of an explicit denial",
      { registry: ECR, said: aws("ecr:PutImage", "an explicit deny in a service control policy") },
      `Take away what denies ${USER} ecr:PutImage on ${REPOSITORY}: it is denied explicitly`,
    ],
    [
      "names ECR's action for the login, which has no resource",
      { registry: ECR, said: `User: ${USER} is not authorized to perform: ecr:GetAuthorizationToken` },
      `Allow ${USER} ecr:GetAuthorizationToken`,
    ],
    [
      "names Google's permission, and a role that has it",
      {
        registry: "europe-west1-docker.pkg.dev",
        said: 'DENIED Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/p/locations/l/repositories/r" (or it may not exist)',
      },
      "Grant artifactregistry.repositories.uploadArtifacts on projects/p/locations/l/repositories/r; the role roles/artifactregistry.writer has it",
    ],
    [
      "names the address that ACR's firewall stopped",
      {
        registry: "contoso.azurecr.io",
        said: "DENIED client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall",
      },
      "Let 203.0.113.7 through the registry's network rules (allowedIpRanges of AcrRegistry), or run inside its network",
    ],
  ])("%s", (_, refused, remedy) => expect(permissionRemedy({ registry: "r.io", repository, ...refused })).toBe(remedy));

  it.each<[string, RegExp, RegExp]>([
    [
      ECR,
      /ecr:PutImage on the repository platform\/team\/web$/,
      /^(?!.*PutImage).*BatchGetImage.*BatchImportUpstreamImage/,
    ],
    [
      "contoso.azurecr.io",
      /role AcrPush .*content\/write on the repository platform\/team\/web/,
      /role AcrPull .*content\/read/,
    ],
    ["europe-west1-docker.pkg.dev", /roles\/artifactregistry\.writer/, /roles\/artifactregistry\.reader/],
    ["quay.io", /role write on the repository .*team of role creator/, /role read .*proxy organization/],
    ["ghcr.io", /write:packages/, /read:packages/],
    ["registry.gitlab.com", /write_registry/, /read_registry/],
    ["docker.io", /Read & Write/, /right to pull/],
    ["harbor.example.com", /the right to push on the repository platform\/team\/web/, /the right to pull/],
  ])("at %s, where the answer says nothing: to push %s", (registry, push, pull) => {
    expect(permissionRemedy({ registry, repository, push: true, said: "DENIED" })).toMatch(push);
    expect(permissionRemedy({ registry, repository })).toMatch(pull);
  });

  it("names no repository where the request was about none", () =>
    expect(permissionRemedy({ registry: "r.io" })).toBe("Grant the login the right to pull, or use other credentials"));
});
