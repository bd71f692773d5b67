import * as pulumi from "@pulumi/pulumi";
import type { AwsSdk } from "./awsSdk";
import { EcrScanning, type EcrRegistryArgs } from "./ecrRegistryArgs";

/** What the settings of an account's registry are made with. */
export interface EcrSettingsContext {
  readonly aws: AwsSdk;
  readonly args: EcrRegistryArgs;
  /** Name of the registry, with which those of the resources begin. */
  readonly name: string;
  readonly account: pulumi.Input<string>;
  readonly options: pulumi.CustomResourceOptions;
  readonly inRegion: { region?: pulumi.Input<string> };
}

/** What an account's registry in a region is told on behalf of all images. There is one of each, for all that it holds. */
export function createEcrSettings(context: EcrSettingsContext): pulumi.CustomResource[] {
  const { blobMounting, replicateTo = [], scanning } = context.args;
  return [
    ...(blobMounting ? [mountBlobs(context)] : []),
    ...(replicateTo.length > 0 ? [replicate(context, replicateTo)] : []),
    ...(scanning === undefined ? [] : [scan(context, scanning)]),
  ];
}

function mountBlobs({ aws, name, options, inRegion }: EcrSettingsContext): pulumi.CustomResource {
  return new aws.ecr.AccountSetting(
    `${name}-blob-mounting`,
    { name: "BLOB_MOUNTING", value: "ENABLED", ...inRegion },
    options,
  );
}

function replicate(
  { aws, args: { path }, name, account, options, inRegion }: EcrSettingsContext,
  regions: readonly string[],
): pulumi.CustomResource {
  const repositoryFilters = path !== undefined && [
    { filter: pulumi.interpolate`${path}/`, filterType: "PREFIX_MATCH" },
  ];
  const destinations = regions.map((region) => ({ region, registryId: account }));
  return new aws.ecr.ReplicationConfiguration(
    `${name}-replication`,
    {
      replicationConfiguration: { rules: [{ destinations, ...(repositoryFilters && { repositoryFilters }) }] },
      ...inRegion,
    },
    options,
  );
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html */
function scan(
  { aws, args: { path, pullThrough = [] }, name, options, inRegion }: EcrSettingsContext,
  scanType: EcrScanning,
): pulumi.CustomResource {
  const filters =
    path === undefined
      ? ["*"]
      : [path, ...pullThrough.map((rule) => rule.path)].map((of) => pulumi.interpolate`${of}/*`);
  return new aws.ecr.RegistryScanningConfiguration(
    `${name}-scanning`,
    {
      scanType,
      rules: [
        {
          scanFrequency: scanType === EcrScanning.Enhanced ? "CONTINUOUS_SCAN" : "SCAN_ON_PUSH",
          repositoryFilters: filters.map((filter) => ({ filter, filterType: "WILDCARD" })),
        },
      ],
      ...inRegion,
    },
    options,
  );
}
