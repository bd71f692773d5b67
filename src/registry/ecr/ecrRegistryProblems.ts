import { EcrRepositories, type EcrRegistryArgs } from "./ecrRegistryArgs";
import { brokenNameRule } from "./ecrRepositoryName";

/** What is wrong with a registry, and what helps. */
export interface Problem {
  readonly rule: string;
  readonly remedy: string;
}

/** What is wrong with the place of a registry. */
export function addressProblems(account: string, region: string, path: string | undefined): Problem[] {
  const problems: Problem[] = [];
  if (!/^\d{12}$/.test(account))
    problems.push({
      rule: `${JSON.stringify(account)} is not an account`,
      remedy: "Give registryId as 12 digits, in quotes",
    });
  if (!/^[a-z]+(?:-[a-z]+)+-\d+$/.test(region))
    problems.push({ rule: `${JSON.stringify(region)} is not a region`, remedy: "Give region as in eu-west-1" });
  const broken = path ? brokenNameRule(`${path}/image`) : undefined;
  if (broken) problems.push({ rule: `its path is ${JSON.stringify(path)}, and ${broken.rule}`, remedy: broken.remedy });
  return problems;
}

/** A registry of one account, and a provider of another one that would make its repositories. */
export function foreignAccountProblem(account: string, caller: string): Problem {
  return {
    rule: `it is in account ${account}, and its aws provider would create repositories in account ${caller}`,
    remedy: `Pass a provider of account ${account} in the registry's options, or set repositories to EcrRepositories.Existing`,
  };
}

/**
 * What keeps ECR from making repositories as they are to be.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
 */
export function templateProblems(args: EcrRegistryArgs): Problem[] {
  const { tags, kmsKey, creationRoleArn, repositories, pullThrough = [] } = args;
  const uses = repositories === EcrRepositories.CreateOnPush || pullThrough.some(({ existing }) => !existing);
  if (!uses || creationRoleArn !== undefined || (tags === undefined && kmsKey === undefined)) return [];
  return [
    {
      rule: `ECR itself is to create repositories with ${tags === undefined ? "a kmsKey" : "tags"}, which it does by a role alone`,
      remedy: "Give creationRoleArn, the role of a repository creation template",
    },
  ];
}
