import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes } from "./errorCodes";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
const rows = [...page.matchAll(/^\| `([A-Z0-9_]+)` +\| (.*?) +\| (.*?) +\|$/gm)];
const codes = errorCodes(join(root, "src"));

describe("docs/troubleshooting.md", () => {
  it("finds the codes of the sources in every form that they have", () => {
    for (const code of ["SEVERAL_PROBLEMS", "IMAGE_ESCAPES", "POD_WITHOUT_PULL_SECRET", "AZURE_REQUEST_FAILED"])
      expect([...codes.keys()]).toContain(code);
    // Names of variables and of settings are none.
    for (const other of ["HELM_CACHE_HOME", "FEATURE_PROXY_CACHE", "MODULE_NOT_FOUND"])
      expect([...codes.keys()]).not.toContain(other);
  });

  it("has a row for every code of the sources, and for no other", () => {
    const described = new Set(rows.map(([, code = ""]) => code));
    expect([...codes].filter(([code]) => !described.has(code))).toEqual([]);
    expect([...described].filter((code) => !codes.has(code))).toEqual([]);
  });

  it("says what each means and what to do", () => {
    for (const [, code, meaning = "", remedy = ""] of rows)
      expect([code, meaning.length > 5, remedy.length > 5]).toEqual([code, true, true]);
  });
});
