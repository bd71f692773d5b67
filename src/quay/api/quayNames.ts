import { invalidQuayName, type QuayError } from "./quayErrors";

const SHORTEST = 2;
const LONGEST = 255;
/** {@link https://github.com/quay/quay/blob/master/util/validation.py VALID_USERNAME_REGEX}: organizations, robots, teams. */
const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
/** {@link https://github.com/quay/quay/blob/master/util/names.py REPOSITORY_NAME_EXTENDED_REGEX}. */
const REPOSITORY = /^[a-z0-9][.a-z0-9_-]*(?:\/[a-z0-9][.a-z0-9_-]*)*$/;

/**
 * What is wrong with the name of an organization, robot or team; undefined when nothing is.
 *
 * @param what whose name it is, for the error: `An organization of Quay`
 */
export function quayNameProblem(what: string, name: string): QuayError | undefined {
  if (name.length < SHORTEST || name.length > LONGEST)
    return invalidQuayName(what, name, `it has ${SHORTEST} to ${LONGEST} characters`, "Choose another name");
  if (/[A-Z]/.test(name)) return invalidQuayName(what, name, "it is lower-case", "Write it in lower case");
  if (NAME.test(name)) return undefined;
  const slash = name.includes("/") ? "; Quay has no organizations inside organizations" : "";
  return invalidQuayName(
    what,
    name,
    `it is made of letters and digits with single ".", "_" or "-" between them${slash}`,
    "Choose another name",
  );
}

/** What is wrong with the name of a repository inside an organization; undefined when nothing is. */
export function quayRepositoryProblem(source: string, name: string): QuayError | undefined {
  const what = `The repository of ${source} in Quay`;
  if (name.length > LONGEST)
    return invalidQuayName(what, name, `it has at most ${LONGEST} characters`, "Leave keepHost off");
  if (/[A-Z]/.test(name)) return invalidQuayName(what, name, "it is lower-case", "Leave keepHost off");
  if (REPOSITORY.test(name)) return undefined;
  return invalidQuayName(
    what,
    name,
    'its segments begin with a letter or digit and are made of letters, digits, ".", "_" and "-"',
    "Leave keepHost off",
  );
}
