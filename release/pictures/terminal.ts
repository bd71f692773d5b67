import { escaped, picture, type Colour } from "./svg";

/** What a program wrote, and when. */
export interface Line {
  /** Milliseconds since the program began. */
  readonly at: number;
  /** One line, with the escape sequences of its colours. */
  readonly text: string;
}

const COLUMNS = 116;
const ROWS = 28;
const ROW = 17;
const CELL = 7.53;
const MARGIN = 18;
/** Nobody watches a program wait. */
const LONGEST_PAUSE = 1200;
/** How long a line is looked at before what comes next may push it away. */
const LOOK = 90;
const LONGEST_LOOK = 4000;
/** How long the last screen stays before it begins anew. */
const END = 6000;

/** Colours of a terminal (ECMA-48, SGR) as roles of a picture: what it says matters, not which of 16 it was. */
const ROLES: Readonly<Record<string, Colour>> = {
  "31": "bad",
  "91": "bad",
  "38;5;1": "bad",
  "38;5;9": "bad",
  "32": "good",
  "92": "good",
  "38;5;2": "good",
  "38;5;10": "good",
  "90": "faint",
  "2": "faint",
  "38;5;8": "faint",
};

/** Escape, `[`, numbers, `m`. */
const SGR = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`);

/** A line as runs of one colour each, cut to the width of the terminal. */
function runs(line: string): { role: Colour; bold: boolean; text: string }[] {
  const found: { role: Colour; bold: boolean; text: string }[] = [];
  let [role, bold, room]: [Colour, boolean, number] = ["ink", false, COLUMNS];
  // Escape sequences stand at the odd places of what they divide.
  line.split(SGR).forEach((part, index) => {
    if (index % 2 === 1) {
      if (part === "" || part === "0") [role, bold] = ["ink", false];
      else if (part === "1") bold = true;
      else role = ROLES[part] ?? (/^(?:3[3-6]|9[3-6]|38;5;\d+)$/.test(part) ? "strong" : role);
    } else if (part !== "" && room > 0) {
      const shown = part.length > room ? `${part.slice(0, room - 1)}…` : part;
      room -= part.length;
      found.push({ role, bold, text: shown });
    }
  });
  return found;
}

const drawn = (line: string, row: number): string =>
  `<text x="${MARGIN}" y="${(row + 1) * ROW}" class="mono" xml:space="preserve">${runs(line)
    .map(({ role, bold, text }) => `<tspan class="${role}${bold ? " bold" : ""}">${escaped(text)}</tspan>`)
    .join("")}</text>`;

/** Lines that came together, with waits cut short and time to read: what one step of the animation shows. */
function steps(lines: readonly Line[]): { at: number; lines: readonly string[] }[] {
  const found: { at: number; lines: string[] }[] = [];
  let [before, now] = [0, 400];
  for (const { at, text } of lines) {
    const pause = Math.min(at - before, LONGEST_PAUSE);
    before = at;
    const last = found.at(-1);
    if (last !== undefined && pause < 60) last.lines.push(text);
    else {
      now += Math.max(pause, Math.min(LOOK * (last?.lines.length ?? 0), LONGEST_LOOK));
      found.push({ at: now, lines: [text] });
    }
  }
  return found;
}

/**
 * What a program printed, as an animated picture of a terminal. Who asks for reduced motion, or shows no animations, gets
 * the last screen.
 */
export function terminal(command: string, lines: readonly Line[], description: string): string {
  const shown = [{ at: 0, lines: [`\u001b[90m$\u001b[0m \u001b[1m${command}\u001b[0m`] }, ...steps(lines)];
  const length = (shown.at(-1)?.at ?? 0) + END;
  const percent = (at: number): string => `${((100 * at) / length).toFixed(2)}%`;
  let row = 0;
  const scrolls: { at: number; by: number }[] = [{ at: 0, by: 0 }];
  const style: string[] = [];
  const body = shown.map(({ at, lines: together }, index) => {
    const texts = together.map((line) => drawn(line, row++));
    scrolls.push({ at, by: Math.max(0, row - ROWS) * ROW });
    style.push(`@keyframes s${index}{0%{visibility:hidden}${percent(at)},100%{visibility:visible}}`);
    style.push(`.s${index}{animation:s${index} ${length}ms infinite steps(1,end)}`);
    return index === 0 ? texts.join("\n") : `<g class="s${index}">${texts.join("\n")}</g>`;
  });
  const rolls = scrolls.map(({ at, by }) => `${percent(at)}{transform:translateY(-${by}px)}`).join("");
  const end = scrolls.at(-1)?.by ?? 0;
  const size = { width: Math.ceil(COLUMNS * CELL) + 2 * MARGIN, height: ROWS * ROW + 2 * MARGIN };
  return picture(
    size,
    { title: command, description },
    [
      `<clipPath id="screen"><rect x="0" y="${MARGIN}" width="${size.width}" height="${ROWS * ROW + 4}"/></clipPath>`,
      `<g clip-path="url(#screen)"><g transform="translate(0 ${MARGIN})"><g class="roll">`,
      ...body,
      "</g></g></g>",
    ],
    [
      `.roll{transform:translateY(-${end}px);animation:roll ${length}ms infinite steps(1,end)}@keyframes roll{${rolls}100%{transform:translateY(-${end}px)}}`,
      ".bold{font-weight:700}",
      ...style,
      "@media (prefers-reduced-motion: reduce){*{animation:none!important}}",
    ].join(""),
  );
}
