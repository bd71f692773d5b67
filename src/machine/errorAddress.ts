import { join, relative } from "node:path";
import { MirrorError, MirrorErrors } from "../error";
import { thisPackage } from "./toolVersion";

/** Where the documentation is read: on the web once the package says where its repository is, and until then in the package. */
const PAGE = "reference/errors";

/**
 * The address of what the documentation says of an error's code.
 *
 * @param homepage `homepage` of package.json: a repository's, as `npm run repository` writes it, or that of the site
 */
export function errorAddress(code: string, homepage: string | undefined = thisPackage().homepage): string {
  const anchor = `#${code.toLowerCase()}`;
  if (homepage === undefined || homepage.includes("/OWNER/")) {
    const file = join(__dirname, `../../docs/${PAGE}.md`);
    const near = relative(process.cwd(), file);
    return `${near.startsWith("..") ? file : near}${anchor}`;
  }
  const repository = /^(.*)#readme$/.exec(homepage)?.[1];
  return repository === undefined
    ? `${homepage.replace(/\/$/, "")}/${PAGE}${anchor}`
    : `${repository}/blob/HEAD/docs/${PAGE}.md${anchor}`;
}

/** More addresses than these nobody opens; the message has the codes' words. */
const MOST = 5;

/** Where to read on about an error, as the last lines of what is told of it: `See https://…`. */
export function errorAddresses(error: MirrorError): string {
  const codes = new Set(codesOf(error));
  const shown = [...codes].slice(0, MOST).map((code) => `See ${errorAddress(code)}`);
  return shown.join("\n");
}

/** Errors whose message ends with their addresses. */
const ADDRESSED = new WeakSet<object>();

/** What is told of an error that nobody adds addresses to any more. */
export function messageWithAddresses(error: MirrorError): string {
  return ADDRESSED.has(error) ? error.message : `${error.message}\n${errorAddresses(error)}`;
}

/**
 * An error whose message ends with its addresses: for those that Pulumi takes as they are, from constructors and from
 * providers. Any other is as it was.
 */
export function addressed<T>(error: T): T {
  if (!(error instanceof MirrorError) || ADDRESSED.has(error)) return error;
  const message = messageWithAddresses(error);
  // Pulumi shows the stack of some.
  if (error.stack?.includes(error.message)) error.stack = error.stack.replace(error.message, () => message);
  error.message = message;
  ADDRESSED.add(error);
  return error;
}

function codesOf(error: MirrorError): string[] {
  // Of an error about another one, the other has more to say: a trial of a login fails for the reason of its registry.
  if (!(error instanceof MirrorErrors))
    return [error.code, ...(error.cause instanceof MirrorError ? codesOf(error.cause) : [])];
  return error.problems.flatMap((problem) =>
    "code" in problem && "problem" in problem ? codesOf(problem as MirrorError) : [],
  );
}
