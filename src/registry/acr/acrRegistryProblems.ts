import { CopyMethod } from "../../copy/copyMethod";
import { cacheRuleProblems } from "./acrCacheRule";
import { brokenRegistryNameRule, brokenRepositoryNameRule } from "./acrName";
import { AcrSku, type AcrRegistryArgs } from "./acrRegistryArgs";

/** Why a registry cannot be as its arguments say, in words; all that is known before Azure is asked. */
export function registryProblems(args: AcrRegistryArgs, registryName: string, path: string | undefined): string[] {
  return [
    ...nameProblems(registryName, path),
    ...settingProblems(args),
    ...copyProblems(args),
    ...cacheRuleProblems(args.cacheRules ?? [], path),
  ];
}

function nameProblems(registryName: string, path: string | undefined): string[] {
  const registry = brokenRegistryNameRule(registryName);
  const repository = path ? brokenRepositoryNameRule(path) : undefined;
  return [
    ...(registry ? [`its registryName is ${JSON.stringify(registryName)}, and ${registry}`] : []),
    ...(repository ? [`its path is ${JSON.stringify(path)}, and ${repository}`] : []),
  ];
}

/** Settings of a registry that is created; one that exists keeps its own. */
const CREATION = [
  "location",
  "sku",
  "anonymousPull",
  "publicNetworkAccess",
  "allowedIpRanges",
  "trustedServices",
  "zoneRedundancy",
  "tags",
] as const satisfies readonly (keyof AcrRegistryArgs)[];

function settingProblems(args: AcrRegistryArgs): string[] {
  const given = CREATION.filter((key) => args[key] !== undefined);
  const makesSomething =
    args.pullToken !== undefined ||
    args.copyWith === CopyMethod.AcrImport ||
    Object.keys(args.pullers ?? {}).length > 0 ||
    args.cacheRules?.some(({ existing }) => !existing);
  const group =
    args.resourceGroupName === undefined && (!args.existing || makesSomething)
      ? ["it has no resourceGroupName, which what is to be made there needs"]
      : [];
  if (args.existing)
    return [...group, ...(given.length > 0 ? [`it exists, and ${given.join(", ")} would be ignored`] : [])];
  return [...group, ...tierProblems(args)];
}

/** {@link https://learn.microsoft.com/azure/container-registry/container-registry-skus} */
function tierProblems({ sku = AcrSku.Standard, ...args }: AcrRegistryArgs): string[] {
  const premium = {
    allowedIpRanges: args.allowedIpRanges !== undefined,
    "publicNetworkAccess: false": args.publicNetworkAccess === false,
    zoneRedundancy: args.zoneRedundancy === true,
  };
  const needPremium =
    sku === AcrSku.Premium ? [] : Object.entries(premium).flatMap(([key, used]) => (used ? [key] : []));
  return [
    ...(needPremium.length > 0 ? [`${needPremium.join(", ")} needs AcrSku.Premium, and its sku is ${sku}`] : []),
    ...(args.anonymousPull && sku === AcrSku.Basic
      ? ["anonymousPull needs AcrSku.Standard, and its sku is Basic"]
      : []),
  ];
}

const WAYS: readonly CopyMethod[] = [CopyMethod.Process, CopyMethod.AcrImport];

function copyProblems({ copyWith = CopyMethod.Process }: AcrRegistryArgs): string[] {
  if (WAYS.includes(copyWith)) return [];
  return [
    `copyWith is ${JSON.stringify(copyWith)}, and images come to ACR by ${WAYS.join(" or ")}, or by cacheRules; every other way is chosen by the release`,
  ];
}
