import type { RegistryProfile } from "./registryProfile";

/** The disk under the registry is full; both versions of CNCF Distribution say so with 500. */
const NO_DISK =
  /\bno space left on device\b|\bENOSPC\b|\binsufficient storage\b|\bdisk (?:is full|quota exceeded|usage is too high)\b/i;

/** What holds at a registry whose row in the table says nothing else. */
const ANY: RegistryProfile = {
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
  rateCodes: ["TOOMANYREQUESTS"],
  rateRemedy: "Try again later, or lower the concurrency",
  limitsByKind: false,
  mountsNeedManifest: false,
  missingRepositoryRemedy: "Create it (in some registries: its project) first",
  permissionRemedy: ({ push, on }) =>
    `Grant the login the right to ${push ? "push" : "pull"}${on}, or use other credentials`,
  noRoom: [NO_DISK, /^(?=.*\bquota\b).*\bexceed/is, /\bstorage (?:limit|quota|usage)\b/i],
  roomRemedy: (said) =>
    NO_DISK.test(said)
      ? "Give the registry's storage more room, or delete images that nothing uses and collect its garbage"
      : "Delete images that nothing uses, or have the quota of the project or namespace raised",
  // Harbor ("configured as immutable"), Artifact Registry ("tag immutability"), and others.
  immutableTag: /immutab|already ?exists/i,
  pullThroughRemedy: () => "Check the proxy's settings for this upstream, and its credentials there",
  cacheRefresh: "its settings say when",
};

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html} */
const ECR_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
const ECR_PUSH = ["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"];

const googleRole = (push: boolean): string => `roles/artifactregistry.${push ? "writer" : "reader"}`;

/** Kinds of registries whose behaviour or remedies differ. */
export type RegistryKind =
  "dockerHub" | "ecr" | "ecrPublic" | "acr" | "artifactRegistry" | "ghcr" | "quay" | "gitlab" | "harbor" | "other";

/**
 * Registries whose behaviour, words or remedies differ: all that is known of one stands in its row, and a kind whose host's
 * name is another's comes after it.
 */
const PROFILES: Readonly<Record<RegistryKind, Partial<RegistryProfile>>> = {
  dockerHub: {
    hosts: /^(?:docker\.io|(?:registry-1|index)\.docker\.io|registry\.hub\.docker\.com)$/,
    // Readings of manifests alone count: https://docs.docker.com/docker-hub/usage/pulls/
    limitsByKind: true,
    rateRemedy: "Log in to Docker Hub (its limit for anonymous pulls is low), or try again later",
    permissionRemedy: ({ push, on }) =>
      push
        ? `Use an access token with the permission "Read & Write", of a user who may write${on}`
        : ANY.permissionRemedy({ push, on }),
  },
  ecr: {
    // Domains: https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
    hosts:
      /^\d+\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/,
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors.html
    rateCodes: [...ANY.rateCodes, "ThrottlingException", "ThrottleException"],
    rateRemedy: "Try again later, lower the concurrency, or have the rate of ECR's actions raised in Service Quotas",
    // By action: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
    limitsByKind: true,
    mountsNeedManifest: true,
    missingRepositoryRemedy:
      "Create it first: EcrRegistry does, `aws ecr create-repository` does, and so does a repository creation template with CREATE_ON_PUSH",
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    readDenial: (said) => {
      const aws = /User: (\S+) is not authorized to perform: ([\w:*]+)(?: on resource: (\S+))?(.*)/s.exec(said);
      if (!aws) return undefined;
      const [, user = "", action = "", resource, reason = ""] = aws;
      const what = `${action}${resource === undefined ? "" : ` on ${resource}`}`;
      if (/explicit deny/.test(reason)) return `Take away what denies ${user} ${what}: it is denied explicitly`;
      const where = /resource-based policy/.test(reason)
        ? " in the repository's policy (pullAccounts or repositoryPolicy of EcrRegistry, for another account)"
        : "";
      return `Allow ${user} ${what}${where}`;
    },
    permissionRemedy: ({ push, on }) =>
      `Allow the login's identity ${[...ECR_PULL, ...(push ? ECR_PUSH : [])].join(", ")}${on}` +
      (push
        ? ""
        : "; images under a pull-through cache rule need ecr:BatchImportUpstreamImage and ecr:CreateRepository"),
    // https://github.com/aws/containers-roadmap/issues/2159
    noRoom: [/\bLimitExceeded/, /\bmaximum (?:allowed )?number of (?:images|tags)\b/i],
    roomRemedy: (said) =>
      /\btags\b/i.test(said)
        ? 'Delete tags of the image that nothing uses, or have "Tags per image" raised in Service Quotas'
        : 'Delete images that nothing uses (lifecyclePolicy of EcrRegistry expires them), or have "Images per repository" raised in Service Quotas',
    immutableTag: /TAG_INVALID/i,
    pullThroughRemedy: (byDigest) =>
      "Check the rule's credentials at the upstream, and that this login may do ecr:BatchImportUpstreamImage and ecr:CreateRepository" +
      (byDigest
        ? "; a cache of ECR may know an image only once it was pulled by a tag, so give the image its tag besides the digest"
        : ""),
    cacheRefresh: "ECR does once in 24 hours",
  },
  ecrPublic: {
    hosts: /^(?:public\.ecr\.aws|ecr-public\.aws\.com)$/,
    // https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
    limitsByKind: true,
    missingRepositoryRemedy: "Create it first with `aws ecr-public create-repository`",
  },
  acr: {
    hosts: /\.azurecr\.(?:io|cn|us|de)$/,
    // ReadOps and WriteOps: https://learn.microsoft.com/azure/container-registry/container-registry-skus
    limitsByKind: true,
    rateRemedy: "Try again later, lower the concurrency, or give the registry a larger sku, whose rate is higher",
    // https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access
    readDenial: (said) => {
      const address = /client with IP '?([0-9a-fA-F.:]+)'? is not allowed/i.exec(said)?.[1];
      return (
        address &&
        `Let ${address} through the registry's network rules (allowedIpRanges of AcrRegistry), or run inside its network`
      );
    },
    permissionRemedy: ({ push, on }) =>
      `Give the login's identity the role ${push ? "AcrPush" : "AcrPull"} on the registry (where permissions are by repository: ` +
      `"Container Registry Repository ${push ? "Writer" : "Reader"}"), or a token's scope map content/${push ? "write" : "read"}${on}`,
    noRoom: [/^(?=.*\bsize limit\b).*\b(?:reached|exceeded)\b/is],
    roomRemedy: () =>
      "Delete images that nothing uses (`az acr show-usage` tells how full it is), or give the registry a larger sku, whose limit is higher",
    // "The operation is disallowed on this registry, repository or image", for what is locked.
    immutableTag: /operation is disallowed/i,
  },
  artifactRegistry: {
    hosts: /(?:^|[.-])docker\.pkg\.dev$|^(?:[a-z]+\.)?gcr\.io$/,
    missingRepositoryRemedy:
      "Create it first with `gcloud artifacts repositories create`; the path is PROJECT/REPOSITORY/IMAGE",
    // https://cloud.google.com/artifact-registry/docs/access-control
    readDenial: (said) => {
      const google = /Permission "([\w.]+)" denied on resource "([^"]+)"/.exec(said);
      if (!google) return undefined;
      const [, permission = "", resource = ""] = google;
      return `Grant ${permission} on ${resource}; the role ${googleRole(/upload|create|update/i.test(permission))} has it`;
    },
    permissionRemedy: ({ push, on }) => `Give the service account the role ${googleRole(push)}${on}`,
  },
  ghcr: {
    hosts: /^ghcr\.io$/,
    permissionRemedy: ({ push, on }) =>
      `Give the token the scope ${push ? "write" : "read"}:packages, and its user a role${on}`,
  },
  quay: {
    hosts: /^quay\.io$|^quay\./,
    missingRepositoryRemedy: "Create it in the organization, or allow this robot to create repositories",
    permissionRemedy: ({ push, on }) =>
      push
        ? `Give the robot the role write${on}; to create repositories it has to be in a team of role creator`
        : `Give the robot the role read${on}; in a proxy organization it has to be in one of its teams`,
    // https://github.com/quay/quay/blob/master/endpoints/v2/errors.py QuotaExceeded
    noRoom: [/\bQuotaExceeded\b/i],
    roomRemedy: () => "Delete images that nothing uses, or have the organization's quota raised by a superuser of Quay",
  },
  gitlab: {
    hosts: /^registry\.gitlab\.com$|^gitlab\./,
    missingRepositoryRemedy:
      "The path must be that of a project (GROUP/PROJECT[/NAME]) with its container registry enabled",
    permissionRemedy: ({ push, on }) =>
      `Give the deploy token the scope ${push ? "write" : "read"}_registry, for the project${on}`,
  },
  harbor: {
    hosts: /^harbor\./,
    // https://github.com/goharbor/harbor/issues/8688
    noRoom: [/\bexceed(?:ed|s)? the configured upper limit\b/i],
  },
  other: {},
};

/** Every kind that {@link RegistryKind} names. */
export const REGISTRY_KINDS = Object.keys(PROFILES) as readonly RegistryKind[];

const BY_KIND = new Map<string, Partial<RegistryProfile>>(Object.entries(PROFILES));

/** Tells a registry by the name of its host: `host` or `host:port`, or a place as `Endpoint.place` writes it. */
export function registryKind(place: string): RegistryKind {
  const [host = ""] = place.split(/[/ ]/, 1);
  const name = host.replace(/:\d+$/, "").toLowerCase();
  const found = [...BY_KIND].find(([, { hosts }]) => hosts?.test(name));
  return (found?.[0] ?? "other") as RegistryKind;
}

/**
 * What an access has to say of a registry whose kind is known: undefined where the host's name tells it, so that accesses in
 * programs and states stay what they were.
 */
export function kindToTell(host: string, kind: RegistryKind): RegistryKind | undefined {
  return registryKind(host) === kind ? undefined : kind;
}

/** What is known of registries of a kind; programs and states may name one that is none. */
export function registryProfile(kind: string): RegistryProfile {
  return { ...ANY, ...BY_KIND.get(kind) };
}

/** All rows, for words that are looked for in every registry's answers. */
export const REGISTRY_PROFILES: readonly Partial<RegistryProfile>[] = [ANY, ...BY_KIND.values()];
