import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findHelm } from "../../src/machine/findHelm";

const folder = mkdtempSync(join(tmpdir(), "find-helm-"));
beforeAll(() => writeFileSync(join(folder, "helm"), "", { mode: 0o755 }));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ["on the PATH", { PATH: folder }, join(folder, "helm")],
  ["where HELM says", { HELM: "/opt/helm3", PATH: folder }, "/opt/helm3"],
  ["nowhere without a PATH", {}, undefined],
])("finds helm %s", (_, environment, expected) => expect(findHelm(environment)).toBe(expected));
