import { readFileSync } from "node:fs";
import { join } from "node:path";

/** This package and its version, as files that it writes name it: `pulumi-chart-mirror 0.1.0`. */
export function toolVersion(): string {
  // `dist/machine` and `src/machine` alike stand two folders below the package.
  const { name, version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  return `${name} ${version}`;
}
