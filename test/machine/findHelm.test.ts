import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findHelm } from "../../src/machine/findHelm";

describe("findHelm", () => {
  const folder = mkdtempSync(join(tmpdir(), "find-helm-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    for (const name of ["first", "second", "not-executable", "a-folder"]) mkdirSync(at(name));
    for (const name of ["first", "second"]) {
      writeFileSync(join(at(name), "helm"), "");
      chmodSync(join(at(name), "helm"), 0o755);
    }
    writeFileSync(join(at("not-executable"), "helm"), "", { mode: 0o644 });
    mkdirSync(join(at("a-folder"), "helm"));
  });

  it.each([
    ["the first on the PATH", { PATH: [at("first"), at("second")].join(delimiter) }, join(at("first"), "helm")],
    ["not a folder", { PATH: [at("a-folder"), at("second")].join(delimiter) }, join(at("second"), "helm")],
    ["the one that HELM names", { HELM: "/opt/helm3", PATH: at("first") }, "/opt/helm3"],
    ["none without a PATH", {}, undefined],
  ])("finds %s", (_, environment, expected) => expect(findHelm(environment)).toBe(expected));
});
