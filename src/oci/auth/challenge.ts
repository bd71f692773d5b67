import { setOwnValue } from "../../ownKeys";

/** One way to log in that a registry offers. */
export interface Challenge {
  /** In lower case: `basic` or `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
/** What Negotiate and NTLM have in place of parameters. */
const TOKEN68 = /[0-9A-Za-z\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
/** Some registries forget the quotes around the realm's URL. */
const UNQUOTED = /[^\s",]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
/** Not of the grammar, and written all the same. */
const SINGLE_QUOTED = /'([^']*)'(?=[ \t]*(?:,|$))/y;
const SPACE = /[ \t]*/y;

/**
 * Reads a `WWW-Authenticate` header, which may hold several challenges
 * ({@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1}). What breaks the grammar ends the reading.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match ? (match[1] ?? match[0]) : undefined;
  };
  while (at < header.length) {
    take(SPACE);
    if (header[at] === ",") {
      at++;
      continue;
    }
    const word = take(TOKEN);
    if (word === undefined) break;
    take(SPACE);
    if (header[at] !== "=") {
      challenges.push({ scheme: word.toLowerCase(), parameters: {} });
      take(TOKEN68);
      continue;
    }
    at++;
    take(SPACE);
    const value = header[at] === '"' ? take(QUOTED)?.replace(/\\(.)/g, "$1") : (take(SINGLE_QUOTED) ?? take(UNQUOTED));
    const current = challenges.at(-1);
    if (value === undefined || !current) break;
    setOwnValue(current.parameters, word.toLowerCase(), value);
  }
  return challenges;
}
