/** The package as its users install it: every package manager, on every Node.js, for every kind of program. */
import { cells, oldest } from "./cells";
import { packPackage, type PackedPackage } from "./consumer";
import { walk } from "./walk";

jest.setTimeout(900_000);

let packed: PackedPackage;
beforeAll(async () => void (packed = await packPackage()));
afterAll(() => packed.dispose());

it.each(cells.map((cell) => [cell.layout, cell.node, cell.program, cell] as const))(
  "%s, Node.js %d, %s: preview, up, up, destroy",
  (_layout, _node, _program, cell) => walk(cell, packed),
);

it("the lowest versions of the SDKs: preview, up, up, destroy", () => walk(oldest, packed));
