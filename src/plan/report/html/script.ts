/**
 * The report's script: it sorts and filters tables that are whole without it. It reads texts and moves rows, and makes
 * nothing of what it reads.
 */
export const SCRIPT = `
"use strict";
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const worth = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.number === undefined ? cell.textContent.trim() : Number(cell.dataset.number);
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => {
        const [one, two] = [worth(a, column), worth(b, column)];
        return one < two ? -1 : one > two ? 1 : 0;
      });
      body.append(...(down ? rows.reverse() : rows));
    });
  });
  const label = document.createElement("label");
  label.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = table.dataset.sortable;
  input.setAttribute("aria-label", table.dataset.sortable);
  label.append(input);
  const shown = document.createElement("span");
  shown.className = "faint";
  shown.setAttribute("role", "status");
  label.append(" ", shown);
  table.parentElement.before(label);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(" ").filter(Boolean);
    let left = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) left += 1;
    }
    shown.textContent = words.length === 0 ? "" : left + " of " + body.rows.length;
  });
}
`;
