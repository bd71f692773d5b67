/** A picture in light and dark: one file that a README can show as an image, so no script and no font of its own. */

/** Colours by role; a picture names roles, never colours. */
const PALETTES = {
  light: { paper: "#ffffff", ink: "#1f2328", faint: "#59636e", line: "#9aa4af", box: "#f6f8fa", strong: "#4d5bd9", good: "#1a7f37", bad: "#cf222e" }, // prettier-ignore
  dark: { paper: "#0d1117", ink: "#e6edf3", faint: "#9198a1", line: "#4d5661", box: "#161b22", strong: "#a5b0ff", good: "#3fb950", bad: "#ff7b72" }, // prettier-ignore
} as const;

export type Colour = keyof (typeof PALETTES)["light"];

const SANS = 'ui-sans-serif, -apple-system, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif';
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

const rules = (palette: Readonly<Record<Colour, string>>): string =>
  Object.entries(palette)
    .map(([role, colour]) => `.${role}{fill:${colour}}.${role}-line{stroke:${colour}}`)
    .join("");

/** Text as XML holds it. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character] ?? "&quot;");

/** A whole picture. `title` and `description` are what a screen reader says in its place. */
export function picture(
  size: { readonly width: number; readonly height: number },
  words: { readonly title: string; readonly description: string },
  body: readonly string[],
  style = "",
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(words.title)}</title>`,
    `<desc id="description">${escaped(words.description)}</desc>`,
    `<style>${rules(PALETTES.light)}@media (prefers-color-scheme: dark){${rules(PALETTES.dark)}}`,
    `text{font-family:${SANS};font-size:14px}.mono{font-family:${MONO};font-size:12.5px}.small{font-size:12px}.big{font-size:16px;font-weight:600}.strong-text{font-weight:600}${style}</style>`,
    `<rect class="paper" width="${size.width}" height="${size.height}" rx="8"/>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

/** A text at a point; `classes` are roles and sizes. */
export const text = (x: number, y: number, content: string, classes: string, anchor = "middle"): string =>
  `<text x="${x}" y="${y}" class="${classes}" text-anchor="${anchor}">${escaped(content)}</text>`;

/** A box with round corners. */
export const box = (
  x: number,
  y: number,
  width: number,
  height: number,
  line: Colour = "line",
  fill: Colour = "box",
): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="7" class="${fill} ${line}-line" stroke-width="1.5"/>`;

/** A box with a name and a line about it in its middle. */
export function card(
  [x, y, width, height]: readonly [number, number, number, number],
  name: string,
  about: string,
  line: Colour = "line",
  fill: Colour = "box",
): string {
  const middle = x + width / 2;
  const base = y + height / 2;
  const first = text(middle, about === "" ? base + 5 : base - 3, name, `${line === "line" ? "ink" : line} strong-text`);
  return [box(x, y, width, height, line, fill), first, ...(about === "" ? [] : [text(middle, base + 16, about, "small faint")])].join(""); // prettier-ignore
}

/** An arrow along points; the last one is its head. */
export function arrow(points: readonly (readonly [number, number])[], line: Colour = "line", dashed = false): string {
  const [x, y] = points.at(-1) as readonly [number, number];
  const [fromX, fromY] = points.at(-2) as readonly [number, number];
  const angle = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  const way = points.map(([px, py], index) => `${index === 0 ? "M" : "L"}${px} ${py}`).join("");
  return [
    `<path d="${way}" class="${line}-line" fill="none" stroke-width="1.8"${dashed ? ' stroke-dasharray="5 5"' : ""}/>`,
    `<path d="M0 0L-9 -4.5L-9 4.5Z" class="${line}" transform="translate(${x} ${y}) rotate(${angle})"/>`,
  ].join("");
}
