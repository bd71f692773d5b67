import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../json";

/** This package as its `package.json` names it. */
export function thisPackage(): { readonly name: string; readonly version: string; readonly homepage?: string } {
  // `dist/machine` and `src/machine` alike stand two folders below the package.
  const text = readFileSync(join(__dirname, "../../package.json"), "utf8");
  return parseJson(text) as ReturnType<typeof thisPackage>;
}

/** This package and its version, as files that it writes name it: `pulumi-chart-mirror 0.1.0`. */
export function toolVersion(): string {
  const { name, version } = thisPackage();
  return `${name} ${version}`;
}
