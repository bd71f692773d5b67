import { printableLine } from "../../printable";

/**
 * Lays rows out in columns, each in one line, as `kubectl` does: upper-case headings, three spaces between columns, nothing behind the last.
 * Without rows it is nothing, headings neither: a command says on standard error how many there are.
 */
export function formatTable(headings: readonly string[], cells: readonly (readonly string[])[]): string {
  if (cells.length === 0) return "";
  const rows = cells.map((row) => row.map(printableLine));
  const all = [headings.map((heading) => heading.toUpperCase()), ...rows];
  const widths = headings.map((_, column) => all.reduce((most, row) => Math.max(most, (row[column] ?? "").length), 0));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join("   ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
