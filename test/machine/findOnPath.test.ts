import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOnPath } from "../../src/machine/findOnPath";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "find-on-path-"));
  for (const name of ["a", "b", "c"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "a", "saw"), "", { mode: 0o644 });
  mkdirSync(join(folder, "b", "saw"));
  writeFileSync(join(folder, "c", "saw"), "", { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = (...names: string[]): string => names.map((name) => join(folder, name)).join(":");

test("passes over files that are not executable and folders", () =>
  expect(findOnPath("saw", path("missing", "a", "b", "c"))).toBe(join(folder, "c", "saw")));

test.each([
  ["", "empty"],
  ["relative:.", "relative"],
])("finds nothing on the path %j", (path) => expect(findOnPath("saw", path)).toBeUndefined());
