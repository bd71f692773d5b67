import * as pulumi from "@pulumi/pulumi";
import { readFile } from "node:fs/promises";
import yaml from "js-yaml";
import { MirrorError } from "../error";
import type { JsonObject } from "../json";

/** A values file that cannot be used. `code` is `INVALID_VALUES_FILE`. */
export class InvalidValuesFileError extends MirrorError {
  override readonly name = "InvalidValuesFileError";
  constructor(file: string, reason: string) {
    super(
      "INVALID_VALUES_FILE",
      `The values file ${file} cannot be read: ${reason}`,
      "Give YAML files with a map at the top",
    );
  }
}

/**
 * Reads `valueYamlFiles` and merges them as Helm does: maps are merged, everything else of a later file replaces.
 *
 * @throws {InvalidValuesFileError}
 */
export async function readValueFiles(
  files: readonly (pulumi.asset.Asset | pulumi.asset.Archive)[],
): Promise<JsonObject> {
  let merged: JsonObject = {};
  for (const file of files) {
    const [name, text] = await readAsset(file);
    let values: unknown;
    try {
      values = yaml.load(text) ?? {};
    } catch (error) {
      throw new InvalidValuesFileError(name, (error as Error).message);
    }
    if (typeof values !== "object" || Array.isArray(values))
      throw new InvalidValuesFileError(name, "its top is not a map");
    merged = mergeValues(merged, values as JsonObject);
  }
  return merged;
}

/** Values over values, as Helm merges files given with `-f`: a null above deletes nothing here, the chart sees it. */
export function mergeValues(below: JsonObject, above: JsonObject): JsonObject {
  const merged: JsonObject = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const previous = merged[key];
    merged[key] = isMap(previous) && isMap(value) ? mergeValues(previous, value) : value;
  }
  return merged;
}

async function readAsset(asset: pulumi.asset.Asset | pulumi.asset.Archive): Promise<[name: string, text: string]> {
  if (asset instanceof pulumi.asset.StringAsset) return ["(text)", await asset.text];
  if (asset instanceof pulumi.asset.FileAsset) {
    const path = await asset.path;
    try {
      return [path, await readFile(path, "utf8")];
    } catch (error) {
      throw new InvalidValuesFileError(path, (error as Error).message);
    }
  }
  throw new InvalidValuesFileError("(asset)", "only FileAsset and StringAsset are supported");
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
