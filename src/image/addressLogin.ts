import type { SettingWords } from "../settingWords";

/** The reason that errors give for refusing an address with a login in it. */
export const LOGIN_IN_ADDRESS = 'a login stands before the "@" of it';

/** For remedies: where logins of registries belong. */
export const loginRemedy = ({ logins }: SettingWords): string => `Logins belong into ${logins}, never into an address`;

/**
 * An address as errors may quote it: whatever may be a login in it is `***`, the user's name too, since tokens are
 * written in its place. Texts without one stay as they are.
 *
 * What is no address is judged with suspicion: of an image only a digest can stand behind an `@`.
 *
 * @param address of a registry, an image or a chart, as somebody wrote it: not a sentence
 * @example
 * ```ts
 * hideLogin("robot:s3cret@r.io/app:1"); // "***@r.io/app:1"
 * hideLogin("https://token@r.io/app"); // "https://***@r.io/app"
 * hideLogin("r.io/app:1@sha256:0f…"); // as it is
 * ```
 */
export function hideLogin(address: string): string {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(address) ?? [];
  const digest = /@(?:sha\d+\b[^@/]*|[a-z0-9+._-]+:[0-9a-f]{32,})$/i.exec(rest)?.[0] ?? "";
  const name = rest.slice(0, rest.length - digest.length);
  const at = name.lastIndexOf("@");
  if (at < 0) return address;
  const [before, behind] = [name.slice(0, at), name.slice(at + 1)];
  return isLogin(scheme, before, behind) ? `${scheme}***@${behind}${digest}` : address;
}

/** A user's name or password as it stands in a URL. A percent sign that starts no escape is one. */
export function decodedLogin(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What stands in the password's place where the token is in the user's. */
const NO_PASSWORDS: readonly string[] = ["", "x-oauth-basic"];

/**
 * What of a user and a password is secret: a token may stand in the user's place, as in `https://TOKEN@host`.
 *
 * @example
 * ```ts
 * secretOfLogin("robot", "s3cret"); // "s3cret"
 * secretOfLogin("ghp_1f", ""); // "ghp_1f"
 * ```
 */
export const secretOfLogin = (username: string, password: string): string =>
  NO_PASSWORDS.includes(password) ? username : password;

/** A user's name for errors: `***` where it is the secret. */
export const shownUser = (username: string, password: string): string =>
  NO_PASSWORDS.includes(password) ? "***" : username;

/** Whether somebody wrote what may be a login into an address. */
export const holdsLogin = (address: string): boolean => hideLogin(address) !== address;

function isLogin(scheme: string, before: string, behind: string): boolean {
  // The path of a URL may well have an @; a password with a slash makes it one that cannot be read.
  if (scheme !== "") return !before.includes("/") || !URL.canParse(`${scheme}${before}`);
  // A lone token, unless it is an image with something like a tag behind the @: `nginx@1.27`.
  return (
    before.includes(":") || /^(?:localhost|\[[^/]*\]|[^/.:]*[.:][^/]*)\/|\.[a-z]{2,}(?::\d+)?$|:\d+$/i.test(behind)
  );
}
