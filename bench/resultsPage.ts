/** A set's results, as a part of a page. */
export interface ResultSection {
  readonly title: string;
  readonly text: string;
}

const BEGIN = "<!-- results of npm run bench -->";
const END = "<!-- end of results -->";
const HEADING = /^### (.*)$/;

/**
 * A page with new results between its marks: sections of sets that were not run stay as they are.
 *
 * @param order titles as they follow each other; what stands there under a title that is not among them goes
 */
export function withResults(page: string, sections: readonly ResultSection[], order: readonly string[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page has no place for results: ${BEGIN} … ${END}`);
  const texts = sectionsOf(page.slice(begin + BEGIN.length, end));
  for (const { title, text } of sections) texts.set(title, text.trim());
  const shown = order.flatMap((title) => {
    const text = texts.get(title);
    return text === undefined ? [] : [`### ${title}\n\n${text}\n\n`];
  });
  return `${page.slice(0, begin + BEGIN.length)}\n\n${shown.join("")}${page.slice(end)}`;
}

function sectionsOf(results: string): Map<string, string> {
  const lines = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of results.split("\n")) {
    const [, title] = HEADING.exec(line) ?? [];
    if (title !== undefined) lines.set(title, (current = []));
    else current?.push(line);
  }
  return new Map([...lines].map(([title, text]) => [title, text.join("\n").trim()]));
}
