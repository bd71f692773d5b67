import semver from "semver";

/** One comparison of a range whose spaces are single ones: operator, major, minor, patch, pre-release. */
const COMPARISON =
  /(=>|>=|=<|<=|!=|~>|[=<>~^])? ?v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-.]+)?/g;
/** Operators that stand for others. */
const SPELLINGS = new Map([
  ["=>", ">="],
  ["=<", "<="],
  ["~>", "~"],
]);
const HYPHEN = /(?<!\S)(\S+) - (\S+)/g;
const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z-.]+)?(?:\+([0-9A-Za-z-.]+))?$/;

/** A chart's version as Helm takes it: a leading `v` and missing parts are fine. Undefined when it is no version. */
export function parseVersion(text: string): semver.SemVer | undefined {
  const [, major, minor = "0", patch = "0", pre = ""] = VERSION.exec(text.trim()) ?? [];
  return major === undefined ? undefined : (semver.parse(`${major}.${minor}.${patch}${pre}`) ?? undefined);
}

/**
 * Whether a version lies in a range as Helm reads ranges: commas mean "and", and pre-releases count only where one of
 * the comparisons that belong together names a pre-release (`>0.0.0-0` takes all), whatever version that is.
 * npm's rule for pre-releases is another one.
 *
 * @see {@link https://github.com/Masterminds/semver#checking-version-constraints}
 */
export function inVersionRange(version: string, range: string): boolean {
  const parsed = parseVersion(version);
  if (!parsed) return false;
  return range
    .replace(/\s+/g, " ")
    .replace(HYPHEN, ">=$1, <=$2")
    .split("||")
    .some((group) => {
      const comparisons = [...group.matchAll(COMPARISON)];
      if (comparisons.length === 0) return group.trim() === "" && parsed.prerelease.length === 0;
      const takesPreReleases = comparisons.some((comparison) => comparison[5] !== undefined);
      if (parsed.prerelease.length > 0 && !takesPreReleases) return false;
      return comparisons.every((comparison) => satisfies(parsed, comparison));
    });
}

function satisfies(version: semver.SemVer, [, operator = "", ...parts]: readonly (string | undefined)[]): boolean {
  const [major, minor, patch, pre] = parts;
  const suffix = pre === undefined ? "" : `-${pre}`;
  const free = [major, minor, patch].findIndex((part) => part === undefined || /[xX*]/.test(part));
  const base = [major, minor, patch].map((part, i) => (free >= 0 && i >= free ? "0" : part)).join(".") + suffix;
  const test = (range: string): boolean => semver.satisfies(version, range, { includePrerelease: true, loose: true });
  const whole = SPELLINGS.get(operator) ?? operator;
  if (free < 0) return whole === "!=" ? !test(`=${base}`) : test(`${whole}${base}`);
  const span = free === 0 ? ">=0.0.0-0" : free === 1 ? `^${base}` : `~${base}`;
  // npm has no word for "from 1.0.0, and only 0.x": a caret below 1 stands for the minor version.
  const around = free === 1 && major === "0" ? `>=${base} <1.0.0-0` : span;
  switch (whole) {
    case "":
    case "=":
    case "~":
      return test(around);
    case "^":
      return test(free === 2 ? `^${base}` : around);
    case "!=":
      return !test(around);
    case ">=":
    case "<":
      return test(`${whole}${base}`);
    case ">":
      return free > 0 && !test(around) && test(`>${base}`);
    default:
      return free === 0 || test(around) || test(`<${base}`);
  }
}
