/** One way to install and run the package. */
export interface Cell {
  readonly layout: Layout;
  readonly node: 20 | 22 | 24;
  readonly program: "ts" | "js" | "esm";
  /** The lowest versions of Pulumi's SDKs that the package takes, in place of the checkout's own. */
  readonly lowest?: true;
}

const layouts = {
  npm: { manager: "npm" },
  "npm workspace": { manager: "npm", workspace: true },
  pnpm: { manager: "pnpm" },
  /** The program depends on a package that depends on this one, which pnpm does not put where the program looks. */
  "pnpm transitive": { manager: "pnpm", transitive: true },
  "pnpm workspace": { manager: "pnpm", workspace: true },
  "yarn classic": { manager: "yarn-classic" },
  "yarn classic workspace": { manager: "yarn-classic", workspace: true },
  /** With `nodeLinker: node-modules`; Pulumi does not run from Plug'n'Play archives. */
  "yarn berry": { manager: "yarn-berry" },
} as const;

export type Layout = keyof typeof layouts;

export function layoutOf({ layout }: Cell): {
  manager: (typeof layouts)[Layout]["manager"];
  transitive?: boolean;
  workspace?: boolean;
} {
  return layouts[layout];
}

const nodes = [20, 22, 24] as const;
const programs = ["ts", "js", "esm"] as const;

/** Every layout on every Node.js; the kinds of programs take turns, so that each layout and each Node.js sees all. */
export const cells: readonly Cell[] = (Object.keys(layouts) as Layout[]).flatMap((layout, row) =>
  nodes.map((node, column) => ({ layout, node, program: programs[(row + column) % programs.length] ?? "ts" })),
);

/** Where the SDKs are old. */
export const oldest: Cell = { layout: "npm", node: 20, program: "ts", lowest: true };
