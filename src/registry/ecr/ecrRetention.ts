import { MirrorError } from "../../error";
import { parseReference } from "../../image/reference";
import { EcrRepositories, EcrTagMutability, type EcrRegistryArgs, type EcrRetention } from "./ecrRegistryArgs";
import type { Problem } from "./ecrRegistryProblems";

/** ECR's own bounds of `countNumber`. */
const MOST_DAYS = 3650;

/**
 * The lifecycle policy of a retention. What an index names is untagged as well: ECR expires none of it while the index is
 * there ({@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html}).
 */
export function retentionPolicy({ untaggedDays }: EcrRetention): string {
  return JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: "What was left without a tag by copies and deletions that did not come to their end",
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: untaggedDays,
        },
        action: { type: "expire" },
      },
    ],
  });
}

/** Why a retention could reach images that pods or releases still need. */
export function retentionProblems({
  retention,
  lifecyclePolicy,
  repositories,
  tagMutability,
  tagMutabilityExclusions = [],
}: EcrRegistryArgs): Problem[] {
  if (!retention) return [];
  const { untaggedDays } = retention;
  const problems: Problem[] = [];
  if (!Number.isInteger(untaggedDays) || untaggedDays < 1 || untaggedDays > MOST_DAYS)
    problems.push({
      rule: `its retention.untaggedDays is ${untaggedDays}`,
      remedy: `Write a whole number of days from 1 to ${MOST_DAYS}`,
    });
  if (lifecyclePolicy !== undefined)
    problems.push({
      rule: "it has a retention and a lifecyclePolicy, and a repository has one policy",
      remedy: "Leave one of them out",
    });
  if (repositories === EcrRepositories.Existing)
    problems.push({
      rule: "it has a retention, and its repositories are made by somebody else",
      remedy: "Leave retention out, and set the policy where the repositories are made",
    });
  if (tagMutability !== EcrTagMutability.Immutable || tagMutabilityExclusions.length > 0)
    problems.push({
      rule: "it has a retention, and its tags can move: what a tag named before has none, though pods may pull it by its digest and helm roll back to it",
      remedy:
        "Set tagMutability to EcrTagMutability.Immutable without tagMutabilityExclusions, or leave retention out and run chart-mirror prune",
    });
  return problems;
}

/** Why an image cannot come to a registry with a retention. `code` is `RETENTION_WITHOUT_TAG`. */
export function untaggedProblem(
  { retention }: Pick<EcrRegistryArgs, "retention">,
  source: string,
  target: string,
): MirrorError | undefined {
  if (!retention || parseReference(target).tag !== undefined) return undefined;
  return new MirrorError(
    "RETENTION_WITHOUT_TAG",
    `Mirroring ${source} to ${target} is not possible: it is named by its digest alone, and the registry's retention deletes what has no tag`,
    "Name its tag beside the digest, or leave retention out and run chart-mirror prune",
  );
}

/** Why signatures cannot come along. `code` is `RETENTION_WITHOUT_TAG`. */
export function referrersProblem(
  { retention }: Pick<EcrRegistryArgs, "retention">,
  referrers: boolean | undefined,
): MirrorError | undefined {
  if (!retention || !referrers) return undefined;
  return new MirrorError(
    "RETENTION_WITHOUT_TAG",
    "Mirroring what refers to images (referrers) is not possible: signatures have no tag, and the registry's retention deletes what has none",
    "Leave referrers out, or leave retention out and run chart-mirror prune",
  );
}
