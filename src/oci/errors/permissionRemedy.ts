import { registryKind, type RegistryKind } from "./registryKind";

/** What was refused, as far as it is known. */
export interface RefusedRequest {
  readonly registry: string;
  readonly repository?: string;
  /** Whether something was written. */
  readonly push?: boolean;
  /** In the registry's words. */
  readonly said?: string;
}

/**
 * What would allow a request that a registry denied to a good login: by the action and the resource that the registry's
 * answer names, else by those that a registry of its kind asks for.
 */
export function permissionRemedy(refused: RefusedRequest): string {
  return named(refused.said ?? "") ?? (BY_KIND[registryKind(refused.registry)] ?? anyRegistry)(place(refused));
}

/** Answers of clouds that say themselves what is missing. */
function named(said: string): string | undefined {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
  const aws = /User: (\S+) is not authorized to perform: ([\w:*]+)(?: on resource: (\S+))?(.*)/s.exec(said);
  if (aws) {
    const [, user = "", action = "", resource, reason = ""] = aws;
    const what = `${action}${resource === undefined ? "" : ` on ${resource}`}`;
    if (/explicit deny/.test(reason)) return `Take away what denies ${user} ${what}: it is denied explicitly`;
    const where = /resource-based policy/.test(reason)
      ? " in the repository's policy (pullAccounts or repositoryPolicy of EcrRegistry, for another account)"
      : "";
    return `Allow ${user} ${what}${where}`;
  }
  // https://cloud.google.com/artifact-registry/docs/access-control
  const google = /Permission "([\w.]+)" denied on resource "([^"]+)"/.exec(said);
  if (google) {
    const [, permission = "", resource = ""] = google;
    return `Grant ${permission} on ${resource}; the role ${googleRole(/upload|create|update/i.test(permission))} has it`;
  }
  // https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access
  const address = /client with IP '?([0-9a-fA-F.:]+)'? is not allowed/i.exec(said)?.[1];
  if (address)
    return `Let ${address} through the registry's network rules (allowedIpRanges of AcrRegistry), or run inside its network`;
  return undefined;
}

interface Place {
  readonly push: boolean;
  /** `on the repository team/web`, where it is known. */
  readonly on: string;
}

const place = ({ repository, push = false }: RefusedRequest): Place => ({
  push,
  on: repository === undefined ? "" : ` on the repository ${repository}`,
});

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html} */
const ECR_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const ECR_PUSH = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"];

const googleRole = (push: boolean): string => `roles/artifactregistry.${push ? "writer" : "reader"}`;

const anyRegistry = ({ push, on }: Place): string =>
  `Grant the login the right to ${push ? "push" : "pull"}${on}, or use other credentials`;

const BY_KIND: Partial<Record<RegistryKind, (place: Place) => string>> = {
  ecr: ({ push, on }) =>
    `Allow the login's identity ${[...ECR_PULL, ...(push ? ECR_PUSH : [])].join(", ")}${on}` +
    (push ? "" : "; images under a pull-through cache rule need ecr:BatchImportUpstreamImage and ecr:CreateRepository"),
  acr: ({ push, on }) =>
    `Give the login's identity the role ${push ? "AcrPush" : "AcrPull"} on the registry (where permissions are by repository: ` +
    `"Container Registry Repository ${push ? "Writer" : "Reader"}"), or a token's scope map content/${push ? "write" : "read"}${on}`,
  artifactRegistry: ({ push, on }) => `Give the service account the role ${googleRole(push)}${on}`,
  quay: ({ push, on }) =>
    push
      ? `Give the robot the role write${on}; to create repositories it has to be in a team of role creator`
      : `Give the robot the role read${on}; in a proxy organization it has to be in one of its teams`,
  ghcr: ({ push, on }) => `Give the token the scope ${push ? "write" : "read"}:packages, and its user a role${on}`,
  gitlab: ({ push, on }) => `Give the deploy token the scope ${push ? "write" : "read"}_registry, for the project${on}`,
  dockerHub: ({ push, on }) =>
    push
      ? `Use an access token with the permission "Read & Write", of a user who may write${on}`
      : anyRegistry({ push, on }),
};
