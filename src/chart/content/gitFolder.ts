/**
 * Whether a path is git's own: `.git` as a folder, or as the file that names one. It is no part of a chart: it may hold
 * logins (`actions/checkout` writes one into `.git/config`), which would be pushed with the chart; and one that a stranger
 * packed would name programs that git runs for whoever works in a copy of the chart
 * ({@link https://git-scm.com/docs/git-config#Documentation/git-config.txt-corefsmonitor}).
 *
 * @param path with forward slashes
 */
export function isInGitFolder(path: string): boolean {
  return path.split("/").some(isGitFolder);
}

/** As file systems without case have it, too. */
const isGitFolder = (name: string): boolean => /^(?:\.git|git~1)$/i.test(name);
