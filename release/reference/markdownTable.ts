/** What stands at the top of a page that a script writes. */
export const GENERATED = "_Written by `npm run docs:reference`: it says what the code says._";

/** A row of cells that are Markdown already, each in one line; a bar in code is escaped, as GitHub's tables want it. */
export const row = (cells: readonly string[]): string =>
  `| ${cells
    .map((cell) =>
      cell
        .replace(/\s+/g, " ")
        .replace(/(?<!\\)\|/g, "\\|")
        .trim(),
    )
    .join(" | ")} |`;

export const table = (headings: readonly string[], rows: readonly string[]): string =>
  `${[row(headings), row(headings.map(() => "---")), ...rows].join("\n")}\n`;
