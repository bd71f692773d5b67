import { awsPartition, ecrHost } from "../../../src/registry/ecr/awsPartition";

test.each([
  ["us-east-1", "aws", "123456789012.dkr.ecr.us-east-1.amazonaws.com"],
  ["eu-west-1", "aws", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"],
  ["cn-northwest-1", "aws-cn", "123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn"],
  ["us-gov-west-1", "aws-us-gov", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com"],
  ["eusc-de-east-1", "aws-eusc", "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu"],
  ["us-iso-east-1", "aws-iso", "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov"],
  ["us-isob-east-1", "aws-iso-b", "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov"],
])("%s is in %s, its registry at %s", (region, id, host) => {
  expect(awsPartition(region).id).toBe(id);
  expect(ecrHost("123456789012", region)).toBe(host);
});
