/** A part of AWS with accounts and names of its own. */
export interface AwsPartition {
  /** As in ARNs: `aws`, `aws-cn`. */
  readonly id: string;
  /** Domain of its services: `amazonaws.com`. */
  readonly domain: string;
}

/**
 * The partitions by the beginning of their regions' names, as the SDKs of AWS know them.
 *
 * @see https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
 */
const PARTITIONS: readonly (readonly [prefix: string, partition: AwsPartition])[] = [
  ["cn-", { id: "aws-cn", domain: "amazonaws.com.cn" }],
  ["us-gov-", { id: "aws-us-gov", domain: "amazonaws.com" }],
  ["eusc-", { id: "aws-eusc", domain: "amazonaws.eu" }],
  ["us-iso-", { id: "aws-iso", domain: "c2s.ic.gov" }],
  ["us-isob-", { id: "aws-iso-b", domain: "sc2s.sgov.gov" }],
  ["eu-isoe-", { id: "aws-iso-e", domain: "cloud.adc-e.uk" }],
  ["us-isof-", { id: "aws-iso-f", domain: "csp.hci.ic.gov" }],
];

/** The partition that a region belongs to. */
export function awsPartition(region: string): AwsPartition {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? { id: "aws", domain: "amazonaws.com" };
}

/**
 * The host of an account's ECR registry in a region.
 *
 * @example `ecrHost("123456789012", "eu-west-1")` is `"123456789012.dkr.ecr.eu-west-1.amazonaws.com"`.
 */
export function ecrHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.${awsPartition(region).domain}`;
}
