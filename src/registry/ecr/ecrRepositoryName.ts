import { MirrorError } from "../../error";

/** An image's repository cannot have that name in ECR. `code` is `INVALID_REPOSITORY_NAME`. */
export function invalidEcrRepositoryName(source: string, repository: string, broken: BrokenRule): MirrorError {
  return new MirrorError(
    "INVALID_REPOSITORY_NAME",
    `${source} cannot be copied to the ECR repository ${JSON.stringify(repository)}: ${broken.rule}`,
    broken.remedy,
  );
}

/** A rule of ECR that a name breaks, and what helps. */
export interface BrokenRule {
  readonly rule: string;
  readonly remedy: string;
}

const SHORTEST = 2;
const LONGEST = 256;
const SEGMENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/**
 * The rule that a repository name breaks; undefined for a good one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
export function brokenNameRule(repository: string): BrokenRule | undefined {
  if (repository.length < SHORTEST)
    return { rule: `a name has at least ${SHORTEST} characters`, remedy: "Give the registry a path" };
  if (repository.length > LONGEST)
    return {
      rule: `a name has at most ${LONGEST} characters, and this one has ${repository.length}`,
      remedy: "Give the registry a shorter path, or leave keepHost off",
    };
  if (/[A-Z]/.test(repository))
    return {
      rule: "a name is lower-case",
      remedy: "Write the registry's path in lower case, or leave keepHost off",
    };
  const segment = repository.split("/").find((text) => !SEGMENT.test(text));
  if (segment === undefined) return undefined;
  return {
    rule:
      segment === ""
        ? "a name has no empty segment between its slashes"
        : `${JSON.stringify(segment)} is not made of letters and digits with single ".", "_", "__" or dashes between them`,
    remedy: "Correct the registry's path, or leave keepHost off",
  };
}

/** The repository of a target reference, without host, tag and digest; also of one that is no legal reference. */
export function repositoryOfTarget(target: string): string {
  const [name = ""] = target.slice(target.indexOf("/") + 1).split("@");
  return name.replace(/:[^/:]*$/, "");
}
