import { registryKind, type RegistryKind } from "./registryKind";

/** The disk under the registry is full; both versions of CNCF Distribution say so with 500. */
const NO_DISK = /\bno space left on device\b|\bENOSPC\b|\binsufficient storage\b|\bdisk (?:is full|quota exceeded)\b/i;

/**
 * Answers that mean: the registry has no room for more. Their statuses say little: 403 at ECR, Quay and Harbor, 400 and
 * 412 at older ones ({@link https://github.com/aws/containers-roadmap/issues/2159},
 * {@link https://github.com/goharbor/harbor/issues/8688},
 * {@link https://github.com/quay/quay/blob/master/endpoints/v2/errors.py QuotaExceeded}).
 */
const NO_ROOM = [
  /\bLimitExceeded/,
  /\bmaximum (?:allowed )?number of (?:images|tags)\b/i,
  /\bexceed(?:ed|s)? the configured upper limit\b/i,
  /^(?=.*\bquota\b).*\bexceed/is,
  /\bQuotaExceeded\b/i,
  NO_DISK,
  /\bstorage (?:limit|quota|usage)\b/i,
  /^(?=.*\bsize limit\b).*\b(?:reached|exceeded)\b/is,
];

/** Whether a registry's words mean that it has no room for more images. */
export function isStorageQuota(said: string): boolean {
  return NO_ROOM.some((words) => words.test(said));
}

/** What makes room. */
export function storageQuotaRemedy(registry: string, said: string): string {
  const remedy = REMEDIES[registryKind(registry)];
  if (remedy !== undefined) return remedy(said);
  if (NO_DISK.test(said))
    return "Give the registry's storage more room, or delete images that nothing uses and collect its garbage";
  return "Delete images that nothing uses, or have the quota of the project or namespace raised";
}

const REMEDIES: Partial<Record<RegistryKind, (said: string) => string>> = {
  ecr: (said) =>
    /\btags\b/i.test(said)
      ? 'Delete tags of the image that nothing uses, or have "Tags per image" raised in Service Quotas'
      : 'Delete images that nothing uses (lifecyclePolicy of EcrRegistry expires them), or have "Images per repository" raised in Service Quotas',
  acr: () =>
    "Delete images that nothing uses (`az acr show-usage` tells how full it is), or give the registry a larger sku, whose limit is higher",
  quay: () => "Delete images that nothing uses, or have the organization's quota raised by a superuser of Quay",
};
