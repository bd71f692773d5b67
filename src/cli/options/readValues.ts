import { readFile } from "node:fs/promises";
import { MirrorError } from "../../error";
import { failureReason } from "../../files/fileError";
import { parseHelmYaml } from "../../chart/content/helmYaml";
import { isMap, mergeValues } from "../../chart/content/valuePaths";
import type { JsonObject } from "../../json";
import { applySet } from "./setValues";

/** A file of `--values` that cannot be used. `code` is `INVALID_VALUES_FILE`. */
export class ValuesFileError extends MirrorError {
  override readonly name = "ValuesFileError";
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super("INVALID_VALUES_FILE", `reading values from ${file} failed: ${reason}`, undefined, options);
  }
}

/** The values of `--values` files, the later ones over the earlier, with `--set` arguments over all. */
export async function readValues(files: readonly string[], sets: readonly string[]): Promise<JsonObject> {
  let values: JsonObject = {};
  for (const file of files) values = mergeValues(values, await readValuesFile(file));
  return sets.reduce(applySet, values);
}

async function readValuesFile(file: string): Promise<JsonObject> {
  let content;
  try {
    content = parseHelmYaml(await readFile(file, "utf8"));
  } catch (error) {
    throw new ValuesFileError(file, failureReason(error), { cause: error });
  }
  if (content === null) return {};
  if (!isMap(content)) throw new ValuesFileError(file, "it is no map of values");
  return content;
}
