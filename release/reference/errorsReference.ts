import { GENERATED, row, table } from "./markdownTable";

/** An error or a finding, as a row of docs/troubleshooting.md says it. */
interface Entry {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  /** The heading above its table. */
  readonly about: string;
}

/**
 * Every code with a heading of its own, which errors give the address of and a search finds, and an index by the first
 * words of messages.
 *
 * @param troubleshooting text of docs/troubleshooting.md, where the entries are written
 * @param messages of the sources, by code; what has none there is found by the words of its entry
 */
export function errorsReference(troubleshooting: string, messages: ReadonlyMap<string, readonly string[]>): string {
  const entries = entriesOf(troubleshooting).sort((a, b) => (a.code < b.code ? -1 : 1));
  const index = entries
    .flatMap(({ code, message }) => {
      const said =
        messages
          .get(code)
          ?.map(firstWords)
          .filter((words) => words.length > 8) ?? [];
      return [...new Set(said.length > 0 ? said : [firstWords(message)])].map((words) => ({ code, words }));
    })
    .sort((a, b) => compare(a.words.toLowerCase(), b.words.toLowerCase()) || compare(a.code, b.code));
  return [
    `# Errors\n\n${GENERATED}\n`,
    "Every error and every finding by its code. In messages `…` stands for what changes. Several problems of one run are told together. Where to begin, and what to look at: [troubleshooting](../troubleshooting.md).\n",
    `## By what the message says\n\n${table(
      ["Message", "Code"],
      index.map(({ words, code }) => row([escaped(words), `[\`${code}\`](#${code.toLowerCase()})`])),
    )}`,
    ...entries.map(
      ({ code, message, remedy, about }) => `## ${code}\n\n${message}\n\n**What to do**: ${remedy}\n\n_${about}_\n`,
    ),
  ].join("\n");
}

function entriesOf(page: string): Entry[] {
  let about = "";
  return page.split("\n").flatMap((line) => {
    about = /^## (.*)$/.exec(line)?.[1] ?? about;
    const [, code, message, remedy] = /^\| `([A-Z0-9_]+)` +\| (.*?) +\| (.*?) +\|$/.exec(line) ?? [];
    if (code === undefined || message === undefined || remedy === undefined) return [];
    return [{ code, message: fromHere(message), remedy: fromHere(remedy), about }];
  });
}

/** Links of the page beside this folder, from this folder. */
const fromHere = (text: string): string =>
  text
    .replaceAll("](#", "](../troubleshooting.md#")
    .replace(/\]\((?![a-z]+:|\.\.\/)([^)]+)\)/g, "](../$1)")
    .replaceAll("\\|", "|");

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Words of the sources are no markup. */
const escaped = (text: string): string => text.replace(/[\\*_<>[\]]/g, "\\$&");

/** What somebody would look for: without the names before it, and no more than a few words. */
function firstWords(message: string): string {
  const plain = message.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\s+/g, " ");
  const begun = plain.replace(/^(?:[\u2026 :,'"]+)/, "");
  const words = begun.split(" ").slice(0, 9).join(" ");
  return words.length < begun.length ? `${words.replace(/[,;:(]+$/, "")} …` : words;
}
