import { MirrorError } from "../../error";

/** An image's repository cannot have that name in ACR. `code` is `INVALID_REPOSITORY_NAME`. */
export function invalidAcrRepositoryName(source: string, repository: string, rule: string): MirrorError {
  return new MirrorError(
    "INVALID_REPOSITORY_NAME",
    `${source} cannot be copied to the ACR repository ${JSON.stringify(repository)}: ${rule}`,
    "Correct the registry's path, or leave keepHost off",
  );
}

/**
 * The rule that the name of a registry breaks; undefined for a good one.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerregistry
 */
export function brokenRegistryNameRule(name: string): string | undefined {
  if (!/^[a-zA-Z0-9]*$/.test(name)) return "a name has letters and digits alone";
  if (name.length < 5 || name.length > 50)
    return `a name has 5 to 50 characters, and this one has ${String(name.length)}`;
  return undefined;
}

const LONGEST_REPOSITORY = 256;
const SEGMENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/**
 * The rule that the name of a repository breaks; undefined for a good one.
 *
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-concepts#repository-name
 */
export function brokenRepositoryNameRule(repository: string): string | undefined {
  if (repository.length > LONGEST_REPOSITORY)
    return `a name has at most ${LONGEST_REPOSITORY} characters, and this one has ${String(repository.length)}`;
  if (/[A-Z]/.test(repository)) return "a name is lower-case";
  const segment = repository.split("/").find((text) => !SEGMENT.test(text));
  if (segment === undefined) return undefined;
  return segment === ""
    ? "a name has no empty segment between its slashes"
    : `${JSON.stringify(segment)} is not made of letters and digits with single ".", "_", "__" or dashes between them`;
}
