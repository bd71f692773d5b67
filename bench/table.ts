/** A table in Markdown, as prettier writes it. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_, column) =>
    Math.max(3, ...[headings, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const lines = [headings, ...rows].map((row) => widths.map((width, column) => (row[column] ?? "").padEnd(width)));
  const [head = [], ...body] = lines;
  return [head, widths.map((width) => "-".repeat(width)), ...body]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
